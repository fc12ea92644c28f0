"""Keys at rest: sealed, so that who can read or write a database has, and can put in, no usable key.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits, as few things are sealed. What a sealed text is
for is authenticated with it, so one can't be put in the place of another.
"""

import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import base64url

__all__ = ["Sealer", "new_sealing_key"]

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16

_FORM: Final = b"\x01"
"""The first byte of what is sealed: its form, of which there is one so far."""


def new_sealing_key() -> str:
    """Make a key for a `Sealer`, written as base64url."""
    return base64url.encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")


class Sealer:
    """Seals with one key, and opens with any of several, so that keys can be replaced.

    Args:
        keys: of 32 bytes each; the first seals.

    Raises:
        ConfigError: there is none, or one is of another size.
    """

    __slots__ = ("_ciphers",)

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ConfigError(
                f"an encryption key isn't {_KEY_BYTES} bytes",
                remedy="make one: policy-engine keys encryption-key",
                code="encryption_key",
            )
        self._ciphers = tuple(AESGCM(key) for key in keys)

    def seal(self, data: bytes, *, context: str) -> bytes:
        """Encrypt, for one purpose.

        Args:
            data: what nobody else shall read.
            context: what it is for; the same has to be said to open it.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORM + nonce + self._ciphers[0].encrypt(nonce, data, _bound(context))

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt.

        Args:
            sealed: what `seal` made, with one of the keys.
            context: what it is for.

        Raises:
            JoseError: `unsealable`: it was sealed with another key, for something else, or changed since.
        """
        return self._opened(sealed, context)[1]

    def renew(self, sealed: bytes, *, context: str) -> bytes:
        """The same sealed with the first key, if it isn't already.

        Raises:
            JoseError: `unsealable`.
        """
        cipher, data = self._opened(sealed, context)
        return sealed if cipher is self._ciphers[0] else self.seal(data, context=context)

    def _opened(self, sealed: bytes, context: str) -> tuple[AESGCM, bytes]:
        start = len(_FORM) + _NONCE_BYTES
        if sealed.startswith(_FORM) and len(sealed) >= start + _TAG_BYTES:
            for cipher in self._ciphers:
                try:
                    return cipher, cipher.decrypt(sealed[len(_FORM) : start], sealed[start:], _bound(context))
                except InvalidTag:
                    continue
        raise JoseError("unsealable", "what is sealed can't be opened with these keys")


def _bound(context: str) -> bytes:
    return b"policy-engine sealed 1\0" + context.encode("utf-8", "surrogatepass")
