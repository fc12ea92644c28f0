"""PS124: a scope that no policy looks at.

What it checks:
    `authserver.scopes` offers a scope for a server, and no policy asks for it.
    It isn't told where a policy compares scopes with something that isn't written out.

Why it matters:
    A client that asks for less gets no less: the scope narrows nothing.
    Whoever grants it, or withholds it, thinks otherwise.

Example:
    ```yaml
    authserver:
      scopes: {github: ["issues:write", "issues:read"]}
    ```

    where no policy has `context.token.scopes.contains("issues:read")`.

Instead:
    Ask for it in the policy that it is meant for, or don't offer it.

    ```cedar
    @id("ci-reads")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/list_issues", resource)
    when { context.token.scopes.contains("issues:read") };
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import Value
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene, texts_asked_of_scopes
from policy_engine.review.verdict import Severity

__all__ = ["UNUSED_SCOPE"]

_REMEDY = "ask for it where it is meant to narrow something, or don't offer it"


def _find(scene: Scene) -> Iterator[Found]:
    server = scene.loaded.config.authserver
    asked = [node for one in scene.survey.every for node in texts_asked_of_scopes(one.tree)]
    if server is None or not all(isinstance(node, Value) for node in asked):
        return
    used = {node.value for node in asked if isinstance(node, Value)}
    for name, scopes in server.scopes.items():
        for position, scope in enumerate(scopes):
            if scope not in used:
                message = f"no policy looks at the scope `{scope}`, which tokens for `{name}` can be had with"
                place = scene.place("authserver", "scopes", name, position)
                yield Found(message=message, remedy=_REMEDY, place=place)


UNUSED_SCOPE = Check(code="PS124", page=__doc__ or "", severity=Severity.note, find=_find)
