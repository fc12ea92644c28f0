"""PS117: two spellings that differ in upper and lower case alone.

What it checks:
    Policies name a person, a group or a role of people, or a scope, in a spelling that differs from another
    one only in its case, or in the way that Unicode writes the same letters.
    The spelling that stands first is taken for the right one.
    (Machines, tools and their groups are compared with what is configured: PS010.)

Why it matters:
    Cedar compares exactly: one of the two is nobody, and no token holds the one of two scopes.

Example:
    ```cedar
    @id("eng-writes")
    permit (principal in Group::"corp/eng", action in Action::"github/*", resource);

    @id("eng-does-not-delete")
    forbid (principal in Group::"corp/Eng", action == Action::"github/delete_repository", resource);
    ```

Instead:
    ```cedar
    @id("eng-writes")
    permit (principal in Group::"corp/eng", action in Action::"github/*", resource);

    @id("eng-does-not-delete")
    forbid (principal in Group::"corp/eng", action == Action::"github/delete_repository", resource);
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import EntityLiteral, PolicyTree, Span
from policy_engine.evaluator import entity_literals
from policy_engine.mcp import fold
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene, scope_literals
from policy_engine.review.verdict import Severity

__all__ = ["LETTER_CASE"]

_TYPES = frozenset({"User", "Group", "Role"})

_SCOPE = "scope"


def _find(scene: Scene) -> Iterator[Found]:
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for one in scene.survey.every:
        for kind, text, _ in _spelt(one.tree):
            first.setdefault((kind, fold(text)), (text, one.policy.id))
    for policy in scene.policies:
        for kind, text, span in _spelt(policy.tree):
            other, name = first[kind, fold(text)]
            if other != text:
                message = f"`{other}` is spelt otherwise in `{name}`, and Cedar compares exactly"
                yield Found(message=message, remedy=f"write `{other}`", policy=policy, span=span)


def _spelt(tree: PolicyTree) -> Iterator[tuple[str, str, Span | None]]:
    literals: Iterator[EntityLiteral] = entity_literals(tree)
    for literal in literals:
        if literal.uid.type in _TYPES:
            yield literal.uid.type, literal.uid.id, literal.span
    for scope in scope_literals(tree):
        yield _SCOPE, str(scope.value), scope.span


LETTER_CASE = Check(code="PS117", page=__doc__ or "", severity=Severity.warning, find=_find)
