"""Keys, for people and for programs; nothing private."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.model.stored import KeyState, StoredKey

__all__ = ["record_of", "sentence", "sentences", "stamp"]


def stamp(seconds: float) -> str:
    """A time as ISO 8601 has it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record_of(key: StoredKey, fault: ConfigError | None = None) -> dict[str, Any]:
    """A key for programs."""
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": key.state.value,
        "created_at": stamp(key.created_at),
        "signs_from": stamp(key.activates_at),
        "published_until": None if key.removes_at is None else stamp(key.removes_at),
        "fault": None if fault is None else fault.problem,
    }


def sentence(key: StoredKey) -> str:
    """What becomes of a key, by its times."""
    match key.state:
        case KeyState.PENDING:
            return f"published; signs from {stamp(key.activates_at)}"
        case KeyState.ACTIVE:
            return f"signs since {stamp(key.activates_at)}"
        case KeyState.RETIRING:
            until = "further notice" if key.removes_at is None else stamp(key.removes_at)
            return f"signs no longer; published until {until}"


def sentences(keys: Iterable[StoredKey]) -> list[str]:
    """A line a key: what it is from now on."""
    return [f"{key.state.value:<8}  {key.kid}  {sentence(key)}" for key in keys]
