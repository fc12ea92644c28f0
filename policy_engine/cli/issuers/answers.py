"""What an issuer publishes, its metadata and its keys; and what is wrong with them, in an operator's words.

All that it writes is a stranger's: it is shown only where no terminal could take it for a command.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from policy_engine.cli.inspection.wording import shown
from policy_engine.cli.issuers.patience import PatientFetcher
from policy_engine.errors import ConfigError, TokenError
from policy_engine.jose import KeySet
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens import Fetcher, Issuer, drive, find_metadata, parse_url

__all__ = ["UNUSABLE", "described", "fitting", "keys_elsewhere", "published_keys", "published_metadata"]

UNUSABLE: Final = "issuer_unusable"
"""The code of an error that is the issuer's, not the configuration's."""

_MOST_KEYS: Final = 6

_REMEDIES: Mapping[str | None, str] = {
    "fetch_failed": "see that it can be reached from here",
    "http_status": "no redirect is followed; see what is at its address",
    "not_json": "see whether something else answers at its address",
    "not_a_key_set": "see whether something else answers at that address",
    "untrusted_jwks_uri": "where its keys are meant to be elsewhere, write `keys: {uri: …}`",
}


def published_metadata(issuer: str, fetcher: PatientFetcher) -> Mapping[str, Any]:
    """What an issuer says of itself; it names exactly this issuer.

    Raises:
        ConfigError: `issuer_unusable`: it doesn't say it, or something answers that isn't this issuer.
    """
    try:
        return drive(find_metadata(issuer), fetcher)
    except TokenError as error:
        if error.detail != "issuer_mismatch":
            raise _explained(error) from None
        raise _mismatch(issuer, _named(fetcher)) from None


def published_keys(issuer: Issuer, fetcher: Fetcher) -> KeySet:
    """An issuer's keys, from where the engine would have them.

    Raises:
        ConfigError: `issuer_unusable`.
    """
    try:
        return drive(issuer.keys.keys(None), fetcher)
    except TokenError as error:
        raise _explained(error) from None


def keys_elsewhere(issuer: str, metadata: Mapping[str, Any], *, development: bool) -> str | None:
    """The address of the keys, where that isn't on the issuer's own host.

    Raises:
        ConfigError: `issuer_unusable`: there is none, or none that may be fetched.
    """
    uri = metadata.get("jwks_uri")
    found, home = parse_url(uri), parse_url(issuer)
    if not isinstance(uri, str) or found is None or home is None:
        raise ConfigError(
            "its metadata don't say where its keys are"
            if uri is None
            else "its metadata's `jwks_uri` isn't a URL",
            remedy="give --keys-uri or --keys-file",
            code=UNUSABLE,
        )
    if found.origin == home.origin:
        return None
    if not found.may_be_fetched(allow_loopback_http=development):
        raise ConfigError(
            f"its metadata say that its keys are at `{shown(uri)}`, which isn't https",
            remedy="give --keys-uri or --keys-file",
            code=UNUSABLE,
        )
    return uri


def fitting(keys: KeySet, algorithms: Collection[str]) -> KeySet:
    """Those keys that could prove a token by one of the algorithms.

    Raises:
        ConfigError: `issuer_unusable`: there is none.
    """
    fit = tuple(key for key in keys.keys if not key.algorithms.isdisjoint(algorithms))
    if fit:
        return KeySet(fit)
    known = ", ".join(sorted(algorithms))
    if not keys.keys:
        problem, remedy = "its key set has no usable key", "see what is published there"
    else:
        theirs = ", ".join(sorted({name for key in keys.keys for name in key.algorithms}))
        count = len(keys.keys)
        problem = f"no key of the {count} in its set goes with the algorithms {known}: they are for {theirs}"
        remedy = "see whether the profile is the right one"
    raise ConfigError(problem, remedy=remedy, code=UNUSABLE)


def described(keys: KeySet, algorithms: Collection[str]) -> str:
    """How many keys there are, for what, and what they are called."""
    names = [
        f"{shown(key.kid) if key.kid is not None else 'no kid'}: {_for(key.algorithms, algorithms)}"
        for key in keys.keys[:_MOST_KEYS]
    ]
    more = len(keys.keys) - len(names)
    rest = f"; and {more} more" if more else ""
    return f"{len(keys.keys)} usable ({'; '.join(names)}{rest})"


def _for(theirs: Collection[str], algorithms: Collection[str]) -> str:
    return "/".join(sorted(set(theirs) & set(algorithms)))


def _mismatch(issuer: str, named: object) -> ConfigError:
    if isinstance(named, str) and named.rstrip("/") == issuer.rstrip("/"):
        return ConfigError(
            f"its metadata name the issuer `{shown(named)}`, which differs by the slash at the end",
            remedy=f"`iss` is compared exactly, so write `{shown(named)}`",
            code=UNUSABLE,
        )
    return ConfigError(
        f"its metadata are of another issuer: `{shown(named)}`",
        remedy="write what its tokens have for `iss`, to the last character",
        code=UNUSABLE,
    )


def _named(fetcher: PatientFetcher) -> object:
    """The issuer that the last of its documents names."""
    named: object = None
    for body in fetcher.bodies():
        with suppress(JsonError):
            document = parse(body)
            named = document.get("issuer", named) if isinstance(document, dict) else named
    return named


def _explained(error: TokenError) -> ConfigError:
    return ConfigError(error.note, remedy=_REMEDIES.get(error.detail, ""), code=UNUSABLE)
