"""Where an issuer's keys come from: the port, and the source that needs no network."""

from typing import Protocol

from policy_engine.errors import JoseError, TokenError
from policy_engine.jose import KeySet, refuse_secrets
from policy_engine.tokens.fetching import Steps

__all__ = ["KeySource", "NoKeys", "StaticKeys"]


class KeySource(Protocol):
    """Gives the public keys of one issuer; safe to call from many threads at once."""

    def keys(self, kid: str | None, /) -> Steps[KeySet]:
        """The keys now; the same object as long as they don't change.

        Args:
            kid: the name of the key that is wanted; a source may look for it anew.

        Raises:
            TokenError: `keys_unavailable`.
        """
        ...

    def current(self, kid: str | None, /) -> KeySet | None:
        """The keys, where `keys` would give them without any step; None where it would ask for them."""
        ...


class StaticKeys:
    """Keys that the operator wrote down; they change with the configuration.

    Args:
        jwks: a JWK Set, as JSON gives it.

    Raises:
        JoseError: `unusable_key`: it isn't a set, holds a secret, or no key that could verify a token.
    """

    def __init__(self, jwks: object) -> None:
        refuse_secrets(jwks)
        self._keys = KeySet.from_jwks(jwks)
        if not self._keys.keys:
            raise JoseError("unusable_key", "no key of the set can verify a token", detail="no_usable_key")

    def keys(self, _kid: str | None, /) -> Steps[KeySet]:
        """The keys; nothing is fetched."""
        yield from ()
        return self._keys

    def current(self, _kid: str | None, /) -> KeySet | None:
        """The keys, always."""
        return self._keys


class NoKeys:
    """No keys at all: for looking at tokens where the issuer's aren't at hand. Verifies nothing."""

    def keys(self, _kid: str | None, /) -> Steps[KeySet]:
        """Nothing.

        Raises:
            TokenError: `keys_unavailable`, always.
        """
        yield from ()
        raise TokenError("keys_unavailable", "keys were left out", detail="no_keys")

    def current(self, _kid: str | None, /) -> KeySet | None:
        """None, always."""
        return None
