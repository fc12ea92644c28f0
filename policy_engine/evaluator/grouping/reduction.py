"""Schemas that have some of the actions of a whole one, and all of its types."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from policy_engine.cedar import Schema
from policy_engine.evaluator.grouping.action_index import ActionIndex
from policy_engine.evaluator.grouping.plain import plain_row, plain_type
from policy_engine.evaluator.inference import Vocabulary
from policy_engine.model import CedarJson

__all__ = ["Reduced", "Reduction"]

_MOST = 2_000
"""As many actions are kept in parsed schemas: many policies are about the same few."""


class Reduced:
    """A small schema.

    Attributes:
        json: in Cedar's JSON schema format.
    """

    def __init__(self, schema: CedarJson) -> None:
        self.json = schema

    @cached_property
    def parsed(self) -> Schema:
        """For the validator; made once."""
        return Schema.from_json(self.json)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """For those who explain what the validator says; made once."""
        return Vocabulary(self.json)


class Reduction:
    """Makes small schemas of a whole one.

    Args:
        schema: Cedar JSON, with all actions.
        index: its actions.
    """

    def __init__(self, schema: CedarJson, index: ActionIndex) -> None:
        namespace = schema[""]
        common, entities = namespace.get("commonTypes", {}), namespace["entityTypes"]
        self._index = index
        self._schema = schema
        self._rest = {
            **namespace,
            "commonTypes": {name: plain_type(row) for name, row in common.items()},
            "entityTypes": {name: plain_row(row) for name, row in entities.items()},
        }
        self._rows: dict[str, CedarJson] = {}
        self._kept: dict[tuple[tuple[str, ...], frozenset[str]], Reduced] = {}
        self._weight = 0

    @cached_property
    def whole(self) -> Reduced:
        """The schema that is not reduced."""
        return Reduced(self._schema)

    def to(self, askable: tuple[str, ...], named: Iterable[str]) -> Reduced:
        """The schema in which only these actions can be asked for; those that are named are there, too."""
        others = frozenset(self._index.closure([*named, *askable])).difference(askable)
        key = (askable, others)
        if key not in self._kept:
            self._weight += 1 + len(askable)
            if self._weight > _MOST:
                self._kept.clear()
                self._weight = 1 + len(askable)
            self._kept[key] = self._made(askable, others, {})
        return self._kept[key]

    def with_more(
        self, askable: tuple[str, ...], named: Iterable[str], more: Mapping[str, CedarJson]
    ) -> Reduced:
        """The same with actions that the whole hasn't, in Cedar's JSON schema format."""
        above = [group["id"] for row in more.values() for group in row.get("memberOf") or ()]
        others = frozenset(self._index.closure([*named, *above, *askable])).difference(askable)
        return self._made(askable, others, more)

    def _made(
        self, askable: tuple[str, ...], others: frozenset[str], more: Mapping[str, CedarJson]
    ) -> Reduced:
        actions = {name: {"memberOf": self._row(name).get("memberOf") or []} for name in sorted(others)}
        actions |= {name: self._row(name) for name in askable}
        return Reduced({"": {**self._rest, "actions": actions | dict(more)}})

    def _row(self, name: str) -> CedarJson:
        if name not in self._rows:
            self._rows[name] = plain_row(self._index.row(name))
        return self._rows[name]
