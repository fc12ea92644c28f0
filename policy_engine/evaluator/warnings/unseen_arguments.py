"""PS008: a condition on arguments that policies can't see.

What it checks:
    A policy reads arguments, and a pinned tool that its head admits has an `inputSchema` that can't be turned
    into Cedar types: wholly, or for that argument.

Why it matters:
    To policies such an argument isn't there.
    A permit that asks for it never opens the tool, and a forbid that asks for it never closes it.

Example:
    ```cedar
    @id("not-by-force")
    forbid (principal, action in Action::"github/*", resource)
    when { context.arguments has force && context.arguments.force };
    ```

    where `github/delete` has an `inputSchema` with a top-level `oneOf`.

Instead:
    Decide on that tool without its arguments, or have its schema written more simply.
    That an unseen argument was given is known: `context.unrepresentable.contains("force")`.
"""

from collections.abc import Iterator

from policy_engine.cedar import GetAttribute, HasAttribute, Variable
from policy_engine.evaluator.inference import nodes
from policy_engine.evaluator.nearest import listed
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Subject, Survey

__all__ = ["UNSEEN_ARGUMENTS"]

_ARGUMENTS = GetAttribute(Variable("context"), "arguments")


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        for node in _asked(subject):
            unseen = survey.unseen.reasons(node.name, subject.actions)
            if unseen:
                tools, reason = listed(sorted(unseen)), unseen[min(unseen)]
                message = f"policies can't see `{node.name}` of {tools}: {reason}"
                remedy = "to them it isn't there: decide on that tool without it"
                yield subject.warning("PS008", node.name_span or node.span, message, remedy)


def _asked(subject: Subject) -> Iterator[GetAttribute | HasAttribute]:
    """The first place at which each argument is read, or asked for."""
    seen = set()
    for node in nodes(subject.tree):
        if (
            isinstance(node, GetAttribute | HasAttribute)
            and node.target == _ARGUMENTS
            and node.name not in seen
        ):
            seen.add(node.name)
            yield node


UNSEEN_ARGUMENTS = Check(code="PS008", page=__doc__ or "", find=_find)
