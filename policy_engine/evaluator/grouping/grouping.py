"""For each policy, a small schema that it is valid against if, and only if, it is valid against the whole.

The validator looks at a policy once for each action, however many there are. What it sees of an action is
which principals and resources it takes, whether it is one of those that the policy names, or in one, and the
types of what the policy reads of its context. So of all actions that agree in these, one is enough; only the
name in its sentences differs. Most policies read two or three arguments, and most tools have neither.
"""

import json
from collections.abc import Mapping

from policy_engine.cedar import PolicyTree, ScopeClause
from policy_engine.evaluator.grouping.action_index import ActionIndex
from policy_engine.evaluator.grouping.alike import Alike
from policy_engine.evaluator.grouping.context_splits import ContextSplits
from policy_engine.evaluator.grouping.context_types import ContextTypes
from policy_engine.evaluator.grouping.readings import Readings, readings_of
from policy_engine.evaluator.grouping.reduction import Reduction
from policy_engine.evaluator.grouping.split import Split
from policy_engine.model import CedarJson

__all__ = ["Grouping"]

_APART = frozenset({"annotations", "appliesTo", "memberOf"})
_READ, _VALIDATE, _VALIDATE_PATH = 120, 10, 3
"""About how many microseconds it takes to read an action of a schema, and to validate a policy for one: that
grows with the paths that it reads. They only choose the cheaper of two ways to the same answer."""

_EMPTY: CedarJson = {"type": "Record", "attributes": {}}


class Grouping:
    """Groups the actions of one schema.

    Args:
        schema: Cedar JSON, with all actions.

    Attributes:
        index: its actions.
    """

    def __init__(self, schema: CedarJson) -> None:
        self.index = ActionIndex(schema)
        self._reduction = Reduction(schema, self.index)
        types = ContextTypes(schema[""].get("commonTypes", {}))
        kinds: dict[str, int] = {}
        contexts: dict[int, int] = {}
        for name in self.index.ids:
            row, bit = self.index.row(name), self.index.bit(name)
            kind, context = _kind(row), types.number(row["appliesTo"].get("context") or _EMPTY)
            kinds[kind] = kinds.get(kind, 0) | bit
            contexts[context] = contexts.get(context, 0) | bit
        self._kinds = Split(kinds.values())
        self._contexts = ContextSplits(types, contexts)
        self._named: dict[str, tuple[Split, Split]] = {}

    def alike(self, tree: PolicyTree, stand_ins: Mapping[str, CedarJson] | None = None) -> Alike:
        """The actions that the head of a policy admits.

        Args:
            tree: the policy.
            stand_ins: further actions that the schema is to have, as in Cedar's JSON schema format.
        """
        readings = readings_of(tree)
        return self._alike(self._admitted(tree.action), readings, _named(tree.action), stand_ins or {})

    def everything(self, tree: PolicyTree, stand_ins: Mapping[str, CedarJson] | None = None) -> Alike:
        """All actions, as the head of a policy, and nothing else of it, tells them apart."""
        named = _named(tree.action)
        readings = Readings(paths=frozenset(), actions=named)
        return self._alike(self.index.everything, readings, named, stand_ins or {})

    def _admitted(self, clause: ScopeClause) -> int:
        """The actions that a head admits, as bits."""
        if clause.operator == "all":
            return self.index.everything
        what = self.index.bit if clause.operator == "==" else self.index.holding
        found = 0
        for name in _named(clause):
            found |= what(name)
        return found

    def _alike(
        self,
        actions: int,
        readings: Readings,
        named: frozenset[str],
        stand_ins: Mapping[str, CedarJson],
    ) -> Alike:
        sets = self._cut(actions, readings)
        classes = {self.index.ids[_first(one)]: one for one in sets}
        every, askable = named | readings.actions, tuple(classes)
        if stand_ins:
            schema = self._reduction.with_more(askable, every, stand_ins)
        else:
            schema = self._reduction.to(askable, every)
        validating = _VALIDATE + _VALIDATE_PATH * len(readings.paths)
        dearer = len(classes) * (_READ + validating) > len(self.index.ids) * validating
        whole = self._reduction.whole if dearer and not stand_ins else None
        return Alike(self.index, self._contexts, schema, classes, whole=whole)

    def _cut(self, actions: int, readings: Readings) -> list[int]:
        """The actions in sets of those that are alike, in the order of the schema."""
        splits = [self._kinds, *(self._contexts.split(reading) for reading in readings.paths)]
        splits += [split for name in readings.actions for split in self._by_name(name)]
        sets = [actions] if actions else []
        for split in splits:
            sets = [piece for one in sets for piece in split.pieces(one)]
        return sorted(sets, key=_first)

    def _by_name(self, name: str) -> tuple[Split, Split]:
        """Whether an action is the one that is named, and whether it is in it."""
        if name not in self._named:
            self._named[name] = (Split([self.index.bit(name)]), Split([self.index.holding(name)]))
        return self._named[name]


def _named(clause: ScopeClause) -> frozenset[str]:
    return frozenset(literal.uid.id for literal in clause.entities if literal.uid.type == "Action")


def _first(actions: int) -> int:
    return (actions & -actions).bit_length() - 1


def _kind(row: CedarJson) -> str:
    """Everything of an action but its name, its groups and its context."""
    applies = {key: value for key, value in row["appliesTo"].items() if key != "context"}
    rest = {key: value for key, value in row.items() if key not in _APART}
    return json.dumps([applies, rest], sort_keys=True)
