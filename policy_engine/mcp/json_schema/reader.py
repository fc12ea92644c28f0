"""A schema read into what it allows.

Conditions that only narrow a value (`pattern`, `maximum`, `minItems`, `not`, `if` …) don't change its type
and stay the server's business; the names that they speak of are known, and no more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from policy_engine.mcp.argument_types import MISSING
from policy_engine.mcp.json_schema.combine import join, meet
from policy_engine.mcp.json_schema.nodes import (
    ANYTHING,
    FREE,
    KINDS,
    NOTHING,
    Constraint,
    Items,
    Kind,
    Node,
    Shape,
    Unknown,
    Values,
    unknown,
)
from policy_engine.mcp.json_schema.references import References

__all__ = ["Reader", "TooBigError"]

_MOST = 20_000
"""Parts of one schema that are read, each as often as it is referred to: a few `$ref`s can mean millions."""

_DEEPEST = 32
"""Levels of one schema; Cedar's own readers take a few more."""

_LONGEST_NAME = 256
"""Characters of a member's name. Names are folded in every call that brings others, and that takes time which
grows with the square of their length."""

_TYPES = frozenset({*KINDS, "integer"})
_NO_TYPE = "its `type` is none that JSON Schema has"
_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_CONDITIONS = ("if", "then", "else")
_BY_NAME = ("dependentSchemas", "dependencies")
_COMBINING = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "unevaluatedProperties", *_DYNAMIC, *_CONDITIONS, *_BY_NAME}
)
_CHOICES_PER_PART = 50
_KIND_OF: Mapping[type, Kind] = {
    type(None): "null", bool: "boolean", str: "string", int: "number", float: "number",
    list: "array", dict: "object",
}  # fmt: skip


class TooBigError(Exception):
    """A schema has more parts than are read."""


class Reader:
    """Reads one tool's schema.

    Args:
        root: the whole schema.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._references = References(root)
        self._within: list[int] = [id(root)]
        self._read = 0  # parts
        self._spent = 0  # parts, and what combining them costs beside

    def read(self) -> Node:
        """What the schema allows.

        Raises:
            TooBigError: it has too many parts.
        """
        return self._node(self._root, 0)

    def _node(self, schema: Any, depth: int) -> Node:  # noqa: ANN401 -- a server's JSON
        self._read += 1
        self._spend(1)
        if isinstance(schema, bool):
            return ANYTHING if schema else NOTHING
        if not isinstance(schema, dict):
            return unknown("its schema is none")
        if depth > _DEEPEST:
            return unknown("its schema nests too deep")
        node = self._own(schema, depth)
        if not _COMBINING.isdisjoint(schema):
            for part in self._others(schema, depth):
                node = meet(node, part, self._spend)
            node = self._with_conditions(schema, node, depth)
        default = schema.get("default", MISSING)
        if default is MISSING:
            return node
        self._spend(sum(1 for _ in _parts(default)))
        return Node(node.kinds, node.reason, default)

    def _own(self, schema: dict[str, Any], depth: int) -> Node:
        """What a schema says by itself, without others that it names or holds."""
        names = _stated_types(schema)
        if names is None:
            return unknown(_NO_TYPE)
        kinds: dict[Kind, Constraint] = {}
        for name in names:
            match name:
                case "integer":
                    kinds.setdefault("number", Values(whole=True))
                case "array":
                    kinds["array"] = self._array(schema, depth)
                case "object":
                    kinds["object"] = self._object(schema, depth)
                case _:
                    kinds[cast("Kind", name)] = FREE
        node = Node(kinds)
        if "enum" in schema:
            node = meet(node, self._choices(schema["enum"], typed="type" in schema), self._spend)
        if "const" in schema:
            node = meet(node, self._choices([schema["const"]], typed="type" in schema), self._spend)
        return node

    def _choices(self, choices: Any, *, typed: bool) -> Node:  # noqa: ANN401 -- a server's JSON
        if not isinstance(choices, list):
            return unknown("its `enum` isn't a list")
        self._spend(len(choices) // _CHOICES_PER_PART)
        by_kind: dict[Kind, list[Any]] = {}
        for choice in choices:
            by_kind.setdefault(_KIND_OF[type(choice)], []).append(choice)
        kinds: dict[Kind, Constraint] = {}
        for kind, values in by_kind.items():
            if kind in ("array", "object"):
                kinds[kind] = Unknown("its choices aren't scalars")
            else:
                # Without a type, numbers to choose from are what they look like.
                whole = kind == "number" and not typed and all(isinstance(value, int) for value in values)
                kinds[kind] = Values(frozenset(values), whole)
        return Node(kinds)

    def _array(self, schema: dict[str, Any], depth: int) -> Constraint:
        items = schema.get("items", True)
        if "prefixItems" in schema or isinstance(items, list):
            return Unknown("it is a tuple")
        if "items" not in schema and "unevaluatedItems" in schema:
            return Unknown("its schema has `unevaluatedItems`")
        return Items(None if items is True else self._node(items, depth + 1))

    def _object(self, schema: dict[str, Any], depth: int) -> Constraint:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, dict):
            return Unknown("its `properties` aren't an object")
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            return Unknown("its `required` isn't a list of names")
        if max(map(len, chain(properties, required)), default=0) > _LONGEST_NAME:
            return Unknown(f"one of its names has more than {_LONGEST_NAME} characters")
        if schema.get("patternProperties", {}) != {}:
            return Unknown("its schema has `patternProperties`")
        self._spend(len(required) // _CHOICES_PER_PART)
        rest = (
            self._node(schema["additionalProperties"], depth + 1)
            if "additionalProperties" in schema
            else None
        )
        members = {name: self._node(inner, depth + 1) for name, inner in properties.items()}
        return Shape(members, frozenset(required), rest)

    def _others(self, schema: dict[str, Any], depth: int) -> Iterator[Node]:
        """The schemas that have to hold beside a schema's own conditions."""
        if "$ref" in schema:
            yield self._referred(schema["$ref"], depth)
        if not schema.keys().isdisjoint(_DYNAMIC):
            yield unknown("its `$ref` depends on where it is followed from")
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = schema.get(keyword, MISSING)
            if branches is MISSING:
                continue
            if not isinstance(branches, list) or not branches:
                yield unknown(f"its `{keyword}` isn't a list of schemas")
            elif keyword == "allOf":
                yield from (self._node(branch, depth + 1) for branch in branches)
            else:
                yield join([self._node(branch, depth + 1) for branch in branches])

    def _referred(self, reference: Any, depth: int) -> Node:  # noqa: ANN401 -- a server's JSON
        target = self._references.find(reference)
        if isinstance(target, Unknown):
            return unknown(target.reason)
        if id(target) in self._within:
            return _of_its_types(target, unknown("its schema contains itself"))
        self._within.append(id(target))
        node = self._node(target, depth + 1)
        self._within.pop()
        return node

    def _with_conditions(self, schema: dict[str, Any], node: Node, depth: int) -> Node:
        """Add the names that conditions speak of, and then what `unevaluatedProperties` leaves of others."""
        shape = node.kinds.get("object")
        for branch in _conditional(schema):
            found = self._node(branch, depth + 1).kinds.get("object")
            if isinstance(shape, Shape) and isinstance(found, Shape):
                self._spend(len(shape.members))
                shape = _with_names(shape, found)
            elif isinstance(found, Unknown):
                shape = found if shape is not None else None
        if isinstance(shape, Shape) and shape.rest is None and "unevaluatedProperties" in schema:
            rest = self._node(schema["unevaluatedProperties"], depth + 1)
            shape = Shape(shape.members, shape.required, rest, shape.reason)
        if shape is node.kinds.get("object") or shape is None:
            return node
        return Node({**node.kinds, "object": shape}, node.reason, node.default)

    def _spend(self, parts: int) -> None:
        self._spent += parts
        if self._spent > _MOST:
            raise TooBigError


