"""Access tokens that can't be taken for a person's (RFC 9068 section 2).

`sub` is the client's id, as RFC 9068 section 2.2 asks, and might be a person's elsewhere; so the token also
says which grant it is for and what its subject is (RFC 9700 section 4.15: other means to tell the two kinds
apart). Both come from here, never from what a client sent or calls itself.
"""

from dataclasses import dataclass, field
from typing import Final

from policy_engine.authserver.grant import Grant
from policy_engine.jose import SigningKey, sign
from policy_engine.model.claims import CLIENT_CREDENTIALS, GRANT_CLAIM, PROFILE_CLAIM

__all__ = ["AT_JWT", "IssuedToken", "issue_token"]

AT_JWT: Final = "at+jwt"
"""The header type of an access token (RFC 9068 section 2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A signed access token.

    Attributes:
        compact: the token.
        jti: its id.
        kid: the key that signed it.
        expires_in: seconds that it lasts.
        expires_at: seconds since the epoch.
    """

    compact: str = field(repr=False)
    jti: str
    kid: str
    expires_in: int
    expires_at: int


def issue_token(grant: Grant, *, issuer: str, key: SigningKey, now: float, jti: str) -> IssuedToken:
    """Make the token for a grant.

    Args:
        grant: who gets what.
        issuer: the issuer identifier.
        key: what signs.
        now: seconds since the epoch.
        jti: an id of at least 128 random bits.

    Raises:
        JoseError: it can't be signed.
    """
    client, issued_at = grant.client, int(now)
    expires_at = issued_at + client.access_token_ttl
    claims = {
        "iss": issuer,
        "aud": grant.resource,
        "exp": expires_at,
        "iat": issued_at,
        "nbf": issued_at,
        "jti": jti,
        "client_id": client.client_id,
        "sub": client.client_id,
        "scope": " ".join(grant.scopes),
        GRANT_CLAIM: CLIENT_CREDENTIALS,
        PROFILE_CLAIM: client.category,
    }
    return IssuedToken(
        compact=sign(claims, key, typ=AT_JWT),
        jti=jti,
        kid=key.kid,
        expires_in=client.access_token_ttl,
        expires_at=expires_at,
    )
