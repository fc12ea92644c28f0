"""Where a registry is read, and what is read there: plain values, whichever kind of place it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from policy_engine.model import Tags

__all__ = ["Denials", "Entry", "Reading", "Source"]

_CATEGORIES = frozenset({"service", "ai_agent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a registry says of one machine; a store says more, which is the authorization server's business.

    Attributes:
        category: `service` or `ai_agent`.
        enabled: whether it may have tokens.
        groups: names of its `ClientGroup`s.
        attributes: other facts for policies.
    """

    category: str
    enabled: bool
    groups: frozenset[str]
    attributes: Tags

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Entry":
        """Read the members that are told of a machine.

        Raises:
            ValueError: one isn't what it must be.
        """
        category, enabled = written.get("category"), written.get("enabled")
        if not isinstance(category, str) or category not in _CATEGORIES:
            raise ValueError("its category isn't known")
        if not isinstance(enabled, bool):
            raise ValueError("it isn't said whether it is enabled")  # noqa: TRY004 -- the one that is documented
        attributes = written.get("attributes", {})
        if not isinstance(attributes, dict):
            raise ValueError("its attributes aren't by name")  # noqa: TRY004 -- likewise
        return cls(
            category=category,
            enabled=enabled,
            groups=frozenset(_names(written.get("groups", []))),
            attributes={name: _names(values) for name, values in attributes.items()},
        )


Denials = Mapping[tuple[str, str], float | None]
"""Until when denials hold, by kind (`subject`, `jti`) and value: seconds since the epoch; None for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that is registered.

    Attributes:
        entries: by client id; None for one that is registered, but can't be read.
        denials: all of them, those that are over as well.
    """

    entries: Mapping[str, Entry | None]
    denials: Denials


class Source(Protocol):
    """A place where a registry is read; one thread at a time uses it."""

    def version(self) -> object:
        """What is equal as long as nothing has changed there.

        Raises:
            StorageError: that can't be told now.
        """
        ...

    def read(self) -> Reading:
        """What is registered there, at that version or a later one.

        Raises:
            StorageError: it can't be read now.
        """
        ...

    def close(self) -> None:
        """Give back what reading takes."""
        ...

    def again(self) -> "Source":
        """The same place, for a process that was forked from this one."""
        ...


def _names(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise ValueError("its groups or attributes aren't lists of texts")
    return tuple(values)
