"""Which signed tokens are access tokens at all: ID tokens, logout tokens and assertions are signed too.

An issuer signs all of them with the same keys, so no signature tells them apart (RFC 8725 section 2.8).
"""

from collections.abc import Mapping
from typing import Any

from policy_engine.errors import MappingError
from policy_engine.mapper.language import ClaimPath, Root

__all__ = ["OTHER_CLASSES", "TYP", "check_class", "media_type"]

TYP = ClaimPath(("typ",), Root.HEADER)
"""The header's type, which `media_type` reads."""

_ACCESS_TOKEN = "at+jwt"  # noqa: S105 -- a media type (RFC 9068 section 2.1)

OTHER_CLASSES = frozenset(
    {
        "client-authentication+jwt",  # RFC 7523bis: a client's own assertion
        "dpop+jwt",  # RFC 9449
        "logout+jwt",  # OpenID Connect Back-Channel Logout
        "oauth-authz-req+jwt",  # RFC 9101
        "oauth-id-jag+jwt",  # identity assertion authorization grant: for an authorization server, not for us
        "secevent+jwt",  # RFC 8417
        "token-introspection+jwt",  # RFC 9701
    }
)
"""Header types that never mark an access token; no profile may allow them."""

_MARKS = ("nonce", "at_hash", "c_hash", "s_hash", "events")
"""Claims of ID tokens (OpenID Connect Core) and of security events (RFC 8417), not of access tokens."""


def media_type(typ: str) -> str:
    """A header's `typ` in the form that is compared (RFC 7515 section 4.1.9): small, less `application/`."""
    return typ.lower().removeprefix("application/")


def check_class(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    *,
    allowed: frozenset[str | None],
    id_tokens_allowed: bool,
    typ_required: bool = True,
) -> str | None:
    """Check that a token is an access token, and return its header's `typ`.

    Args:
        header: the token's header.
        claims: the token's claims.
        allowed: header types that the issuer's access tokens have.
        id_tokens_allowed: whether they bear the marks of ID tokens.
        typ_required: whether there is a header at all: what introspection says has none.

    Raises:
        MappingError: it isn't (`invalid_token_type`, with `typ` or `token_class`).
    """
    written = header.get("typ")
    typ = media_type(written) if isinstance(written, str) else None
    if typ in OTHER_CLASSES:
        raise _refusal("token_class", "the header's `typ` isn't that of an access token")
    if typ_required and (typ not in allowed or (typ is None and "typ" in header)):
        raise _refusal("typ", "the header's `typ` isn't one that this issuer's access tokens have")
    if typ != _ACCESS_TOKEN and not id_tokens_allowed:
        for mark in _MARKS:
            if mark in claims:
                raise _refusal("token_class", f"`{mark}` marks another class of token")
    return typ


def _refusal(detail: str, note: str) -> MappingError:
    return MappingError("invalid_token_type", note, detail=detail, evidence=(note,))
