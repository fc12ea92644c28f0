"""Texts, sets, names and patterns."""

from collections.abc import Callable, Iterator

from policy_engine.cedar import Call, EntityLiteral, IsType, Like, SetLiteral, Value, render_expression
from policy_engine.harness.mutation.operators.scopes import OTHER_KIND
from policy_engine.harness.mutation.source import Edit, Source
from policy_engine.model import EntityUid

__all__ = [
    "item_removed",
    "kind_in_clause_swapped",
    "pattern_narrowed",
    "pattern_widened",
    "text_changed",
    "truth_flipped",
]

_OTHER = "~"
"""What is added to a text to make another; no text that means something ends with it."""

Pattern = tuple[str | None, ...]


def text_changed(source: Source) -> Iterator[Edit]:
    """A text that is nearly the same."""
    numbers = {id(part) for node in source.expressions() if isinstance(node, Call) for part in node.arguments}
    for node in source.expressions():
        if isinstance(node, Value) and isinstance(node.value, str) and id(node) not in numbers:
            yield source.replaced(node.span, render_expression(Value(f"{node.value}{_OTHER}")))


def truth_flipped(source: Source) -> Iterator[Edit]:
    """`true` ↔ `false`."""
    for node in source.expressions():
        if isinstance(node, Value) and isinstance(node.value, bool):
            yield source.replaced(node.span, "false" if node.value else "true")


def item_removed(source: Source) -> Iterator[Edit]:
    """One item fewer in a set."""
    for node in source.expressions():
        if isinstance(node, SetLiteral):
            for number in range(len(node.items)):
                rest = node.items[:number] + node.items[number + 1 :]
                yield source.replaced(node.span, f"[{', '.join(source.written(item.span) for item in rest)}]")


def kind_in_clause_swapped(source: Source) -> Iterator[Edit]:
    """`is User` ↔ `is Client`, `Group::"…"` ↔ `ClientGroup::"…"`, in a condition."""
    for node in source.expressions():
        match node:
            case IsType(target, kind) if kind in OTHER_KIND and target.span and node.span:
                at = source.token(kind, target.span.end, node.span.end)
                yield Edit(at, at + len(kind), OTHER_KIND[kind])
            case EntityLiteral(EntityUid(kind, name)) if kind in OTHER_KIND:
                yield source.replaced(node.span, str(EntityUid(OTHER_KIND[kind], name)))
            case _:
                pass


def pattern_widened(source: Source) -> Iterator[Edit]:
    """`*` before, `*` behind, and one character fewer beside each `*`."""
    yield from _patterns(source, _wider)


def pattern_narrowed(source: Source) -> Iterator[Edit]:
    """One `*` fewer."""
    yield from _patterns(source, _narrower)


def _patterns(source: Source, others: Callable[[Pattern], Iterator[Pattern]]) -> Iterator[Edit]:
    for node in source.expressions():
        if isinstance(node, Like):
            head = render_expression(node.target)
            for other in others(node.pattern):
                pattern = render_expression(Like(node.target, other)).removeprefix(head)
                yield source.replaced(node.span, f"{source.written(node.target.span)}{pattern}")


def _wider(pattern: Pattern) -> Iterator[Pattern]:
    if pattern[:1] != (None,):
        yield (None, *pattern)
    if pattern[-1:] != (None,):
        yield (*pattern, None)
    for number, piece in enumerate(pattern):
        if piece is not None and number + 1 < len(pattern):
            yield _with(pattern, number, piece[:-1])
        if piece is not None and number:
            yield _with(pattern, number, piece[1:])


def _narrower(pattern: Pattern) -> Iterator[Pattern]:
    for number, piece in enumerate(pattern):
        if piece is None:
            yield pattern[:number] + pattern[number + 1 :]


def _with(pattern: Pattern, number: int, piece: str) -> Pattern:
    return (*pattern[:number], *((piece,) if piece else ()), *pattern[number + 1 :])
