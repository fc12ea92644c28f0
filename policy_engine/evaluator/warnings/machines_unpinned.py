"""PS007: a permit that lets machines call tools that nobody pinned.

What it checks:
    A server has `unpinned: allow`, and a permit admits machines to `Action::"<server>/?"`.
    Its head names that action or a group that holds it (`call_tool`, `<server>/*`, `destructive`,
    `open_world`), or leaves the action open.
    A policy that reads `resource.pinned` is taken to know.

Why it matters:
    A machine calls what its instructions, or a prompt, make it call.
    A tool that its server offers since this morning is one that nobody has looked at.

Example:
    ```cedar
    @id("bot")
    permit (principal == Client::"machines/bot", action in Action::"github/*", resource);
    ```

Instead:
    Name the tools, leave out what isn't pinned, or set `unpinned: deny`.

    ```cedar
    @id("bot")
    permit (principal == Client::"machines/bot", action in Action::"github/*", resource)
    when { resource.pinned };
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import GetAttribute, Variable
from policy_engine.evaluator.inference import nodes
from policy_engine.evaluator.nearest import listed
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Subject, Survey

__all__ = ["MACHINES_UNPINNED"]

_PINNED = GetAttribute(Variable("resource"), "pinned")


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    open_servers = {
        f"{name}/?": name for name, row in survey.deployment.servers.items() if row.unpinned == "allow"
    }
    if not open_servers:
        return
    index = survey.validator.grouping.index
    unpinned = sum(index.bit(action) for action in open_servers)
    for subject in survey.subjects:
        called = _called_by_machines(subject, unpinned)
        reached = sorted(name for action, name in open_servers.items() if called & index.bit(action))
        if reached:
            message = (
                f"machines may call tools of {listed(f'`{name}`' for name in reached)} that nobody pinned"
            )
            remedy = "name the tools, add `when { resource.pinned }`, or set `unpinned: deny`"
            span = subject.tree.action.span
            yield subject.warning("PS007", span, message, remedy)


def _called_by_machines(subject: Subject, actions: int) -> int:
    if subject.tree.effect == "forbid" or _PINNED in nodes(subject.tree):
        return 0
    environments = [
        environment
        for environment in subject.environments
        if environment.principal == "Client" and subject.alike.classes[environment.action] & actions
    ]
    inferred = subject.inferring(environments)
    return subject.alike.expanded(one.environment.action for one in inferred if one.reachable) & actions


MACHINES_UNPINNED = Check(code="PS007", page=__doc__ or "", find=_find)
