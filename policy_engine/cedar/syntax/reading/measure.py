"""How deep and how large an expression is, counted while it is made."""

from policy_engine.cedar.syntax.traversal import children
from policy_engine.cedar.syntax.tree import EntityLiteral, Expression, Like, Value, Variable

__all__ = ["MAX_DEPTH", "MAX_NODES", "Measure"]

MAX_DEPTH = 595
"""Levels of Cedar's JSON within a condition: what `Policy` takes, less the five levels around it."""

MAX_NODES = 100_000
"""`has a.b` writes its target out for each step: steps nested in targets grow without bound."""


class Measure:
    """Keeps the measures of the expressions that others are made of."""

    def __init__(self) -> None:
        # By identity, together with the node itself: it must live, or its identity would be given away.
        self._known: dict[int, tuple[int, int, Expression]] = {}

    def add(self, node: Expression) -> str:
        """Measure an expression whose parts were measured.

        Returns:
            What there is too much of, or nothing.
        """
        parts = [self._known[id(part)] for part in children(node)]
        depth = _own_depth(node) + max([_leaf_depth(node), *(deep for deep, _, _ in parts)])
        nodes = 1 + sum(size for _, size, _ in parts)
        self._known[id(node)] = (depth, nodes, node)
        if depth > MAX_DEPTH:
            return "nests too deep"
        return f"has more than {MAX_NODES:,} parts" if nodes > MAX_NODES else ""


def _own_depth(node: Expression) -> int:
    return 0 if isinstance(node, Value | Variable | EntityLiteral) else 2


def _leaf_depth(node: Expression) -> int:
    match node:
        case Value() | Variable():
            return 1
        case EntityLiteral():
            return 3
        case Like(pattern=pattern):
            return 2 if any(pattern) else 1
        case _:
            return 0
