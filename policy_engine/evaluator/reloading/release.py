"""What was in force until now is given back bit by bit: freeing thousands of policies at once takes long."""

import threading
import time

from policy_engine.evaluator.policy_rows import PolicyRows
from policy_engine.evaluator.policy_store import PolicyStore

__all__ = ["release_slowly"]

_FEW, _PIECE = 500, 100

_UNTIL_REPLACED, _PAUSE = 1.0, 0.0005
"""Seconds: until another set is in force, and after each piece. Whoever still decides with the old set then
keeps what it needs, and frees it in the end."""


def release_slowly(store: PolicyStore) -> None:
    """See to it that a set, once nobody uses it any more, doesn't keep other threads waiting.

    Args:
        store: the set that is about to be replaced; it stays as it is.
    """
    if isinstance(store.policies, PolicyRows) and len(store.policies) > _FEW:
        pieces = store.policies.pieces()
        threading.Thread(target=_release, args=(pieces,), name="release", daemon=True).start()


def _release(pieces: list[object]) -> None:
    time.sleep(_UNTIL_REPLACED)
    while pieces:
        del pieces[-_PIECE:]
        time.sleep(_PAUSE)
