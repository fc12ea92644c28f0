"""How a comparison is told: what it is about, and what that needs to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.cedar import (
    Binary,
    Call,
    Expression,
    GetAttribute,
    HasAttribute,
    IsType,
    Like,
    Variable,
    render_expression,
)
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.evaluator.explanation.words.paths import is_constant, label

__all__ = ["phrase"]


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What follows "argument `env` is "prod", …" where a comparison has to be true, and where false.

    `{other}` is what it is compared with.
    """

    true: str
    false: str


_LESS = _Phrases("needs less than {other}", "needs at least {other}")
_AT_MOST = _Phrases("needs at most {other}", "needs more than {other}")
_MORE = _Phrases("needs more than {other}", "needs at most {other}")
_AT_LEAST = _Phrases("needs at least {other}", "needs less than {other}")
_SAME = _Phrases("needs {other}", "needs another value")

_LEFT: Mapping[str, _Phrases] = MappingProxyType(
    {
        "==": _SAME,
        "!=": _Phrases(_SAME.false, _SAME.true),
        "<": _LESS,
        "<=": _AT_MOST,
        ">": _MORE,
        ">=": _AT_LEAST,
        "lessThan": _LESS,
        "lessThanOrEqual": _AT_MOST,
        "greaterThan": _MORE,
        "greaterThanOrEqual": _AT_LEAST,
        "in": _Phrases("needs to be in {other}", "must not be in {other}"),
        "contains": _Phrases("needs to hold {other}", "must not hold {other}"),
        "containsAll": _Phrases("needs to hold all of {other}", "must not hold all of {other}"),
        "containsAny": _Phrases("needs to hold one of {other}", "must hold none of {other}"),
        "isInRange": _Phrases("needs to be in the range {other}", "must not be in the range {other}"),
        "isEmpty": _Phrases("needs to be empty", "must not be empty"),
    }
)
"""By operator or method, where the left side is what the sentence is about."""

_RIGHT: Mapping[str, _Phrases] = MappingProxyType(
    {
        "==": _SAME,
        "!=": _LEFT["!="],
        "<": _MORE,
        "<=": _AT_LEAST,
        ">": _LESS,
        ">=": _AT_MOST,
        "lessThan": _MORE,
        "lessThanOrEqual": _AT_LEAST,
        "greaterThan": _LESS,
        "greaterThanOrEqual": _AT_MOST,
        "contains": _Phrases("needs one of {other}", "needs none of {other}"),
        "containsAll": _Phrases("may hold nothing but {other}", "needs to hold more than {other}"),
        "containsAny": _LEFT["containsAny"],
    }
)
"""Where the left side is the same for every request, so that the sentence is about the right one."""


def phrase(expression: Expression, scene: Scene, *, wanted: bool) -> str:
    """What a part of a condition saw, and what it needs for the part to be true, or false."""
    match expression:
        case Binary(operator="hasTag"):
            tag, owner = _told(expression.right, scene), label(expression.left)
            return f"{owner} has no tag {tag}" if wanted else f"{owner} has the tag {tag}, and must not"
        case Binary():
            sides = (expression.left, expression.right)
            return _compared(expression, expression.operator, sides, scene, wanted=wanted)
        case Call():
            return _compared(expression, expression.function, expression.arguments, scene, wanted=wanted)
        case HasAttribute():
            what = label(GetAttribute(expression.target, expression.name))
            return f"{what} is missing" if wanted else f"{what} is there, and must not be"
        case Like():
            return f"{_seen(expression.target, scene)}, {_must(wanted=wanted)} like {_pattern(expression)}"
        case IsType():
            within = "" if expression.ancestor is None else f" in {_told(expression.ancestor, scene)}"
            kind = f"{expression.type}{within}"
            return f"{_seen(expression.target, scene)}, {_must(wanted=wanted)} of type {kind}"
        case _:
            return _plain(expression, wanted=wanted)


def _compared(
    whole: Expression, operator: str, sides: Sequence[Expression], scene: Scene, *, wanted: bool
) -> str:
    right = len(sides) > 1 and is_constant(sides[0]) and not is_constant(sides[1])
    phrases = (_RIGHT if right else _LEFT).get(operator)
    if phrases is None:
        return _plain(whole, wanted=wanted)
    about, *others = reversed(sides) if right else sides
    other = ", ".join(_told(side, scene) for side in others)
    return f"{_seen(about, scene)}, {(phrases.true if wanted else phrases.false).format(other=other)}"


def _seen(expression: Expression, scene: Scene) -> str:
    return f"{label(expression)} is {scene.value(expression)}"


def _told(expression: Expression, scene: Scene) -> str:
    """What something is compared with: its value, and how that is written, if it isn't the value itself."""
    value = scene.value(expression)
    return value if is_constant(expression) else f"{value} ({label(expression)})"


def _plain(expression: Expression, *, wanted: bool) -> str:
    words = ("true", "false") if wanted else ("false", "true")
    return f"{label(expression)} is {words[1]}, needs {words[0]}"


def _must(*, wanted: bool) -> str:
    return "needs to be" if wanted else "must not be"


def _pattern(expression: Like) -> str:
    return render_expression(Like(Variable("context"), expression.pattern)).removeprefix("context like ")
