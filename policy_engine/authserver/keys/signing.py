"""The keys that sign access tokens; they are used for nothing else (RFC 8725 section 3.12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from policy_engine.authserver.web import HttpResponse, json_response
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey

__all__ = ["MAX_AGE", "SigningKeys", "StaticKeys", "jwks_response"]

_PUBLISHED: Final = ("kty", "crv", "n", "e", "x", "y", "alg", "kid", "use")
"""Members of a published key; what isn't listed stays inside, whatever a key source hands out."""

MAX_AGE: Final = 300
"""Seconds that others may keep the published keys; a new key has to be published so long before it signs."""


class SigningKeys(Protocol):
    """Where the server's keys are."""

    def active(self) -> SigningKey:
        """The key to sign with now.

        Raises:
            PolicyEngineError: there is none; the request is then answered 503, without a token.
        """
        ...

    def published(self) -> tuple[Mapping[str, Any], ...]:
        """The public JWKs of all keys that tokens in use may be signed with, the active one among them.

        Raises:
            PolicyEngineError: they can't be had now; the request is answered 503.
        """
        ...


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """Keys that stay the same as long as the server runs.

    Attributes:
        signing: the key that signs.
        others: keys that are published with it.
    """

    signing: SigningKey
    others: tuple[SigningKey, ...] = ()

    def __post_init__(self) -> None:
        """Check that each key can be told from the others."""
        kids = [key.kid for key in (self.signing, *self.others)]
        if len(set(kids)) != len(kids):
            raise ConfigError("two signing keys share a kid", remedy="give each its own", code="signing_keys")

    def active(self) -> SigningKey:
        """The key that signs."""
        return self.signing

    def published(self) -> tuple[Mapping[str, Any], ...]:
        """The public JWKs of all keys."""
        return tuple(MappingProxyType(key.public_jwk()) for key in (self.signing, *self.others))


def jwks_response(keys: SigningKeys) -> HttpResponse:
    """The JWK Set document (RFC 7517 section 5)."""
    jwks = [{name: jwk[name] for name in _PUBLISHED if name in jwk} for jwk in keys.published()]
    return json_response(200, {"keys": jwks}, (("Cache-Control", f"public, max-age={MAX_AGE}"),))
