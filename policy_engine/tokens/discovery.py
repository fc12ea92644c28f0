"""Find an issuer's key set, and read it: RFC 8414, OpenID Connect Discovery 1.0, RFC 7517.

Metadata is believed about the issuer that it names, and only where that is the one that was asked for
(RFC 8414 section 3.3); an address in it may not lead away from the issuer's own host, since whoever could
change one line of the metadata could otherwise choose the keys.
"""

from typing import Any

from policy_engine.errors import JoseError, TokenError
from policy_engine.jose import KeySet
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens.fetching import MAX_BODY_BYTES, Fetch, FetchFailed, Steps
from policy_engine.tokens.urls import parse_url, well_known_urls

__all__ = [
    "fetch_document",
    "find_jwks_uri",
    "find_metadata",
    "parse_key_set",
    "trusted_address",
    "unavailable",
]

_OK = 200


def unavailable(detail: str, note: str) -> TokenError:
    """Keys can't be had; `detail` says why."""
    return TokenError("keys_unavailable", note, detail=detail)


def find_jwks_uri(issuer: str) -> Steps[str]:
    """Ask an issuer where its keys are.

    Raises:
        TokenError: `keys_unavailable` (see `find_metadata`, and `untrusted_jwks_uri`).
    """
    metadata = yield from find_metadata(issuer)
    written = metadata.get("jwks_uri")
    found = trusted_address(written, issuer)
    if written is None:
        raise unavailable("untrusted_jwks_uri", "the metadata name no `jwks_uri`")
    if parse_url(written) is None:
        raise unavailable("untrusted_jwks_uri", "the metadata's `jwks_uri` isn't a URL")
    if found is None:
        raise unavailable("untrusted_jwks_uri", "the metadata's `jwks_uri` isn't on the issuer's host")
    return found


def find_metadata(issuer: str) -> Steps[dict[str, Any]]:
    """Ask an issuer for its metadata.

    Raises:
        TokenError: `keys_unavailable` (`fetch_failed`, `http_status`, `not_json`, `issuer_mismatch`).
    """
    problem = unavailable("http_status", "the issuer publishes no metadata")
    for url in well_known_urls(issuer):
        try:
            metadata = parse_object((yield from fetch_document(url)))
        except TokenError as error:
            if error.detail == "fetch_failed":
                raise  # the same host wouldn't answer at another path either
            problem = _worse(problem, error)
            continue
        if metadata.get("issuer") == issuer:
            return metadata
        problem = unavailable("issuer_mismatch", "the metadata are of another issuer")
    raise problem


def fetch_document(url: str) -> Steps[bytes]:
    """GET a document.

    Raises:
        TokenError: `keys_unavailable` (`fetch_failed`, `http_status`).
    """
    result = yield Fetch(url)
    if isinstance(result, FetchFailed):
        raise unavailable("fetch_failed", f"{_host(url)} didn't answer: {result}")
    if result.status != _OK:
        raise unavailable("http_status", f"{_host(url)} answered with status {result.status}")
    if len(result.body) > MAX_BODY_BYTES:
        raise unavailable("fetch_failed", f"{_host(url)} didn't answer: too_large")
    return result.body


def _host(url: str) -> str:
    """Who was asked: keys may be elsewhere than their issuer, and only one of the two may be ill."""
    found = parse_url(url)
    if found is None:
        return "the issuer"
    return f"`{found.host}`" if found.default_port else f"`{found.host}:{found.port}`"


def parse_key_set(body: bytes) -> KeySet:
    """Read a JWK Set; it may hold no usable key, which is the issuer's to say.

    Raises:
        TokenError: `keys_unavailable` (`not_json`, `not_a_key_set`).
    """
    document = parse_object(body)
    try:
        return KeySet.from_jwks(document)
    except JoseError as error:
        raise unavailable("not_a_key_set", error.note) from None


def parse_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        TokenError: `keys_unavailable` (`not_json`).
    """
    try:
        document = parse(body)
    except JsonError as error:
        raise unavailable("not_json", f"the issuer's document isn't strict JSON: {error.code}") from None
    if not isinstance(document, dict):
        raise unavailable("not_json", "the issuer's document isn't a JSON object")
    return document


def trusted_address(address: object, issuer: str) -> str | None:
    """An address that metadata name, if it is on the issuer's own host."""
    found, home = parse_url(address), parse_url(issuer)
    if not isinstance(address, str) or found is None or home is None or found.origin != home.origin:
        return None
    return address


def _worse(known: TokenError, new: TokenError) -> TokenError:
    """Keep what tells the operator most: a document of the wrong kind rather than none."""
    return new if known.detail == "http_status" else known
