"""Cedar's JSON policy format → tree (docs.cedarpolicy.com, "JSON policy format")."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.syntax.traversal import build_up
from policy_engine.cedar.syntax.tree import (
    WILDCARD,
    Binary,
    BinaryOperator,
    Call,
    Condition,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    PolicyTree,
    RecordLiteral,
    ScopeClause,
    SetLiteral,
    Unary,
    Value,
    Variable,
)
from policy_engine.cedar.syntax.words import BINARY_METHODS, EXTENSION_FUNCTIONS, EXTENSION_METHODS, INFIX
from policy_engine.model import CedarJson, EntityUid

__all__ = ["merged", "tree_of"]

Json = Any
"""Of the shape that cedarpy writes; anything else is met with `KeyError`, `TypeError` or the like."""


def tree_of(est: CedarJson) -> PolicyTree:
    """The tree of a policy, without spans.

    Args:
        est: what `Policy.est` holds: one policy, or one template.

    Raises:
        CedarError: `cedar_answer`: the JSON is of a shape that this version of Cedar doesn't write.
    """
    try:
        return PolicyTree(
            effect=est["effect"],
            annotations=MappingProxyType(
                {name: value or "" for name, value in est.get("annotations", {}).items()}
            ),
            principal=_clause("principal", est["principal"]),
            action=_clause("action", est["action"]),
            resource=_clause("resource", est["resource"]),
            conditions=tuple(
                Condition(kind=condition["kind"], body=build_up(condition["body"], _parts, _make))
                for condition in est["conditions"]
            ),
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        raise CedarError("cedar_answer", "a policy's JSON has an unknown shape") from None


def merged(pattern: Iterable[str | None]) -> tuple[str | None, ...]:
    """A pattern with adjacent texts joined."""
    joined: list[str | None] = []
    for piece in pattern:
        if piece is not WILDCARD and joined and joined[-1] is not WILDCARD:
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)


def _clause(variable: Json, body: Json) -> ScopeClause:
    if body["op"] == "All":
        return ScopeClause(variable=variable)
    kind = body.get("entity_type")
    where = body if kind is None else body.get("in")
    if where is None:
        return ScopeClause(variable=variable, operator="is", type=kind)
    entities = where["entities"] if "entities" in where else [where["entity"]] if "entity" in where else []
    return ScopeClause(
        variable=variable,
        operator=body["op"] if kind is None else "is in",
        entities=tuple(_entity(uid) for uid in entities),
        type=kind,
        slot=where.get("slot"),
    )


def _entity(uid: Json) -> EntityLiteral:
    return EntityLiteral(EntityUid(uid["type"], uid["id"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How one member of the format is read.

    Attributes:
        parts: the expressions in its body.
        make: given its name, its body and what became of its parts.
    """

    parts: Callable[[Json], list[Json]]
    make: Callable[[str, Json, list[Expression]], Expression]


def _nothing(_: Json) -> list[Json]:
    return []


def _named(*names: str) -> Callable[[Json], list[Json]]:
    return lambda body: [body[name] for name in names if name in body]


def _value(_: str, body: Json, __: list[Expression]) -> Expression:
    if isinstance(body, dict):
        return _entity(body["__entity"])
    if not isinstance(body, bool | int | str):
        raise TypeError
    return Value(body)


def _pattern(pieces: Json) -> tuple[str | None, ...]:
    return merged(WILDCARD if piece == "Wildcard" else piece["Literal"] for piece in pieces)


def _binary(name: str, _: Json, nodes: list[Expression]) -> Expression:
    left, right = nodes
    return Binary(cast("BinaryOperator", name), left, right)


def _if(_: str, __: Json, nodes: list[Expression]) -> Expression:
    condition, then, otherwise = nodes
    return If(condition, then, otherwise)


def _is(_: str, body: Json, nodes: list[Expression]) -> Expression:
    target, *ancestor = nodes
    return IsType(target, body["entity_type"], ancestor[0] if ancestor else None)


_BINARY = _Form(parts=_named("left", "right"), make=_binary)
_CALL = _Form(parts=list, make=lambda name, _, nodes: Call(name, tuple(nodes)))

_FORMS: Mapping[str, _Form] = MappingProxyType(
    {
        "Value": _Form(parts=_nothing, make=_value),
        "Var": _Form(parts=_nothing, make=lambda _, body, __: Variable(body)),
        "Slot": _Form(parts=_nothing, make=lambda _, body, __: Variable(body)),
        "Set": _Form(parts=list, make=lambda _, __, nodes: SetLiteral(tuple(nodes))),
        "Record": _Form(
            parts=lambda body: list(body.values()),
            make=lambda _, body, nodes: RecordLiteral(tuple(zip(body, nodes, strict=True))),
        ),
        "!": _Form(parts=_named("arg"), make=lambda _, __, nodes: Unary("!", nodes[0])),
        "neg": _Form(parts=_named("arg"), make=lambda _, __, nodes: Unary("neg", nodes[0])),
        "isEmpty": _Form(parts=_named("arg"), make=lambda name, _, nodes: Call(name, tuple(nodes))),
        "if-then-else": _Form(parts=_named("if", "then", "else"), make=_if),
        ".": _Form(parts=_named("left"), make=lambda _, body, nodes: GetAttribute(nodes[0], body["attr"])),
        "has": _Form(parts=_named("left"), make=lambda _, body, nodes: HasAttribute(nodes[0], body["attr"])),
        "like": _Form(
            parts=_named("left"), make=lambda _, body, nodes: Like(nodes[0], _pattern(body["pattern"]))
        ),
        "is": _Form(
            parts=_named("left", "in"),
            make=_is,
        ),
        **dict.fromkeys((*INFIX, *BINARY_METHODS), _BINARY),
        **dict.fromkeys(EXTENSION_FUNCTIONS | EXTENSION_METHODS, _CALL),
    }
)


def _parts(est: Json) -> list[Json]:
    ((name, body),) = est.items()
    return _FORMS[name].parts(body)


def _make(est: Json, nodes: list[Expression]) -> Expression:
    ((name, body),) = est.items()
    return _FORMS[name].make(name, body, nodes)
