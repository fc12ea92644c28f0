"""Evaluation errors: where in an expression one arises, and what it says.

Cedar's own sentences stay inside `cedar/`; these say the same of the tree, with values for the operator.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from policy_engine.cedar import (
    Binary,
    Expression,
    If,
    RecordLiteral,
    Unary,
    children,
    render_expression,
)
from policy_engine.evaluator.explanation.findings import Finding
from policy_engine.evaluator.explanation.scene import Scene

__all__ = ["fault_in"]


def fault_in(expression: Expression, scene: Scene) -> Finding:
    """The fault of an expression that errs, or of one that should be a truth value and isn't."""
    place = expression
    while (inner := _culprit(place, scene)) is not None:
        place = inner
    folded = scene.fold(place)
    code = folded.error or "type_error"
    return Finding(
        subject="fault",
        text=_not_a_truth_value(place, scene)
        if folded.value
        else _SENTENCES.get(code, _broken)(place, scene),
        name=f"fault {code}",
        readings=scene.readings(place),
        code=code,
        span=place.span,
    )


def _culprit(place: Expression, scene: Scene) -> Expression | None:
    """The part that makes an expression err, if it isn't the expression itself."""
    needs_truth = isinstance(place, If) or (
        isinstance(place, Unary | Binary) and place.operator in ("!", "&&", "||")
    )
    for part in _evaluated(place, scene):
        folded = scene.fold(part)
        tested = needs_truth and not (isinstance(place, If) and part is not place.condition)
        if folded.value is None or (tested and folded.holds is None):
            return part
    return None


def _evaluated(place: Expression, scene: Scene) -> Iterator[Expression]:
    """The parts that Cedar looks at, in its order; where one errs, it looks no further."""
    match place:
        case If():
            yield place.condition
            yield place.then if scene.fold(place.condition).holds else place.otherwise
        case RecordLiteral():
            yield from (value for _, value in sorted(place.fields, key=lambda field: field[0]))
        case _:
            yield from children(place)


def _not_a_truth_value(place: Expression, scene: Scene) -> str:
    return f"`{render_expression(place)}` is {scene.value(place)}, which is neither true nor false"


def _missing(place: Expression, _scene: Scene) -> str:
    return f"`{render_expression(place)}` isn't there"


def _no_entity(place: Expression, scene: Scene) -> str:
    target = scene.value(children(place)[0])
    return f"`{render_expression(place)}` can't be read: nothing is known of {target}"


def _wrong_type(place: Expression, scene: Scene) -> str:
    values = ", ".join(scene.value(part) for part in children(place))
    return f"`{render_expression(place)}` can't be computed of values of these types: {values}"


def _overflow(place: Expression, _scene: Scene) -> str:
    return f"`{render_expression(place)}` is more than 64 bits hold"


def _unreadable(place: Expression, scene: Scene) -> str:
    values = ", ".join(scene.value(part) for part in children(place))
    return f"`{render_expression(place)}` can't be computed of {values}"


def _broken(place: Expression, _scene: Scene) -> str:
    return f"`{render_expression(place)}` can't be evaluated"


_SENTENCES: Mapping[str, Callable[[Expression, Scene], str]] = MappingProxyType(
    {
        "missing_attribute": _missing,
        "missing_tag": _missing,
        "missing_entity": _no_entity,
        "type_error": _wrong_type,
        "overflow": _overflow,
        "extension_error": _unreadable,
    }
)
