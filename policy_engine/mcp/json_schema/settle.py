"""Which one type is left of all that a schema allows; none, and why, where there are several."""

from collections.abc import Mapping
from typing import assert_never

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import (
    MISSING,
    RESERVED,
    ArgumentType,
    Collection,
    Member,
    Never,
    Opaque,
    Record,
    Scalar,
    ScalarKind,
)
from policy_engine.mcp.arguments import check_value, refuse_reserved
from policy_engine.mcp.json_schema.nodes import (
    ANYTHING,
    CONFLICT,
    KINDS,
    NOTHING,
    Items,
    Kind,
    Node,
    Shape,
    Unknown,
    Values,
    unknown,
)

__all__ = ["settle"]

_SPOKEN: Mapping[Kind, str] = {
    "boolean": "a boolean",
    "string": "a string",
    "number": "a number",
    "array": "an array",
    "object": "an object",
}


def settle(node: Node) -> ArgumentType:
    """The type of what isn't null."""
    kinds = [kind for kind in KINDS if kind in node.kinds and kind != "null"]
    if not kinds:
        return Never()
    if len(kinds) > 1:
        spoken = "anything" if len(kinds) == len(_SPOKEN) else " or ".join(_SPOKEN[kind] for kind in kinds)
        return Opaque(node.reason or f"it may be {spoken}")
    match node.kinds[kinds[0]]:
        case Unknown(reason):
            return Opaque(reason)
        case Values() as values:
            return _scalar(kinds[0], values)
        case Items(element):
            return _array(ANYTHING if element is None else element)
        case Shape() as shape:
            return _record(shape)
        case constraint:
            assert_never(constraint)


def _scalar(kind: Kind, values: Values) -> Scalar | Opaque:
    scalars: Mapping[Kind, ScalarKind] = {
        "boolean": "boolean",
        "string": "string",
        "number": "integer" if values.whole else "number",
    }
    if kind == "number":
        try:
            for choice in values.choices or ():
                check_value(Scalar("number"), choice)
        except MessageError:
            return Opaque("its choices have numbers that Cedar hasn't")
    return Scalar(scalars[kind], values.choices)


def _array(element: Node) -> Collection | Opaque:
    match settle(element):
        case Opaque(reason):
            return Opaque(f"of its elements, {reason}")
        case _ if "null" in element.kinds:
            return Opaque("its elements may be null")
        case Never():
            return Opaque("it has to be empty")
        case Record() as record if not _comparable(record):
            return Opaque("its objects may have different members")
        case type_:
            return Collection(type_)


def _comparable(type_: ArgumentType) -> bool:
    """Whether Cedar can compare it as a whole, so that a set of such values can be asked for one of them."""
    if isinstance(type_, Record):
        members = type_.members.values()
        return type_.others is None and all(
            member.always_there and _comparable(member.type) for member in members
        )
    return isinstance(type_, Scalar | Collection)


def _record(shape: Shape) -> Record | Opaque:
    if shape.reason is not None:
        return Opaque(shape.reason)
    members = {
        name: _member(name, inner, required=name in shape.required) for name, inner in shape.members.items()
    }
    undescribed = unknown("it is required, but not described") if shape.rest is None else shape.rest
    for name in sorted(shape.required - members.keys()):
        members[name] = _member(name, undescribed, required=True)
    closed = shape.rest is None or not shape.rest.kinds
    return Record(members, others=None if closed else _other(shape.rest or NOTHING))


def _other(rest: Node) -> Member:
    return Member(type=settle(rest), nullable="null" in rest.kinds)


def _member(name: str, node: Node, *, required: bool) -> Member:
    if name in RESERVED:
        return Member(type=Opaque(RESERVED[name]), required=required)
    type_, nullable = settle(node), "null" in node.kinds
    default = node.default
    if isinstance(type_, Opaque):
        return Member(type=type_, required=required)
    if default is CONFLICT:
        return Member(type=Opaque("its schemas have different defaults"), required=required)
    if default is MISSING or default is None:
        # Where null isn't allowed, `"default": null` is a generator's way to say that there is no default.
        stated = None if default is None and nullable else MISSING
        return Member(type=type_, required=required, nullable=nullable, default=stated)
    if isinstance(type_, Never):
        return Member(type=Opaque("its default doesn't fit its own type"), required=required)
    try:
        refuse_reserved(default)
        default = check_value(type_, default)
    except MessageError:
        return Member(type=Opaque("its default doesn't fit its own type"), required=required)
    return Member(type=type_, required=required, nullable=nullable, default=default)
