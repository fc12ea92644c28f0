"""Thousands of checked policies in little room: each is a row of texts, and a policy again when asked for.

Objects of other classes than tuples and strings are looked at by every full garbage collection, and all
decisions wait for that. Of 30,000 policies a handful ever decide in the life of a set.
"""

from collections.abc import Iterator, Mapping, ValuesView
from itertools import chain
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import Effect, Key, Policy, PolicyScope, Static, without_guard
from policy_engine.evaluator.policy_store import StoredPolicy

__all__ = ["GUARD", "PolicyRows", "Row", "row_of"]

GUARD = "actor"
"""What keeps an agent out of a permit: the attribute of the context that says whom it acts for."""

Row = tuple[str, bool, Effect, tuple[str, ...], Key, tuple[Key, ...], Key, str | None, int, int]
"""What runs, if it is guarded, effect, annotations (name, value …), scope (three parts), file, line, column.

Flat, since the garbage collector lets a tuple go one round after those that it holds.
"""


def row_of(policy: StoredPolicy) -> Row:
    """A policy that decides or could, and so has no slots."""
    written, effective = policy.written, policy.effective
    scope = written.scope
    if scope is None:
        raise ValueError("a template")
    return (
        effective.text,
        effective is not written,
        written.effect,
        tuple(chain.from_iterable(written.annotations.items())),
        *scope,
        written.file,
        written.line,
        written.column,
    )


class PolicyRows(Mapping[str, StoredPolicy]):
    """Policies by id, in the order in which they were added."""

    __slots__ = ("_made", "_rows", "_shared")

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._shared: dict[Any, Any] = {}  # what many say of action and resource, and where they are written
        self._made: dict[str, StoredPolicy] = {}  # those that were asked for by name: the few that decide

    def add(self, name: str, row: Row) -> None:
        """Add a policy."""
        share = self._shared.setdefault
        *own, actions, resource, file, line, column = row
        parts = (share(actions, actions), share(resource, resource), share(file, file))
        self._rows[name] = (*own, *parts, line, column)

    def static(self, name: str) -> Static | None:
        """What runs of a policy; None for one in shadow mode."""
        row = self._rows[name]
        return None if _is_shadow(row) else Static(name, row[0], row[4:7])

    def shadows(self) -> Iterator[tuple[Effect, Static]]:
        """What would run of those in shadow mode."""
        return ((row[2], Static(name, row[0], row[4:7])) for name, row in self.rows() if _is_shadow(row))

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Each id with its row."""
        return iter(self._rows.items())

    def pieces(self) -> list[object]:
        """Everything that takes room."""
        return [*self._rows.values()]

    def __getitem__(self, name: str) -> StoredPolicy:
        """The policy of an id; the same object each time."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = _policy(self._rows[name])
        return found

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        return iter(self._rows)

    def __len__(self) -> int:
        """How many policies there are."""
        return len(self._rows)

    def values(self) -> ValuesView[StoredPolicy]:
        """All policies; those that nobody asks for by name aren't kept."""
        return _Policies(self)


class _Policies(ValuesView[StoredPolicy]):
    __slots__ = ()

    _mapping: PolicyRows

    def __iter__(self) -> Iterator[StoredPolicy]:
        return (_policy(row) for _, row in self._mapping.rows())


_PAIR = 2
"""An `@id` and its value; a policy with nothing else isn't in shadow mode."""


def _is_shadow(row: Row) -> bool:
    return len(row[3]) > _PAIR and _annotations(row).get("mode") == "shadow"


def _annotations(row: Row) -> dict[str, str]:
    flat = row[3]
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _policy(row: Row) -> StoredPolicy:
    text, guarded, effect, _, principal, actions, resource, file, line, column = row
    annotations = MappingProxyType(_annotations(row))

    def made(text: str) -> Policy:
        return Policy(
            id=annotations.get("id") or None,
            effect=effect,
            annotations=annotations,
            text=text,
            scope=PolicyScope(principal, actions, resource),
            file=file,
            line=line,
            column=column,
        )

    effective = made(text)
    return StoredPolicy(
        written=made(without_guard(text, GUARD)) if guarded else effective, effective=effective
    )
