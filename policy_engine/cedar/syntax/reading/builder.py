"""A whole policy: what lark found → tree with spans. Here is asked what the grammar can't tell."""

import re
from types import MappingProxyType
from typing import Any, Literal, cast

from lark import Token, Tree

from policy_engine.cedar.syntax.origin import Origin
from policy_engine.cedar.syntax.reading.operators import OPERATORS, Rule
from policy_engine.cedar.syntax.reading.parts import Node, Part, Reader
from policy_engine.cedar.syntax.reading.primaries import PRIMARIES
from policy_engine.cedar.syntax.traversal import build_up
from policy_engine.cedar.syntax.tree import (
    Condition,
    EntityLiteral,
    Expression,
    PolicyTree,
    ScopeClause,
    Span,
)

__all__ = ["policy_of"]

_COMMENT = re.compile(r'(?P<comment>//[^\n\r]*)|"(?:[^"\\]|\\.)*"')

_RULES: dict[str, Rule] = {**OPERATORS, **PRIMARIES}


def policy_of(tree: Node, origin: Origin) -> PolicyTree:
    """The policy that a tree of lark's is.

    Raises:
        PolicyError: a name that means nothing, a number or a nesting beyond measure, and the like.
    """
    reader = Reader(origin)
    annotations, effect, principal, action, resource, conditions = cast("list[Node]", tree.children)
    values, spans = _annotations(reader, annotations)
    return PolicyTree(
        annotations=MappingProxyType(values),
        effect=cast("Any", reader.name(effect)),
        principal=_clause(reader, principal),
        action=_clause(reader, action),
        resource=_clause(reader, resource),
        conditions=tuple(_condition(reader, part) for part in cast("list[Node]", conditions.children)),
        span=reader.span(tree),
        effect_span=reader.span(effect),
        annotation_spans=MappingProxyType(spans),
        comments=tuple(
            origin.span(*match.span()) for match in _COMMENT.finditer(origin.text) if match["comment"]
        ),
    )


def _annotations(reader: Reader, tree: Node) -> tuple[dict[str, str], dict[str, Span]]:
    values: dict[str, str] = {}
    spans: dict[str, Span] = {}
    for part in tree.children:
        name, *text = cast("Node", part).children
        key = reader.name(name)
        if key in values:
            raise reader.error(part, f"`@{key}` is written twice", "leave one of them out")
        values[key] = reader.text(text[0]) if text else ""
        spans[key] = reader.span(part)
    return values, spans


def _condition(reader: Reader, tree: Node) -> Condition:
    kind, body = tree.children
    made: Expression = build_up(cast("Node", body), _within, lambda node, parts: _made(reader, node, parts))
    return Condition(kind=cast("Any", str(kind)), body=made, span=reader.span(tree))


def _within(node: Node) -> list[Node]:
    """The expressions in one. The digits after a sign are none: see `_negative`."""
    if node.data == "negative" and cast("Node", node.children[-1]).data == "integer":
        return []
    return [part for part in node.children if isinstance(part, Tree) and part.data not in ("name", "type")]


def _made(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    return reader.checked(node, _RULES[node.data](reader, node, parts))


def _clause(reader: Reader, tree: Node) -> ScopeClause:
    variable, *rest = tree.children
    name = cast("Literal['principal', 'action', 'resource']", str(variable))
    kinds = [reader.type(part) for part in rest if _is(part, "type")]
    entities = [_action(reader, name, part) for part in rest if _is(part, "entity")]
    slots = [_slot(reader, name, part) for part in rest if isinstance(part, Token) and part.type == "SLOT"]
    words = [str(part) for part in rest if isinstance(part, Token) and part.type != "SLOT"]
    return ScopeClause(
        variable=name,
        operator=cast("Any", " ".join(words) or "all"),
        entities=tuple(entities),
        type=kinds[0] if kinds else None,
        slot=slots[0] if slots else None,
        span=reader.span(tree),
    )


def _is(part: Part, rule: str) -> bool:
    return isinstance(part, Tree) and part.data == rule


def _action(reader: Reader, variable: str, part: Part) -> EntityLiteral:
    entity = reader.entity(part)
    if variable == "action" and entity.uid.type.rpartition("::")[2] != "Action":
        raise reader.error(part, f"`{entity.uid.type}` isn't a type of actions", 'an action is `Action::"…"`')
    return entity


def _slot(reader: Reader, variable: str, part: Part) -> str:
    if str(part) != f"?{variable}":
        raise reader.error(part, f"`{part}` isn't the slot of the {variable}", f"write `?{variable}`")
    return str(part)
