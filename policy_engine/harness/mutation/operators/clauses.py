"""`when` and `unless`, and the logic in them."""

from collections.abc import Iterator

from policy_engine.cedar import (
    Binary,
    Call,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    Unary,
)
from policy_engine.harness.mutation.source import Edit, Source, is_path

__all__ = [
    "and_or_swapped",
    "branches_swapped",
    "clause_negated",
    "clause_removed",
    "has_dropped",
    "has_shortened",
    "not_dropped",
    "operand_dropped",
    "truth_negated",
]

_LOGIC = ("&&", "||")
_ASKING = frozenset({"contains", "containsAll", "containsAny", "hasTag", "in"})


def clause_negated(source: Source) -> Iterator[Edit]:
    """`when` ↔ `unless`."""
    for condition in source.tree.conditions:
        if condition.span is not None:
            start = condition.span.start
            other = "unless" if condition.kind == "when" else "when"
            yield Edit(start, start + len(condition.kind), other)


def clause_removed(source: Source) -> Iterator[Edit]:
    """One `when` or `unless` fewer."""
    for condition in source.tree.conditions:
        if condition.span is not None:
            before = source.text[: condition.span.start]
            yield Edit(len(before.rstrip()), condition.span.end, "")


def and_or_swapped(source: Source) -> Iterator[Edit]:
    """`&&` ↔ `||`, one at a time."""
    for node in _logic(source):
        left, right = node.left.span, node.right.span
        if left is None or right is None:
            continue
        at = source.token(node.operator, left.end, right.start)
        if node.operator == "||":
            yield Edit(at, at + 2, "&&")
        elif any(node is condition.body for condition in source.tree.conditions):
            yield Edit(at, at + 2, "||")
        else:
            yield source.in_brackets(node, Edit(at, at + 2, "||"))


def operand_dropped(source: Source) -> Iterator[Edit]:
    """One operand of `&&` or `||` fewer."""
    for node in _logic(source):
        for dropped, kept in _droppable(node):
            if not _is_guard(dropped):
                yield source.kept(node, kept)


def has_dropped(source: Source) -> Iterator[Edit]:
    """One `has` of an `&&` or `||` fewer."""
    for node in _logic(source):
        for dropped, kept in _droppable(node):
            if _is_guard(dropped):
                yield source.kept(node, kept)


def has_shortened(source: Source) -> Iterator[Edit]:
    """`has a.b` → `has a`."""
    for node in source.expressions():
        if is_path(node) and isinstance(node, Binary):
            yield source.replaced(node.span, source.written(node.left.span))


def truth_negated(source: Source) -> Iterator[Edit]:
    """The opposite of one question, where it is no comparison."""
    for node in _truths(source):
        if _asks(node):
            yield source.negated(node)


def not_dropped(source: Source) -> Iterator[Edit]:
    """`!a` → `a`."""
    for node in source.expressions():
        if isinstance(node, Unary) and node.operator == "!":
            yield source.kept(node, node.operand)


def branches_swapped(source: Source) -> Iterator[Edit]:
    """`if a then b else c` → `if a then c else b`."""
    for node in source.expressions():
        if isinstance(node, If):
            condition, then, other = (
                source.written(part.span) for part in (node.condition, node.then, node.otherwise)
            )
            yield source.replaced(node.span, f"if {condition} then {other} else {then}")


def _logic(source: Source) -> Iterator[Binary]:
    for node in source.expressions():
        if isinstance(node, Binary) and node.operator in _LOGIC and not is_path(node):
            yield node


def _droppable(node: Binary) -> Iterator[tuple[Expression, Expression]]:
    """What may go, and what is left then; of a chain, one operand at a time."""
    left = node.left
    if not (isinstance(left, Binary) and left.operator == node.operator and not is_path(left)):
        yield left, node.right
    yield node.right, left


def _is_guard(node: Expression) -> bool:
    return (
        isinstance(node, HasAttribute)
        or is_path(node)
        or (isinstance(node, Binary) and node.operator == "hasTag")
    )


def _truths(source: Source) -> Iterator[Expression]:
    """Every expression where a truth value has to stand, and that isn't made of others."""
    rest = [condition.body for condition in reversed(source.tree.conditions)]
    while rest:
        node = rest.pop()
        match node:
            case _ if is_path(node):
                yield node
            case Binary("&&" | "||", left, right):
                rest += [right, left]
            case If(condition, then, otherwise):
                rest += [otherwise, then, condition]
            case Unary("!"):  # without it is one mutant, and twice is none
                pass
            case _:
                yield node


def _asks(node: Expression) -> bool:
    return (
        is_path(node)
        or isinstance(node, HasAttribute | IsType | Like | GetAttribute | Call)
        or (isinstance(node, Binary) and node.operator in _ASKING)
    )
