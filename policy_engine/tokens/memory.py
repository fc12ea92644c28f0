"""Tokens whose signature and form were found good, so that a proxy pays for a signature once.

Kept under a digest: what is in memory can't be replayed. Only good tokens are kept, so nobody without a key
of an issuer can fill it; each is kept with the very key set that proved it, and counts no longer than that.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from policy_engine.jose import MAX_TOKEN_BYTES, KeySet
from policy_engine.model import VerifiedToken
from policy_engine.tokens.issuers import Issuer

__all__ = ["Proven", "ProvenTokens"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A token of good signature and form; whether it opens a server now is another question."""

    token: VerifiedToken
    issuer: Issuer
    kid: str | None
    keys: KeySet


class ProvenTokens:
    """The last `size` proven tokens; safe to use from many threads at once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[bytes, Proven] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: object) -> Proven | None:
        """What was proven of a token; nothing of what can't be one."""
        if not isinstance(token, str | bytes) or len(token) > MAX_TOKEN_BYTES or not token.isascii():
            return None
        name = _digest(token)
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
            return found

    def keep(self, token: str | bytes, proven: Proven) -> None:
        """Remember a token, and forget the one that was used least lately where there are too many."""
        with self._lock:
            self._kept[_digest(token)] = proven
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


def _digest(token: str | bytes) -> bytes:
    return hashlib.sha256(token.encode("ascii") if isinstance(token, str) else token).digest()
