"""What a part of a condition is about."""

from policy_engine.cedar import Binary, Expression, IsType, Variable, render_expression, walk
from policy_engine.evaluator.explanation.findings import Subject
from policy_engine.evaluator.explanation.words.paths import ACTOR, SCOPES, argument_of, reads

__all__ = ["subject_of"]

_ASKED: dict[str, Subject] = {"action": "action", "resource": "resource"}


def subject_of(expression: Expression) -> tuple[Subject, str]:
    """The subject, and a name for it in which nothing of the request is."""
    argument = next((name for node in walk(expression) if (name := argument_of(node)) is not None), None)
    if argument is not None:
        return "argument", f"argument {argument}"
    if reads(expression, SCOPES):
        return "scope", "scope"
    if reads(expression, ACTOR):
        return "delegation", "delegation"
    match expression:
        case IsType(target=Variable(name="principal")):
            return "kind", "kind"
        case Binary(operator="in", left=Variable(name="principal")):
            return "group", "group"
        case Binary(operator="==" | "!=", left=Variable(name="principal")):
            return "principal", "principal"
        case IsType(target=Variable(name="action" | "resource" as name)):
            return _ASKED[name], name
        case Binary(operator="==" | "!=" | "in", left=Variable(name="action" | "resource" as name)):
            return _ASKED[name], name
        case _:
            return "condition", f"condition {render_expression(expression)}"
