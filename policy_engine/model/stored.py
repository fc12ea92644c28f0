"""What a store keeps, as values: rows and JSON documents, without an opinion on what they mean.

They stand here, and not beside the tables, so that a server without a database can be read and run where none
is installed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Literal

__all__ = [
    "AssertionUse",
    "Bucket",
    "ClientChange",
    "Denial",
    "KeyState",
    "StoredClient",
    "StoredKey",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClient:
    """A client that was registered, perhaps once.

    Attributes:
        client_id: its id; it is never given to another client.
        document: what was registered, in JSON.
        created_at: seconds since the epoch.
        changed_at: likewise.
        removed_at: likewise; None while it is registered.
    """

    client_id: str
    document: Mapping[str, Any] = field(repr=False)
    created_at: float
    changed_at: float
    removed_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChange:
    """What becomes of one client.

    Attributes:
        client_id: its id.
        document: what is registered from now on; None to remove it, for good.
    """

    client_id: str
    document: Mapping[str, Any] | None = field(repr=False)


class KeyState(StrEnum):
    """What a signing key is used for."""

    PENDING = "pending"
    """Published, so that others know it before it signs."""
    ACTIVE = "active"
    """Signs, and is published."""
    RETIRING = "retiring"
    """Published while what it signed may be in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A signing key; its private half only as a sealed text.

    Attributes:
        kid: its name.
        algorithm: what it signs with.
        state: what it is used for.
        public_jwk: its public half.
        sealed: its private half, encrypted.
        created_at: seconds since the epoch.
        activates_at: from when it signs; likewise.
        removes_at: until when it is published; likewise; None while it isn't retiring.
    """

    kid: str
    algorithm: str
    state: KeyState
    public_jwk: Mapping[str, Any] = field(hash=False)
    sealed: bytes = field(repr=False)
    created_at: float
    activates_at: float
    removes_at: float | None = None


class AssertionUse(Enum):
    """Which use of an assertion it was; any but the first is refused."""

    FIRST = "first"
    REPEATED = "repeated"
    FULL = "full"
    """Perhaps the first, but there is no room to remember it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Tokens that count no longer.

    Attributes:
        kind: what of a token is named.
        value: the id of a client, or of a token.
        reason: for people.
        since: seconds since the epoch.
        until: likewise; None for ever.
    """

    kind: Literal["subject", "jti"]
    value: str
    reason: str = ""
    since: float
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """How much of something is allowed.

    Attributes:
        rate: as often a second, in the long run.
        burst: as often at once.
        cost: how often it counts now.
    """

    rate: float
    burst: float
    cost: float = 1.0
