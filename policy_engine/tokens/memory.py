"""Tokens whose signature and form were found good, so that a proxy pays for a signature once.

Kept under a digest: what is in memory can't be replayed. Only good tokens are kept, so nobody without a key
of an issuer can fill it; each is kept with the very key set that proved it, and counts no longer than that.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from policy_engine.jose import MAX_TOKEN_BYTES, KeySet, UnverifiedJws
from policy_engine.kept import Kept
from policy_engine.model import VerifiedToken
from policy_engine.tokens.issuers import Issuer

__all__ = ["Proven", "ProvenTokens", "size_of"]

_PER_TOKEN: Final = 1_500
"""What every token takes: its key, what was proven, and the principal without its groups and scopes."""

_PER_HEADER_CHAR: Final = 32
"""The worst that a header's character can take; headers are short."""

_PER_BYTE: Final = 5
"""Four for a character where one of them is wide, one for its UTF-8 form."""

_PER_OBJECT: Final = 272
_PER_ARRAY: Final = 80

_PER_MEMBER: Final = 320
"""Of an object: its name and value; of an array: a name that stands among groups and among roles as well."""

_PER_WORD: Final = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A token of good signature and form; whether it opens a server now is another question.

    Attributes:
        audience: whom it is for, if that is one.
        since: from when on it is certain that its time has come, in seconds since the epoch; whether it has
            before, or is over, is for `check_times` to say.
        until: likewise, until when.
    """

    token: VerifiedToken
    issuer: Issuer
    kid: str | None
    keys: KeySet
    audience: str | None
    since: float
    until: float

    @classmethod
    def of(cls, token: VerifiedToken, issuer: Issuer, kid: str | None, keys: KeySet) -> "Proven":
        """A token that those keys proved."""
        audiences = token.audiences
        since, until = _certain(token.claims, issuer.rules.max_lifetime)
        return cls(
            token=token,
            issuer=issuer,
            kid=kid,
            keys=keys,
            audience=audiences[0] if len(audiences) == 1 else None,
            since=since,
            until=until,
        )


def _certain(claims: Mapping[str, Any], max_lifetime: float | None) -> tuple[float, float]:
    """When `check_times` certainly passes, whatever the leeway: without it, that is."""
    since = max(claims.get("nbf", -math.inf), claims.get("iat", -math.inf))
    until = claims["exp"]
    if max_lifetime is not None and until - claims.get("iat", -math.inf) > max_lifetime:
        return math.inf, -math.inf
    return since, until


class ProvenTokens:
    """The proven tokens used last; safe to use from many threads at once.

    Args:
        most: tokens at most.
        most_bytes: what they may take together, about.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._kept: Kept[bytes, Proven] = Kept(most, most_bytes)

    def find(self, token: object) -> Proven | None:
        """What was proven of a token; nothing of what can't be one."""
        if not isinstance(token, (str, bytes)) or len(token) > MAX_TOKEN_BYTES or not token.isascii():
            return None
        return self._kept.get(_digest(token))

    def keep(self, token: str | bytes, proven: Proven, size: int) -> None:
        """Remember a token, and forget those that were used least lately where there are too many.

        Args:
            token: as it came.
            proven: what was proven of it.
            size: by `size_of`.
        """
        self._kept.keep(_digest(token), proven, size)


def size_of(token: UnverifiedJws) -> int:
    """Bytes that a token takes once it is proven and mapped, about; seldom less than that.

    A string takes up to five times its text. Beyond that each value has its price, and none stands without
    a sign of its own: a brace, a bracket, a comma, or the space between two scopes. A payload of nothing but
    `{"":{"":` takes thirty times its length, a common one four times.
    """
    payload = token.payload
    return (
        _PER_TOKEN
        + _PER_HEADER_CHAR * token.signing_input.index(b".")
        + _PER_BYTE * len(payload)
        + _PER_OBJECT * payload.count(b"{")
        + _PER_ARRAY * payload.count(b"[")
        + _PER_MEMBER * payload.count(b",")
        + _PER_WORD * payload.count(b" ")
    )


def _digest(token: str | bytes) -> bytes:
    return hashlib.sha256(token.encode("ascii") if isinstance(token, str) else token).digest()
