"""A Cedar JSON schema, read for what the validator knows: types of entities, and what each action takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from policy_engine.evaluator.inference.types import (
    BOOL,
    CedarType,
    EntityOf,
    Field,
    Plain,
    RecordOf,
    SetOf,
)
from policy_engine.model import CedarJson

__all__ = ["ActionType", "EntityType", "Environment", "Vocabulary"]

_NO_FIELDS = RecordOf(MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    """What there is to know of the entities of a type.

    Attributes:
        fields: its attributes.
        ancestors: the types that it may be in, itself included.
        parents: the types that it may be in directly; itself, if it nests.
        tags: the type of its tags, if it has any.
        choices: the only ids that there are, if its schema lists them.
    """

    fields: Mapping[str, Field]
    ancestors: frozenset[str]
    parents: frozenset[str] = frozenset()
    tags: CedarType | None = None
    choices: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionType:
    """What an action takes; a group that can't be asked for takes nothing.

    Attributes:
        groups: the ids of the actions that it is in, itself included.
    """

    principals: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    context: RecordOf = _NO_FIELDS
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One kind of request: the validator looks at a policy once for each that its head admits."""

    principal: str
    action: str
    resource: str
    context: RecordOf


class Vocabulary:
    """Types and actions of a schema (its unnamed namespace; ours has no other)."""

    def __init__(self, schema: CedarJson) -> None:
        self._schema = schema[""]
        self._common: CedarJson = self._schema.get("commonTypes", {})

    @cached_property
    def entity_types(self) -> Mapping[str, EntityType]:
        """By name."""
        written: CedarJson = self._schema["entityTypes"]
        parents = {name: row.get("memberOfTypes") or () for name, row in written.items()}
        return MappingProxyType(
            {
                name: EntityType(
                    fields=self._record(row.get("shape")).fields,
                    ancestors=_closure(name, parents),
                    parents=frozenset(parents[name]),
                    tags=self._type(row["tags"]) if "tags" in row else None,
                    choices=frozenset(row["enum"]) if "enum" in row else None,
                )
                for name, row in written.items()
            }
        )

    @cached_property
    def actions(self) -> Mapping[str, ActionType]:
        """By id."""
        written: CedarJson = self._schema["actions"]
        parents = {
            name: [group["id"] for group in row.get("memberOf") or ()] for name, row in written.items()
        }
        return MappingProxyType(
            {name: self._action(row, _closure(name, parents)) for name, row in written.items()}
        )

    def environments(self, actions: Iterable[str] | None = None) -> Iterable[Environment]:
        """Every kind of request that these actions make; that the schema has, if none are given."""
        for name in self.actions if actions is None else actions:
            action = self.actions[name]
            for principal in action.principals:
                for resource in action.resources:
                    yield Environment(
                        principal=principal, action=name, resource=resource, context=action.context
                    )

    def _action(self, row: CedarJson, groups: frozenset[str]) -> ActionType:
        applies = row.get("appliesTo")
        if not applies:
            return ActionType(groups=groups)
        return ActionType(
            principals=tuple(applies["principalTypes"]),
            resources=tuple(applies["resourceTypes"]),
            context=self._record(applies.get("context")),
            groups=groups,
        )

    def _record(self, written: CedarJson | None) -> RecordOf:
        type_ = _NO_FIELDS if written is None else self._type(written)
        return type_ if isinstance(type_, RecordOf) else _NO_FIELDS

    def _type(self, written: CedarJson) -> CedarType:
        match written["type"]:
            case "Set":
                return SetOf(self._type(written["element"]))
            case "Record":
                parts = written.get("attributes", {}).items()
                fields = {name: Field(self._type(part), part.get("required", True)) for name, part in parts}
                return RecordOf(MappingProxyType(fields))
            case "Boolean" | "Bool":
                return BOOL
            case "Long" | "String" as plain:
                return Plain(plain)
            case "Extension":
                return Plain(written["name"])
            case "Entity" | "EntityOrCommon":
                return self._named(written["name"])
            case name:
                return self._named(name)

    def _named(self, name: str) -> CedarType:
        if name in self._common:
            return self._type(self._common[name])
        return EntityOf(name) if name in self._schema["entityTypes"] else Plain(name)


def _closure(name: str, parents: Mapping[str, Iterable[str]]) -> frozenset[str]:
    found: set[str] = set()
    rest = [name]
    while rest:
        item = rest.pop()
        if item not in found:
            found.add(item)
            rest += parents.get(item, ())
    return frozenset(found)
