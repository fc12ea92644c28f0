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
from policy_engine.evaluator.inference import nodes
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.blame import always, why_never_there
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.survey import Survey

__all__ = ["NEVER_THERE"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        if not subject.reached:  # PS003 says so, and why
            continue
        for node in nodes(subject.tree):
            if isinstance(node, HasAttribute) and always(node, subject, value=False):
                message, remedy = why_never_there(node, subject, survey)
                yield subject.warning("PS009", node.name_span or node.span, message, remedy)


NEVER_THERE = Check(code="PS009", page=__doc__ or "", find=_find)
