"""Client secrets: made by us, shown once, kept as hashes (RFC 6749 section 10.10).

A secret is 256 random bits, so a plain hash hides it: there is no dictionary to try. Its characters are the
same before and after form encoding, since clients disagree on whether Basic credentials are encoded.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from policy_engine.errors import ConfigError

__all__ = ["MAX_SECRETS", "Secret", "SecretHash", "generate_secret"]

MAX_SECRETS: Final = 2
"""Valid at once: the old and the new one, while a secret is replaced."""

_SECRET_BYTES: Final = 32

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Secret:
    """Text that isn't shown by accident: neither `repr`, `str` nor a format gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        """`Secret(***)`; `str` and formats use it too."""
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class SecretHash:
    """What is kept of a secret.

    Attributes:
        sha256: 64 hexadecimal digits, lower case.
        expires_at: seconds since the epoch, from when it isn't valid; None for never.

    Raises:
        ConfigError: `sha256` has another form.
    """

    sha256: str = field(repr=False)
    expires_at: int | None = None

    def __post_init__(self) -> None:
        """Check the hash's form: a secret in its place would be stored, and never work."""
        if not _SHA256.fullmatch(self.sha256):
            raise ConfigError(
                "a secret hash isn't 64 lower-case hexadecimal digits",
                remedy="write the SHA-256 of the secret, not the secret",
                code="client_secrets",
            )

    @classmethod
    def of(cls, secret: Secret, *, expires_at: int | None = None) -> "SecretHash":
        """Hash a secret."""
        return cls(_digest(secret), expires_at)

    def matches(self, secret: Secret) -> bool:
        """Whether this is the hash of a secret; takes the same time whether or not."""
        return hmac.compare_digest(self.sha256, _digest(secret))

    def valid_at(self, now: float) -> bool:
        """Whether the secret hasn't expired."""
        return self.expires_at is None or now < self.expires_at


def generate_secret(chance: Callable[[int], bytes] = secrets.token_bytes) -> Secret:
    """Make a secret of 256 bits, in 43 characters of `[A-Za-z0-9_-]`."""
    return Secret(base64.urlsafe_b64encode(chance(_SECRET_BYTES)).rstrip(b"=").decode("ascii"))


def _digest(secret: Secret) -> str:
    return hashlib.sha256(secret.reveal().encode("utf-8", "surrogatepass")).hexdigest()
