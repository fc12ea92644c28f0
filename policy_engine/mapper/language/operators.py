"""The operators of the rule language, one row each: what they take, and what they say.

They are asked only of values that are there: a comparison with an absent claim can't be told, whichever the
operator, so `!=` is no way to make evidence of absence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, assert_never

from policy_engine.mapper.language.claim_types import ClaimType
from policy_engine.mapper.language.patterns import Pattern
from policy_engine.mapper.language.syntax import Id, Join, Read, Setting, Term, Text, Texts, Truth

__all__ = ["OPERATORS", "Operator", "Shape", "shape_of"]


class Shape(Enum):
    """What a term's value looks like to an operator."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    TRUTH = "true or false"
    PATTERN = "a pattern"
    OPAQUE = "a claim whose value isn't compared"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Attributes:
        shapes: the pairs of left and right that it takes.
        answer: what it says of two values.
    """

    shapes: frozenset[tuple[Shape, Shape]]
    answer: Callable[[Any, Any], bool]


_SAME = frozenset((shape, shape) for shape in (Shape.TEXT, Shape.TEXTS, Shape.TRUTH))

OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "==": Operator(_SAME, lambda left, right: left == right),
        "!=": Operator(_SAME, lambda left, right: left != right),
        "in": Operator(frozenset({(Shape.TEXT, Shape.TEXTS)}), lambda one, many: one in many),
        "contains": Operator(frozenset({(Shape.TEXTS, Shape.TEXT)}), lambda many, one: one in many),
        # Of nothing, everything is true: an empty list is within no list, or emptiness would be evidence.
        "within": Operator(
            frozenset({(Shape.TEXTS, Shape.TEXTS)}),
            lambda some, many: bool(some) and all(one in many for one in some),
        ),
        "matches": Operator(
            frozenset({(Shape.TEXT, Shape.PATTERN)}), lambda text, pattern: pattern.matches(text)
        ),
        # At a label's boundary: `notexample.com` isn't under `example.com`.
        "under": Operator(
            frozenset({(Shape.TEXT, Shape.TEXT)}),
            lambda name, domain: name == domain or name.endswith(f".{domain}"),
        ),
    }
)

_SHAPES: Mapping[ClaimType, Shape] = MappingProxyType(
    {
        ClaimType.STRING: Shape.TEXT,
        ClaimType.SPACES: Shape.TEXTS,
        ClaimType.WORDS: Shape.TEXTS,
        ClaimType.LIST: Shape.TEXTS,
        ClaimType.STRINGS: Shape.TEXTS,
        ClaimType.BOOL: Shape.TRUTH,
        ClaimType.NUMBER: Shape.OPAQUE,
        ClaimType.OBJECT: Shape.OPAQUE,
    }
)


def shape_of(term: Term) -> Shape:
    """What a term's value looks like, as far as the profile says."""
    match term:
        case Text() | Id() | Join() | Setting(many=False):
            return Shape.TEXT
        case Texts() | Setting():
            return Shape.TEXTS
        case Truth():
            return Shape.TRUTH
        case Pattern():
            return Shape.PATTERN
        case Read(_, claim_type):
            return _SHAPES[claim_type]
        case _:
            assert_never(term)
