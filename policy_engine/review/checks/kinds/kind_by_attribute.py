"""PS102: a kind that is told by an attribute, the issuer or the grant.

What it checks:
    The head leaves the principal open, nothing asks for its type or its groups, and a condition asks for what
    goes with one kind:

    - `principal has …` for an attribute that only people, or only machines, have;
    - the grant of the token;
    - in a permit without `@kinds("both")`, the issuer of the principal.

    An `unless` of a permit is looked at by PS104.

Why it matters:
    An attribute may be missing (an address counts only if it was verified), an issuer may begin to issue to
    machines, a grant may not be told.
    The type of the principal is what the engine vouches for.

Example:
    ```cedar
    @id("people-write") @kinds("both")
    permit (principal, action in Action::"github/*", resource)
    when { principal has email };
    ```

Instead:
    ```cedar
    @id("people-write")
    permit (principal is User, action in Action::"github/*", resource);
    ```
"""

from collections.abc import Iterator, Mapping

from policy_engine.cedar import Binary, Expression, HasAttribute, SetLiteral, Value, walk
from policy_engine.evaluator import SurveyedPolicy, nodes, text_of
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import PRINCIPAL, TOKEN, Scene, about_kind, attribute
from policy_engine.review.verdict import Severity

__all__ = ["KIND_BY_ATTRIBUTE"]

_REMEDY = "say in the head whom it is meant for: `principal is User`, or `principal is Client`"
_COMPARED = frozenset({"==", "!=", "contains"})


def _find(scene: Scene) -> Iterator[Found]:
    one_sided = _one_sided(scene)
    for policy in scene.policies:
        tree = policy.tree
        if tree.principal.operator != "all" or any(map(about_kind, nodes(tree))):
            continue
        for node in _asked(policy):
            what = _evidence(node, one_sided, issuer=_is_untyped_permit(policy))
            if what:
                message = f"`{text_of(policy.policy.written, node)}` stands for a kind: {what}"
                yield Found(message=message, remedy=_REMEDY, policy=policy, span=node.span)
                break


def _one_sided(scene: Scene) -> Mapping[str, str]:
    """Attributes that only one kind has, and who that is."""
    people, machines = (scene.survey.vocabulary.entity_types[kind].fields for kind in ("User", "Client"))
    return {
        name: f"only {who} have it" + ("" if field.required else ", and not each of them")
        for own, other, who in ((people, machines, "people"), (machines, people, "machines"))
        for name, field in own.items()
        if name not in other
    }


def _is_untyped_permit(policy: SurveyedPolicy) -> bool:
    return policy.tree.effect == "permit" and "kinds" not in policy.tree.annotations


def _asked(policy: SurveyedPolicy) -> Iterator[Expression]:
    for condition in policy.tree.conditions:
        if condition.kind == "when" or policy.tree.effect == "forbid":
            yield from walk(condition.body)


def _evidence(node: Expression, one_sided: Mapping[str, str], *, issuer: bool) -> str:
    """Why a condition tells a kind only by the way; nothing if it doesn't."""
    if isinstance(node, HasAttribute) and node.target == PRINCIPAL:
        return one_sided.get(node.name, "")
    if not isinstance(node, Binary) or node.operator not in _COMPARED:
        return ""
    one, other = node.left, node.right
    if not isinstance(other, Value | SetLiteral):
        one, other = other, one
    if not isinstance(other, Value | SetLiteral):
        return ""
    if attribute(one, TOKEN) == "grant":
        return "not every token tells its grant"
    if issuer and attribute(one, PRINCIPAL) == "issuer":
        return "an issuer may speak for both"
    return ""


KIND_BY_ATTRIBUTE = Check(code="PS102", page=__doc__ or "", severity=Severity.warning, find=_find)
