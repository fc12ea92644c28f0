"""PS116: a pattern that another host fits, too.

What it checks:
    A condition compares with `like`

    - an e-mail address with a `*` and the end of a host that begins neither with `@` nor with `.`;
    - the host or the authority of a resource with a `*` and the end of a host that doesn't begin with `.`;
    - any text with `scheme://host*`, where nothing ends the host.

Why it matters:
    `*example.com` fits `notexample.com`, and `https://example.com*` fits `https://example.com.attacker.test`:
    whoever registers such a name is let in.

Example:
    ```cedar
    @id("own-people")
    permit (principal is User, action in Action::"read_only", resource)
    when { principal has email && principal.email like "*example.com" };
    ```

Instead:
    ```cedar
    @id("own-people")
    permit (principal is User, action in Action::"read_only", resource)
    when { principal has email && principal.email like "*@example.com" };
    ```
"""

import re
from collections.abc import Iterator

from policy_engine.cedar import Like, Variable
from policy_engine.evaluator import nodes, text_of
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import PRINCIPAL, Scene, attribute
from policy_engine.review.verdict import Severity

__all__ = ["LOOKALIKE_PATTERN"]

_RESOURCE = Variable("resource")
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*[^/?#:@]")


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.policies:
        for node in nodes(policy.tree):
            remedy = _mend(node) if isinstance(node, Like) else ""
            if remedy:
                written = text_of(policy.policy.written, node)
                message = f"`{written}` holds for other hosts, too"
                yield Found(message=message, remedy=remedy, policy=policy, span=node.span)


def _mend(node: Like) -> str:
    """What is missing in a pattern; nothing if it names the host exactly."""
    first, last = node.pattern[:1], node.pattern[-1:]
    if len(node.pattern) > 1 and first[0] is not None and _ORIGIN.fullmatch(first[0]):
        return "end the host with a `/` before the `*`"
    if len(node.pattern) == 1 or last[0] is None or _HOST.fullmatch(last[0]) is None:
        return ""
    if attribute(node.target, PRINCIPAL) == "email":
        return "begin the host with an `@` after the `*`"
    if attribute(node.target, _RESOURCE) in ("host", "authority"):
        return "begin the host with a `.` after the `*`, and name the host itself besides"
    return ""


LOOKALIKE_PATTERN = Check(code="PS116", page=__doc__ or "", severity=Severity.warning, find=_find)
