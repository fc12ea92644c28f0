"""PS004: a policy on tools that aren't pinned, where those are denied.

What it checks:
    A policy names `Action::"<server>/?"`, and the server has `unpinned: deny`.

Why it matters:
    Calls of tools that aren't pinned are refused before any policy is asked.
    So a permit doesn't open them, and a forbid isn't needed.

Example:
    ```cedar
    @id("try-new-tools")
    permit (principal in Group::"corp/eng", action == Action::"github/?", resource);
    ```

Instead:
    Pin the tools and name them, or write `unpinned: allow` for that server.
"""

from collections.abc import Iterator

from policy_engine.evaluator.inference import entity_literals
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey

__all__ = ["DENIED_UNPINNED"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    denied = {
        f"{name}/?": name for name, server in survey.deployment.servers.items() if server.unpinned == "deny"
    }
    for subject in survey.subjects:
        for literal in entity_literals(subject.tree):
            server = denied.get(literal.uid.id)
            if literal.uid.type == "Action" and server is not None:
                message = f"tools of `{server}` that aren't pinned are denied before any policy"
                remedy = f"pin the tool, and name it, or set `unpinned: allow` for `{server}`"
                yield subject.warning("PS004", literal.span, message, remedy)


DENIED_UNPINNED = Check(code="PS004", page=__doc__ or "", find=_find)
