"""What an authorization server must not forget: clients, keys, used assertions, rates, denials.

It knows rows and JSON documents, and not what they mean: the server registers clients here, and the engine
reads of them which machines there are.
"""

from policy_engine.model.stored import (
    AssertionUse,
    Bucket,
    ClientChange,
    Denial,
    KeyState,
    StoredClient,
    StoredKey,
)
from policy_engine.storage.store import Store, open_store

__all__ = [
    "AssertionUse",
    "Bucket",
    "ClientChange",
    "Denial",
    "KeyState",
    "Store",
    "StoredClient",
    "StoredKey",
    "open_store",
]
