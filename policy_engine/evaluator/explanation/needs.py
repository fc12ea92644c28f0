"""Conditions: what of them would have to differ, and what made them hold.

Both go through `&&`, `||`, `!` and `if` down to the parts that settle the whole; putting those into words is
the business of `atoms` and `faults`.
"""

from collections.abc import Iterator, Sequence

from policy_engine.cedar import Binary, Expression, If, Unary
from policy_engine.evaluator.explanation.findings import Choice, Finding, Need
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.evaluator.explanation.words.atoms import atom_need, atom_reason
from policy_engine.evaluator.explanation.words.faults import fault_in

__all__ = ["needs_of", "reasons_of"]


def needs_of(expression: Expression, scene: Scene, *, wanted: bool) -> tuple[Need, ...]:
    """What would have to differ for an expression to come to a truth value; nothing, if it does.

    Of one that errs, the fault alone is told: what it would come to without it, nobody knows.
    """
    if scene.fold(expression).holds is None:
        return (fault_in(expression, scene),)
    if scene.fold(expression).holds is wanted:
        return ()
    expression, wanted = _settling(expression, scene, wanted=wanted)
    match expression:
        case Binary(operator="&&" | "||" as operator):
            parts = _chain(expression)
            needs_all = wanted is (operator == "&&")
            return _all_of(parts, scene, wanted=wanted) if needs_all else _any_of(parts, scene, wanted=wanted)
        case _:
            return (atom_need(expression, scene, wanted=wanted),)


def reasons_of(expression: Expression, scene: Scene) -> tuple[Finding, ...]:
    """What made an expression come to its truth value: it has one."""
    holds = scene.fold(expression).holds is True
    passed = tuple(
        reason for condition in _conditions(expression, scene) for reason in reasons_of(condition, scene)
    )
    expression, holds = _settling(expression, scene, wanted=holds)
    match expression:
        case Binary(operator="&&" | "||" as operator):
            parts = _chain(expression)
            if holds is (operator == "||"):
                # The first that settled it; what comes after wasn't looked at.
                parts = [next(part for part in parts if scene.fold(part).holds is holds)]
            return (*passed, *(reason for part in parts for reason in reasons_of(part, scene)))
        case _:
            return (*passed, atom_reason(expression, scene, holds=holds))


def _settling(expression: Expression, scene: Scene, *, wanted: bool) -> tuple[Expression, bool]:
    """The part below `!` and `if` that settles an expression, and what that part has to come to."""
    while True:
        match expression:
            case Unary(operator="!"):
                expression, wanted = expression.operand, not wanted
            case If():
                expression = (
                    expression.then if scene.fold(expression.condition).holds else expression.otherwise
                )
            case _:
                return expression, wanted


def _conditions(expression: Expression, scene: Scene) -> Iterator[Expression]:
    """The conditions of `if` on the way to the part that settles an expression."""
    while True:
        match expression:
            case Unary(operator="!"):
                expression = expression.operand
            case If():
                yield expression.condition
                expression = (
                    expression.then if scene.fold(expression.condition).holds else expression.otherwise
                )
            case _:
                return


def _chain(expression: Binary) -> list[Expression]:
    """The parts of `a && b && c`, however many, or of `a || b || c`."""
    parts: list[Expression] = []
    rest: Expression = expression
    while isinstance(rest, Binary) and rest.operator == expression.operator:
        parts.append(rest.right)
        rest = rest.left
    return [rest, *reversed(parts)]


def _all_of(parts: Sequence[Expression], scene: Scene, *, wanted: bool) -> tuple[Need, ...]:
    # What comes after the part that settled it wasn't looked at, and may err: `context has x && context.x`.
    sound = [part for part in parts if scene.fold(part).holds is not None]
    return tuple(need for part in sound for need in needs_of(part, scene, wanted=wanted))


def _any_of(parts: Sequence[Expression], scene: Scene, *, wanted: bool) -> tuple[Need, ...]:
    options: list[tuple[Need, ...]] = []
    for part in parts:
        needs = needs_of(part, scene, wanted=wanted)
        first = needs[0]
        if len(needs) == 1 and isinstance(first, Choice):
            options += first.options
        else:
            options.append(needs)
    return (Choice(tuple(options)),)
