"""Conditions: what of them would have to differ, and what made them hold.

Both go through `&&`, `||`, `!` and `if` down to the parts that settle the whole; putting those into words is
the business of `atoms` and `faults`.
"""

from collections.abc import Sequence

from policy_engine.cedar import Binary, Expression, If, Unary
from policy_engine.evaluator.explanation.findings import Choice, Finding, Need
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.evaluator.explanation.words.atoms import atom_need, atom_reason
from policy_engine.evaluator.explanation.words.faults import fault_in
from policy_engine.evaluator.explanation.words.paths import is_constant

__all__ = ["needs_of", "reasons_of"]


def needs_of(expression: Expression, scene: Scene, *, wanted: bool) -> tuple[Need, ...]:
    """What would have to differ for an expression to come to a truth value; nothing, if it does.

    Of one that errs, the fault alone is told: what it would come to without it, nobody knows.
    """
    if scene.fold(expression).holds is None:
        return (fault_in(expression, scene),)
    if scene.fold(expression).holds is wanted:
        return ()
    while isinstance(expression, Unary):
        expression, wanted = expression.operand, not wanted
    match expression:
        case If():
            return _branching(expression, scene, wanted=wanted)
        case Binary(operator="&&" | "||" as operator):
            parts = _chain(expression)
            needs_all = wanted is (operator == "&&")
            return _all_of(parts, scene, wanted=wanted) if needs_all else _any_of(parts, scene, wanted=wanted)
        case _:
            return (atom_need(expression, scene, wanted=wanted),)


def reasons_of(expression: Expression, scene: Scene) -> tuple[Finding, ...]:
    """What made an expression come to its truth value: it has one."""
    reasons: list[Finding] = []
    while isinstance(expression, Unary | If):
        if isinstance(expression, If):
            reasons += reasons_of(expression.condition, scene)
            expression, _ = _branches(expression, scene)
        else:
            expression = expression.operand
    holds = scene.fold(expression).holds is True
    match expression:
        case Binary(operator="&&" | "||" as operator):
            parts = _chain(expression)
            if holds is (operator == "||"):
                # The first that settled it; what comes after wasn't looked at.
                parts = [next(part for part in parts if scene.fold(part).holds is holds)]
            reasons += [reason for part in parts for reason in reasons_of(part, scene)]
        case _ if not reasons or not is_constant(expression):
            reasons.append(atom_reason(expression, scene, holds=holds))
        case _:
            pass  # `if … then true else …`: the condition says it all
    return tuple(reasons)


def _branching(expression: Expression, scene: Scene, *, wanted: bool) -> tuple[Need, ...]:
    """What an `if` needs: the other branch, if that would do, or something else of the branch taken."""
    options: list[tuple[Need, ...]] = []
    part = expression
    while isinstance(part, If):
        taken, other = _branches(part, scene)
        if scene.fold(other).holds is wanted:
            turned = scene.fold(part.condition).holds is not True
            options.append(needs_of(part.condition, scene, wanted=turned))
        part = taken
    if not options or not is_constant(part):
        options.append(needs_of(part, scene, wanted=wanted))
    return _choice(options)


def _branches(expression: If, scene: Scene) -> tuple[Expression, Expression]:
    """The branch that was taken, and the other."""
    branches = (expression.then, expression.otherwise)
    return branches if scene.fold(expression.condition).holds else (branches[1], branches[0])


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
    return _choice([needs_of(part, scene, wanted=wanted) for part in parts])


def _choice(options: Sequence[tuple[Need, ...]]) -> tuple[Need, ...]:
    """Options of which each would do; those of a choice within are options themselves."""
    flat: list[tuple[Need, ...]] = []
    for option in options:
        first = option[0]
        flat += first.options if len(option) == 1 and isinstance(first, Choice) else [option]
    return flat[0] if len(flat) == 1 else (Choice(tuple(flat)),)
