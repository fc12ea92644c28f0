"""Parts of conditions that several checks look for."""

from collections.abc import Iterator
from typing import Final

from policy_engine.cedar import (
    Binary,
    Expression,
    GetAttribute,
    IsType,
    PolicyTree,
    SetLiteral,
    Value,
    Variable,
)
from policy_engine.evaluator import nodes

__all__ = [
    "ACTOR",
    "PRINCIPAL",
    "SCOPES",
    "TIME",
    "TOKEN",
    "about_kind",
    "attribute",
    "scope_literals",
    "texts_asked_of_scopes",
]

PRINCIPAL: Final = Variable("principal")
TOKEN: Final = GetAttribute(Variable("context"), "token")
SCOPES: Final = GetAttribute(TOKEN, "scopes")
ACTOR: Final = GetAttribute(Variable("context"), "actor")
TIME: Final = GetAttribute(Variable("context"), "time")

_ASKED = frozenset({"contains", "containsAll", "containsAny"})


def attribute(node: Expression, of: Expression) -> str | None:
    """The name of an attribute that is read of something."""
    return node.name if isinstance(node, GetAttribute) and node.target == of else None


def about_kind(node: Expression) -> bool:
    """Whether it asks what the principal is, or what it is in: which only one kind can be."""
    match node:
        case IsType(target=target):
            return target == PRINCIPAL
        case Binary(operator="in" | "==", left=left):
            return left == PRINCIPAL
        case _:
            return False


def texts_asked_of_scopes(tree: PolicyTree) -> Iterator[Expression]:
    """Each part of a policy that is looked for among the scopes of the token; literals, mostly."""
    for node in nodes(tree):
        if not isinstance(node, Binary):
            continue
        if node.operator in _ASKED and node.left == SCOPES:
            yield from _parts(node.right)
        elif node.operator in _ASKED and node.right == SCOPES:
            yield from _parts(node.left)
        elif node.operator in ("==", "!=") and SCOPES in (node.left, node.right):
            yield from _parts(node.right if node.left == SCOPES else node.left)


def scope_literals(tree: PolicyTree) -> Iterator[Value]:
    """Those of them that are written out."""
    for node in texts_asked_of_scopes(tree):
        if isinstance(node, Value) and isinstance(node.value, str):
            yield node


def _parts(node: Expression) -> tuple[Expression, ...]:
    return node.items if isinstance(node, SetLiteral) else (node,)
