"""Signing keys as they are stored: the private half sealed, and nothing else of them believed.

Who can write the database but hasn't the encryption key can't add a key: what is published comes out of what
was sealed, never from the public half that stands beside it.
"""

from dataclasses import replace
from typing import Any

from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import Sealer, SigningKey
from policy_engine.model.stored import KeyState, StoredKey
from policy_engine.model.strict_json import dumps, parse

__all__ = ["Vault"]


class Vault:
    """Makes keys, and opens them.

    Args:
        sealer: seals the private halves.
    """

    __slots__ = ("_sealer",)

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def make(self, algorithm: str, state: KeyState, *, now: float, activates_at: float) -> StoredKey:
        """Make a new key, named by its thumbprint (RFC 7638).

        Raises:
            JoseError: `unsupported_algorithm`.
        """
        key = SigningKey.generate(algorithm)
        while key.kid.startswith("-"):  # a command line would take it for an option
            key = SigningKey.generate(algorithm)
        return StoredKey(
            kid=key.kid,
            algorithm=algorithm,
            state=state,
            public_jwk=key.public_jwk(),
            sealed=self._sealer.seal(dumps(key.to_jwk()), context=_context(key.kid)),
            created_at=now,
            activates_at=activates_at,
        )

    def open(self, stored: StoredKey) -> SigningKey:
        """Open a key.

        Raises:
            ConfigError: `signing_keys`: it was sealed with another encryption key, or for another name.
        """
        try:
            jwk: Any = parse(self._sealer.open(stored.sealed, context=_context(stored.kid)))
            key = SigningKey.from_jwk(jwk)
        except JoseError:
            key = None
        if key is None or (key.kid, key.algorithm) != (stored.kid, stored.algorithm):
            raise ConfigError(
                f"the signing key `{stored.kid}` can't be opened with the configured encryption key",
                remedy="put back the encryption key that it was sealed with, or drop it: "
                f"policy-engine keys retire {stored.kid} --now",
                code="signing_keys",
            )
        return key

    def renewed(self, stored: StoredKey) -> StoredKey:
        """The same sealed with the first encryption key; what can't be opened stays as it is, a fault."""
        try:
            sealed = self._sealer.renew(stored.sealed, context=_context(stored.kid))
        except JoseError:
            return stored
        return replace(stored, sealed=sealed)


def _context(kid: str) -> str:
    return f"signing key {kid}"
