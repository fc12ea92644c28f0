"""What is mutated: one policy as it is written, and a change of a stretch of its text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policy_engine.cedar import (
    Binary,
    Expression,
    HasAttribute,
    Policy,
    PolicyTree,
    Span,
    Unary,
    children,
    read_tree,
)

__all__ = ["Edit", "Source", "is_path", "sources_of"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a policy's text, and what stands there instead."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One policy, read with the place of each part.

    Attributes:
        policy: as it was parsed.
        tree: the same with spans, whose offsets are those of the policy's own text.
    """

    policy: Policy
    tree: PolicyTree

    @property
    def text(self) -> str:
        """What is written."""
        return self.policy.text

    def written(self, span: Span | None) -> str:
        """What is written there."""
        span = _there(span)
        return self.text[span.start : span.end]

    def replaced(self, span: Span | None, text: str) -> Edit:
        """Something else in place of a part."""
        span = _there(span)
        return Edit(span.start, span.end, text)

    def token(self, word: str, start: int, end: int) -> int:
        """The offset of a word between two parts; none that stands in a comment is meant."""
        at = self.text.index(word, start, end)
        while any(comment.start <= at < comment.end for comment in self.tree.comments):
            at = self.text.index(word, at + 1, end)
        return at

    def kept(self, node: Expression, part: Expression) -> Edit:
        """Only one part of an expression in its place, in brackets where it holds together less."""
        text = self.written(part.span)
        return self.replaced(node.span, f"({text})" if _strength(part) < _strength(node) else text)

    def negated(self, node: Expression) -> Edit:
        """The opposite of a truth value."""
        text = self.written(node.span)
        return self.replaced(node.span, f"!{text}" if _strength(node) >= _MEMBER else f"!({text})")

    def in_brackets(self, node: Expression, edit: Edit) -> Edit:
        """A change within an expression that is to hold together as a whole."""
        span = _there(node.span)
        before, after = self.text[span.start : edit.start], self.text[edit.end : span.end]
        return Edit(span.start, span.end, f"({before}{edit.text}{after})")

    def expressions(self) -> Iterator[Expression]:
        """Every expression that is written, outer ones first; a path after `has` is one."""
        for condition in self.tree.conditions:
            rest = [condition.body]
            while rest:
                node = rest.pop()
                yield node
                rest.extend(reversed(children(node) if not is_path(node) else _target(node)))


def is_path(node: Expression) -> bool:
    """Whether it is the `&&` that a path after `has` stands for: nobody wrote it."""
    if not (isinstance(node, Binary) and node.operator == "&&"):
        return False
    left, right = _there(node.left.span), _there(node.right.span)
    return left.start == right.start


def sources_of(policies: Iterable[Policy]) -> Iterator[Source]:
    """Each policy, read."""
    for policy in policies:
        tree = read_tree(policy.text, file=policy.file, line=policy.line, column=policy.column)
        yield Source(policy=policy, tree=tree)


_IF, _OR, _AND, _RELATION, _SUM, _PRODUCT, _SIGN, _MEMBER = range(8)

_STRENGTH = {"||": _OR, "&&": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT}
_METHODS = frozenset({"contains", "containsAll", "containsAny", "getTag", "hasTag"})


def _strength(node: Expression) -> int:
    """How strongly what is written holds together."""
    match node:
        case _ if is_path(node):
            return _RELATION
        case Binary(operator):
            return _MEMBER if operator in _METHODS else _STRENGTH.get(operator, _RELATION)
        case Unary():
            return _SIGN
        case HasAttribute():
            return _RELATION
        case _:
            return {"If": _IF, "Like": _RELATION, "IsType": _RELATION}.get(type(node).__name__, _MEMBER)


def _target(node: Expression) -> tuple[Expression, ...]:
    """What a path after `has` begins with."""
    while isinstance(node, Binary):
        node = node.left
    return children(node)


def _there(span: Span | None) -> Span:
    if span is None:
        raise ValueError("read from JSON")
    return span
