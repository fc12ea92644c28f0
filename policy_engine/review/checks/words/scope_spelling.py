"""PS115: a scope that no token holds, by its spelling.

What it checks:
    A policy looks among the scopes of the token for a text with a `*`, or for one that can't be a scope
    (RFC 6749 section 3.3): it is empty, or has a space or a character beyond ASCII.
    A scope with a `*` that `authserver.scopes` has is one.

Why it matters:
    Scopes are compared as they are written: `issues:*` isn't a pattern, and `issues:read issues:write` isn't
    two scopes.
    Where it is asked for, the condition never holds.

Example:
    ```cedar
    @id("ci-reads")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/list_issues", resource)
    when { context.token.scopes.contains("issues:*") };
    ```

Instead:
    ```cedar
    @id("ci-reads")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/list_issues", resource)
    when { context.token.scopes.containsAny(["issues:read", "issues:write"]) };
    ```
"""

import re
from collections.abc import Iterator

from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene, scope_literals
from policy_engine.review.verdict import Severity

__all__ = ["SCOPE_SPELLING"]

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_SEVERAL = 'name each: `containsAll(["…", "…"])`, or `containsAny`'


def _find(scene: Scene) -> Iterator[Found]:
    server = scene.loaded.config.authserver
    known = (
        frozenset() if server is None else frozenset(one for some in server.scopes.values() for one in some)
    )
    for policy in scene.policies:
        for literal in scope_literals(policy.tree):
            text = str(literal.value)
            if _SCOPE.fullmatch(text) is None:
                message = "no token holds this: a scope is a word of ASCII characters"
                yield Found(message=message, remedy=_SEVERAL, policy=policy, span=literal.span)
            elif "*" in text and text not in known:
                message = "scopes are compared as they are written: this `*` stands for itself"
                yield Found(message=message, remedy=_SEVERAL, policy=policy, span=literal.span)


SCOPE_SPELLING = Check(code="PS115", page=__doc__ or "", severity=Severity.warning, find=_find)
