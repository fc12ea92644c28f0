"""The server's parts over a store, which replicas share; importing them needs no database."""

from policy_engine.authserver.stored.clients import StoredClientRegistry
from policy_engine.authserver.stored.replays import StoredReplayStore

__all__ = ["StoredClientRegistry", "StoredReplayStore"]
