"""PS118: a time that is over.

What it checks:
    A condition asks whether `context.time` is before a date that is written out, and that date has passed.
    It depends on the day on which it is asked.

Why it matters:
    It never holds again.
    What was opened for a while is closed, and could go; what was forbidden for a while is open again.

Example:
    ```cedar
    @id("migration")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/list_issues", resource)
    when { context.time < datetime("2020-06-01") };
    ```

Instead:
    Remove what is over, or write when it will be.

    ```cedar
    @id("migration")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/list_issues", resource)
    when { context.time < datetime("2120-06-01") };
    ```
"""

from collections.abc import Iterator
from typing import Final

from policy_engine.cedar import (
    Binary,
    Datetime,
    Expression,
    PartialRequest,
    fold_expression,
)
from policy_engine.evaluator import nodes, text_of
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import TIME, Scene
from policy_engine.review.verdict import Severity

__all__ = ["PAST_DATE"]

_NOBODY: Final = PartialRequest()
_REMEDY = "remove what is over, or write another date"


def _find(scene: Scene) -> Iterator[Found]:
    now = scene.now * 1000
    for policy in scene.policies:
        for node in nodes(policy.tree):
            end = _end(node)
            if end is not None and end <= now:
                written = text_of(policy.policy.written, node)
                message = f"`{written}` never holds again: that time is over"
                yield Found(message=message, remedy=_REMEDY, policy=policy, span=node.span)


def _end(node: Expression) -> int | None:
    """The time before which it holds, in milliseconds since the epoch, if it asks for such a one."""
    match node:
        case Binary(operator="<" | "<=" as operator, left=left, right=date) if left == TIME:
            pass
        case Binary(operator=">" | ">=" as operator, left=date, right=right) if right == TIME:
            pass
        case _:
            return None
    value = fold_expression(date, _NOBODY).value
    if not isinstance(value, Datetime):
        return None
    return value.milliseconds + (1 if operator in ("<=", ">=") else 0)


PAST_DATE = Check(code="PS118", page=__doc__ or "", severity=Severity.note, find=_find)
