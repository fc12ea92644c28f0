"""How actions differ by what is at a path of their context."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from policy_engine.evaluator.grouping.context_types import ContextTypes
from policy_engine.evaluator.grouping.readings import Reading
from policy_engine.evaluator.grouping.split import Split

__all__ = ["ContextSplits"]

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class _At:
    """What is at a path.

    Attributes:
        sure: whether each step of it is always there; shorter than the path where it ends early.
        type: what is there, by its number; None where the last step is to nothing.
    """

    sure: tuple[bool, ...]
    type: int | None


@dataclass(slots=True)
class _Steps:
    """Where one step further leads from a path.

    Attributes:
        ends: what isn't a record, and so leads nowhere.
        records: all records, by how sure they are there.
        named: by name, each record that has such an attribute, and what is there.
    """

    ends: dict[_At, int] = field(default_factory=dict)
    records: dict[tuple[bool, ...], int] = field(default_factory=dict)
    named: dict[str, list[tuple[_At, int]]] = field(default_factory=dict)


class ContextSplits:
    """Splits of actions by their contexts; each is made once, as many policies read the same.

    Args:
        types: numbers of types.
        contexts: of each type of context, the actions that have it, as bits.
    """

    def __init__(self, types: ContextTypes, contexts: Mapping[int, int]) -> None:
        self._types = types
        self._at: dict[tuple[str, ...], dict[_At, int]] = {
            (): {_At((), number): actions for number, actions in contexts.items()}
        }
        self._steps: dict[tuple[str, ...], _Steps] = {}
        self._splits: dict[Reading, Split] = {}

    def split(self, reading: Reading) -> Split:
        """The difference that a reading sees."""
        if reading not in self._splits:
            self._splits[reading] = Split(self._sets(reading))
        return self._splits[reading]

    def attributes(self, path: tuple[str, ...], actions: int) -> set[str]:
        """Names of everything that some of these actions have at a path."""
        self._there(path)
        return {
            name
            for name, places in self._steps_of(path).named.items()
            if any(having & actions for _, having in places)
        }

    def _sets(self, reading: Reading) -> Iterable[int]:
        there = self._there(reading.path)
        if reading.way == "value":
            return there.values()
        # What is only asked for may have any type; where the path ends early, its end makes the difference.
        seen: dict[Hashable, int] = {}
        for at, actions in there.items():
            whole = len(at.sure) == len(reading.path) and at.type is not None
            _add(seen, at.sure if whole else at, actions)
        return seen.values()

    def _there(self, path: tuple[str, ...]) -> dict[_At, int]:
        for length in range(1, len(path) + 1):
            part = path[:length]
            if part not in self._at:
                self._at[part] = self._step(path[: length - 1], part[-1])
        return self._at[path]

    def _step(self, before: tuple[str, ...], name: str) -> dict[_At, int]:
        steps = self._steps_of(before)
        found = dict(steps.ends)
        lacking = dict(steps.records)
        for at, actions in steps.named.get(name, ()):
            _add(found, at, actions)
            lacking[at.sure[:-1]] &= ~actions
        for sure, actions in lacking.items():
            if actions:
                _add(found, _At(sure, None), actions)
        return found

    def _steps_of(self, path: tuple[str, ...]) -> _Steps:
        if path not in self._steps:
            self._steps[path] = self._steps_from(self._at[path])
        return self._steps[path]

    def _steps_from(self, there: Mapping[_At, int]) -> _Steps:
        steps = _Steps()
        for at, actions in there.items():
            members = None if at.type is None else self._types.members(at.type)
            if members is None:
                _add(steps.ends, at, actions)
                continue
            _add(steps.records, at.sure, actions)
            for name, (required, type_) in members.items():
                steps.named.setdefault(name, []).append((_At((*at.sure, required), type_), actions))
        return steps


def _add(sets: dict[Key, int], key: Key, actions: int) -> None:
    sets[key] = sets.get(key, 0) | actions
