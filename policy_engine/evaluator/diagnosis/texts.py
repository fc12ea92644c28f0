"""Constructors of extension types, and sets without elements."""

from collections.abc import Sequence
from typing import cast

from policy_engine.cedar import Call
from policy_engine.evaluator.diagnosis.case import Case, Complaint
from policy_engine.evaluator.inference import CONSTRUCTORS, Fault, as_authors_say

__all__ = ["computed", "empty", "unreadable"]


def unreadable(case: Case, faults: Sequence[Fault]) -> Complaint:
    """Of a text that a constructor can't read."""
    node = cast("Call", faults[0].node)
    text = node.arguments[0]
    made = CONSTRUCTORS[node.function]
    problem = f"`{case.text(text)}` isn't {as_authors_say(made.gives)}"
    return Complaint(text.span, problem, f"write {made.form}")


def computed(case: Case, faults: Sequence[Fault]) -> Complaint:
    """Of a constructor of something that isn't written out."""
    node = cast("Call", faults[0].node)
    argument = node.arguments[0]
    problem = f"`{node.function}` reads only a text that is written out, not `{case.text(argument)}`"
    return Complaint(argument.span, problem, "compare the text as it is")


def empty(_: Case, faults: Sequence[Fault]) -> Complaint:
    """Of an empty set."""
    problem = "an empty set holds values of no type"
    return Complaint(faults[0].node.span, problem, "put a value in, or ask another set: `.isEmpty()`")