def _stated_types(schema: dict[str, Any]) -> Sequence[str] | None:
    """The types that a schema states, or all; None if it states what is none."""
    stated = schema.get("type", KINDS)
    names = (stated,) if isinstance(stated, str) else stated
    if not isinstance(names, list | tuple) or not all(isinstance(n, str) and n in _TYPES for n in names):
        return None
    return names


def _of_its_types(schema: Any, node: Node) -> Node:  # noqa: ANN401 -- a server's JSON
    """As much of a node as the types leave that a schema states, whatever else is in it."""
    stated = _stated_types(schema) if isinstance(schema, dict) else KINDS
    if stated is None:
        return unknown(_NO_TYPE)
    names = {"number" if name == "integer" else name for name in stated}
    return Node({kind: node.kinds[kind] for kind in KINDS if kind in names}, node.reason)


def _conditional(schema: dict[str, Any]) -> Iterator[Any]:
    yield from (schema[keyword] for keyword in _CONDITIONS if keyword in schema)
    for keyword in _BY_NAME:
        branches = schema.get(keyword, {})
        if isinstance(branches, dict):  # a list of names, under `dependencies`, describes none
            yield from (branch for branch in branches.values() if not isinstance(branch, list))


def _with_names(shape: Shape, condition: Shape) -> Shape:
    members = dict(shape.members)
    for name, member in condition.members.items():
        if name not in members and shape.rest is None:
            members[name] = unknown("it is described under some conditions only")
        elif name in members and member.default is not MISSING:
            members[name] = unknown("its default depends on other arguments")
    return Shape(members, shape.required, shape.rest, shape.reason)


def _parts(value: Any) -> Iterator[Any]:  # noqa: ANN401 -- JSON
    left: list[Iterable[Any]] = [[value]]
    while left:
        for item in left.pop():
            yield item
            if isinstance(item, dict):
                left.append(chain(item, item.values()))
            elif isinstance(item, list):
                left.append(item)
