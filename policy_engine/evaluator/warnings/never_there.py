"""PS009: a `has` that asks for what is never there.

What it checks:
    `has` asks for an attribute that no request has to which the policy can apply.

Why it matters:
    Cedar's validator refuses a misspelt attribute that is read, but not one that is asked for: it takes what
    follows for something that is never reached.
    So `context.arguments has forse && context.arguments.forse` is a condition that never holds.

Example:
    ```cedar
    @id("not-by-force")
    forbid (principal, action == Action::"github/delete", resource)
    when { context.arguments.repo == "acme/app" || (context.arguments has forse && context.arguments.forse) };
    ```

Instead:
    ```cedar
    @id("not-by-force")
    forbid (principal, action == Action::"github/delete", resource)
    when { context.arguments.repo == "acme/app" || (context.arguments has force && context.arguments.force) };
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import HasAttribute
from policy_engine.evaluator.inference import Constant, nodes
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Subject, Survey, why_never_there

__all__ = ["NEVER_THERE"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        if not subject.reached:  # PS003 says so, and why
            continue
        for node in _never(subject):
            message, remedy = why_never_there(node, subject, survey)
            yield subject.warning("PS009", node.name_span or node.span, message, remedy)


def _never(subject: Subject) -> list[HasAttribute]:
    """The questions that are false in every kind of request in which the validator comes to them."""
    left = {id(node): node for node in nodes(subject.tree) if isinstance(node, HasAttribute)}
    met: set[int] = set()
    for inferred in subject.inferring() if left else ():
        here = left.keys() & inferred.types.keys()
        met |= here
        for key in here:
            if inferred.types[key] != Constant(value=False):
                del left[key]
        if not left:
            break
    return [node for key, node in left.items() if key in met]


NEVER_THERE = Check(code="PS009", page=__doc__ or "", find=_find)
