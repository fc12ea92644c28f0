"""PS103: somebody who is known by the spelling of their name.

What it checks:
    A condition compares the id of a person, a machine or an application with `like`.
    A beginning that ends in `:` or `/`, as the ids of workloads have it, is taken for a name space.

Why it matters:
    `svc-*` is a habit, not a fact: whoever may choose a name, or register a client, chooses to be meant.

Example:
    ```cedar
    @id("services-read")
    permit (principal is Client, action in Action::"read_only", resource)
    when { principal.client_id like "svc-*" };
    ```

Instead:
    Put them in a group, where the operator says who belongs to it.

    ```cedar
    @id("services-read")
    permit (principal in ClientGroup::"machines/ci", action in Action::"read_only", resource);
    ```
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from policy_engine.cedar import GetAttribute, Like
from policy_engine.evaluator import nodes, text_of
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import ACTOR, PRINCIPAL, TOKEN, Scene
from policy_engine.review.verdict import Severity

__all__ = ["KIND_BY_NAME"]

_REMEDY = "name them, or ask who they are: "

_NAMES: Mapping[GetAttribute, str] = MappingProxyType(
    {
        GetAttribute(PRINCIPAL, "subject"): '`principal in Group::"…"`',
        GetAttribute(PRINCIPAL, "client_id"): '`principal in ClientGroup::"…"`',
        GetAttribute(ACTOR, "client_id"): '`context.actor in ClientGroup::"…"`',
        GetAttribute(TOKEN, "client_id"): '`["…", "…"].contains(context.token.client_id)`',
    }
)
"""What is compared, and what to ask for instead."""


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.policies:
        for node in nodes(policy.tree):
            if not isinstance(node, Like) or not isinstance(node.target, GetAttribute):
                continue
            instead = _NAMES.get(node.target)
            if instead is not None and not _is_name_space(node.pattern):
                what = text_of(policy.policy.written, node.target)
                message = f"`{what}` is matched by a pattern, and names can be chosen"
                yield Found(message=message, remedy=_REMEDY + instead, policy=policy, span=node.span)


def _is_name_space(pattern: tuple[str | None, ...]) -> bool:
    first, *rest = pattern or ("",)
    return first is not None and first.endswith((":", "/")) and rest == [None]


KIND_BY_NAME = Check(code="PS103", page=__doc__ or "", severity=Severity.warning, find=_find)
