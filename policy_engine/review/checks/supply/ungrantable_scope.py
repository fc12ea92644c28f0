"""PS123: a scope that our own authorization server never grants.

What it checks:
    A policy is for machines of the issuer that `authserver` runs, by the names in its head, and asks for a
    scope that `authserver.scopes` has for none of the servers that the policy is about.
    (Which scopes other issuers grant isn't known.)

Why it matters:
    No token of these machines holds it, so the condition never does.

Example:
    ```cedar
    @id("ci-opens-issues")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/create_issue", resource)
    when { context.token.scopes.contains("issue:write") };
    ```

Instead:
    Write the scope as `authserver.scopes` has it, or add it there.

    ```cedar
    @id("ci-opens-issues")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/create_issue", resource)
    when { context.token.scopes.contains("issues:write") };
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import SurveyedPolicy, closest
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene, is_tool, scope_literals
from policy_engine.review.verdict import Severity

__all__ = ["UNGRANTABLE_SCOPE"]


def _find(scene: Scene) -> Iterator[Found]:
    server = scene.loaded.config.authserver
    if server is None:
        return
    issuers = scene.loaded.config.issuers.items()
    own = {name for name, issuer in issuers if issuer.issuer == server.issuer}
    for policy in scene.policies:
        named = {literal.uid.id.partition("/")[0] for literal in policy.tree.principal.entities}
        if not named or not named <= own:
            continue
        grantable = {scope for name in _servers(scene, policy) for scope in server.scopes.get(name, ())}
        for literal in scope_literals(policy.tree):
            text = str(literal.value)
            if text in grantable:
                continue
            near = closest(text, grantable)
            where = min(_servers(scene, policy), default="…")
            remedy = f"did you mean `{near}`?" if near else f"add it to `authserver.scopes.{where}`"
            message = f"no token of `{min(named)}` holds the scope `{text}` at these servers"
            yield Found(message=message, remedy=remedy, policy=policy, span=literal.span)


def _servers(scene: Scene, policy: SurveyedPolicy) -> frozenset[str]:
    """What a policy is about; all servers, if it is about anything but tools."""
    actions = scene.reach.of(policy, "Client")
    if not all(map(is_tool, actions)):
        return frozenset(scene.subject.servers)
    return frozenset(name.partition("/")[0] for name in actions)


UNGRANTABLE_SCOPE = Check(code="PS123", page=__doc__ or "", severity=Severity.warning, find=_find)
