"""Tokens whose signature and form were found good, so that a proxy pays for a signature once.

Kept under a digest: what is in memory can't be replayed. Only good tokens are kept, so nobody without a key
of an issuer can fill it; each is kept with the very key set that proved it, and counts no longer than that.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.jose import MAX_TOKEN_BYTES, KeySet
from policy_engine.kept import Kept
from policy_engine.model import VerifiedToken
from policy_engine.tokens.issuers import Issuer

__all__ = ["Proven", "ProvenTokens"]


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
        if not isinstance(token, str | bytes) or len(token) > MAX_TOKEN_BYTES or not token.isascii():
            return None
        return self._kept.get(_digest(token))

    def keep(self, token: str | bytes, proven: Proven) -> None:
        """Remember a token, and forget those that were used least lately where there are too many."""
        # Parsed, and with the principal that it speaks for, a token takes some ten times its length.
        self._kept.keep(_digest(token), proven, 4_000 + 12 * len(token))


def _digest(token: str | bytes) -> bytes:
    return hashlib.sha256(token.encode("ascii") if isinstance(token, str) else token).digest()
