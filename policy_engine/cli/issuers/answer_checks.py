"""Checks of one issuer that ask it: its metadata, its keys, its introspection endpoint."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.cli.inspection.wording import shown
from policy_engine.cli.issuers.answers import described, fitting, published_keys, published_metadata
from policy_engine.cli.issuers.check_lines import Line, Outcome
from policy_engine.cli.issuers.patience import PatientFetcher
from policy_engine.cli.issuers.trial import verified_issuer
from policy_engine.config import LoadedConfig
from policy_engine.errors import ConfigError
from policy_engine.tokens import Fetch, FetchFailed, parse_url

__all__ = ["answer_lines"]

_GONE = frozenset({404, 410})
_SERVER_FAULT = 500


def answer_lines(loaded: LoadedConfig, name: str, fetcher: PatientFetcher | None) -> Iterator[Line]:
    """Every line.

    Args:
        loaded: the configuration.
        name: the issuer.
        fetcher: asks it; None asks nobody, and only files are read.
    """
    configured = loaded.config.issuers[name]
    uri = None if configured.keys is None else configured.keys.uri
    from_metadata = configured.keys is None and configured.development_key is None
    endpoint = configured.introspection
    if fetcher is None:
        asked = uri is not None or from_metadata
        yield _skipped("keys", "not asked for (--offline)") if asked else _keys(loaded, name, None)
        if endpoint is not None:
            yield _introspection(loaded, name, None, None)
        return
    metadata: Mapping[str, Any] | None = None
    needed = from_metadata or (endpoint is not None and endpoint.uri is None)
    if needed or (uri is not None and parse_url(configured.issuer) is not None):
        try:
            metadata = published_metadata(configured.issuer, fetcher)
        except ConfigError as error:
            unneeded = f"{error.problem}; they aren't needed, since `keys.uri` says where its keys are"
            yield Line.of_error("metadata", error) if needed else _skipped("metadata", unneeded)
        else:
            yield Line(check="metadata", outcome=Outcome.ok, text="they name exactly this issuer")
    if from_metadata and metadata is None:
        yield _skipped("keys", "without its metadata, nobody knows where they are")
    else:
        yield _keys(loaded, name, fetcher)
    if metadata is not None and uri is not None:
        yield from _moved(metadata, uri)
    if endpoint is not None:
        yield _introspection(loaded, name, fetcher, metadata)


def _keys(loaded: LoadedConfig, name: str, fetcher: PatientFetcher | None) -> Line:
    try:
        issuer = verified_issuer(loaded, name, introspection=None)
        algorithms = issuer.rules.algorithms
        # Where nobody is to be asked, the keys are in a file.
        keys = fitting(published_keys(issuer, fetcher or PatientFetcher()), algorithms)
    except ConfigError as error:
        return Line.of_error("keys", error)
    return Line(check="keys", outcome=Outcome.ok, text=described(keys, algorithms))


def _moved(metadata: Mapping[str, Any], uri: str) -> Iterator[Line]:
    """Keys that the operator's file has at one place, and the issuer at another."""
    said = metadata.get("jwks_uri")
    if said is not None and said != uri:
        yield Line(
            check="keys",
            outcome=Outcome.warning,
            text=f"its metadata say that they are at `{shown(said)}`, and `keys.uri` is another address",
            remedy="see whether they have moved",
        )


def _introspection(
    loaded: LoadedConfig, name: str, fetcher: PatientFetcher | None, metadata: Mapping[str, Any] | None
) -> Line:
    """Whether somebody answers where opaque tokens would be sent; none is."""
    check = "introspection"
    try:
        verified_issuer(loaded, name)  # our credentials are there
    except ConfigError as error:
        return Line.of_error(check, error)
    if fetcher is None:
        return _skipped(check, "our credentials are there; nobody is asked (--offline)")
    configured = loaded.config.issuers[name]
    uri = None if configured.introspection is None else configured.introspection.uri
    if uri is None:
        if metadata is None:
            return _skipped(check, "without its metadata, nobody knows where it would be asked")
        uri = metadata.get("introspection_endpoint")
        found, home = parse_url(uri), parse_url(configured.issuer)
        if not isinstance(uri, str) or found is None or home is None or found.origin != home.origin:
            return Line(
                check=check,
                outcome=Outcome.failed,
                text="its metadata name no introspection endpoint on its own host",
                remedy="where it is meant to be asked elsewhere, write `introspection.uri`",
            )
    return _answering(check, uri, fetcher)


def _answering(check: str, uri: str, fetcher: PatientFetcher) -> Line:
    result = fetcher.fetch(Fetch(uri))
    if isinstance(result, FetchFailed):
        return Line(check=check, outcome=Outcome.failed, text=f"`{_place(uri)}` doesn't answer: {result}")
    if result.status in _GONE:
        text = f"nothing is at `{_place(uri)}`: it answers with status {result.status}"
        return Line(check=check, outcome=Outcome.failed, text=text)
    outcome = Outcome.warning if result.status >= _SERVER_FAULT else Outcome.ok
    text = f"`{_place(uri)}` answers (status {result.status}; neither token nor credentials were sent)"
    return Line(check=check, outcome=outcome, text=text)


def _place(uri: str) -> str:
    """An address without its query, which may hold a secret."""
    return shown(uri.partition("?")[0])


def _skipped(check: str, text: str) -> Line:
    return Line(check=check, outcome=Outcome.skipped, text=text)
