"""The client's side: an assertion that `private_key_jwt` takes (RFC 7523 section 3, RFC 7523bis)."""

import secrets
from collections.abc import Callable
from typing import Final

from policy_engine.jose import SigningKey, sign

__all__ = ["client_assertion"]

_LIFETIME: Final = 60
"""Seconds; an assertion is used at once."""

_JTI_BYTES: Final = 24


def client_assertion(
    client_id: str,
    audience: str,
    key: SigningKey,
    now: float,
    *,
    lifetime: int = _LIFETIME,
    new_jti: Callable[[], str] = lambda: secrets.token_urlsafe(_JTI_BYTES),
) -> str:
    """Make an assertion, to be used once.

    Args:
        client_id: who the client is.
        audience: the issuer identifier of the authorization server, not the URL of its token endpoint.
        key: the private half of a key that the client registered.
        now: seconds since the epoch.
        lifetime: seconds that it can be used.
        new_jti: makes its id.

    Raises:
        JoseError: it can't be signed.
    """
    issued_at = int(now)
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + lifetime,
        "jti": new_jti(),
    }
    return sign(claims, key, typ="client-authentication+jwt")
