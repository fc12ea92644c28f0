"""Used assertions in a store: one is used once, at one replica of all."""

from typing import TYPE_CHECKING

from policy_engine.authserver.client_auth import SHARE
from policy_engine.model.stored import AssertionUse

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["StoredReplayStore"]


class StoredReplayStore:
    """A `ReplayStore` that replicas share, and that a restart doesn't empty.

    Args:
        store: where they are remembered.
        per_client: assertions remembered of one client.
    """

    __slots__ = ("_per_client", "_store")

    def __init__(self, store: "Store", *, per_client: int = SHARE) -> None:
        self._store = store
        self._per_client = per_client

    def use(self, client_id: str, jti: str, *, expires_at: float, now: float) -> AssertionUse:
        """Remember an assertion as used; see `ReplayStore`.

        Raises:
            StorageError: it isn't known whether it was used, so it can't be.
        """
        return self._store.assertions.use(
            client_id, jti, expires_at=expires_at, now=now, per_client=self._per_client
        )
