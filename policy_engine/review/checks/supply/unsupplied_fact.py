"""PS121: a fact that nothing brings.

What it checks:
    A policy asks for a tag or a declared attribute of the principal, or for `email`.
    No issuer reads it from a claim (`claims`), no listed client has it (`attributes`), and no static entity
    has it, of any kind for which the policy is meant.
    Tags of the acting client count, too.

Why it matters:
    Nobody ever has it.
    A permit that asks for it opens nothing; a forbid that asks for it closes nothing.

Example:
    ```cedar
    @id("cleared-people-delete")
    permit (principal is User, action == Action::"github/delete_repository", resource)
    when { principal.hasTag("clearance") && principal.getTag("clearance").contains("high") };
    ```

    where no issuer has `claims: {user: {tags: {clearance: …}}}`.

Instead:
    Say where it is, or ask for something that is there.

    ```cedar
    @id("cleared-people-delete")
    permit (principal is User, action == Action::"github/delete_repository", resource)
    when { principal.hasTag("department") && principal.getTag("department").contains("security") };
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import Binary, Expression, GetAttribute, HasAttribute, Span, Value
from policy_engine.evaluator import closest, nodes
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import ACTOR, PRINCIPAL, Kind, Scene
from policy_engine.review.checks.supply.facts import Supply
from policy_engine.review.verdict import Severity

__all__ = ["UNSUPPLIED_FACT"]

_KINDS: tuple[Kind, Kind] = ("User", "Client")


def _find(scene: Scene) -> Iterator[Found]:
    supply = Supply(scene.loaded, scene.subject.known)
    for policy in scene.policies:
        kinds = tuple(kind for kind in _KINDS if scene.reach.of(policy, kind))
        told: set[str] = set()
        for node in nodes(policy.tree):
            lacking = _lacking(node, kinds, supply)
            if lacking is not None and lacking[0] not in told:
                message, remedy, span = lacking
                told.add(message)
                yield Found(message=message, remedy=remedy, policy=policy, span=span)


def _lacking(
    node: Expression, kinds: tuple[Kind, ...], supply: Supply
) -> tuple[str, str, Span | None] | None:
    match node:
        case Binary(operator="hasTag" | "getTag", left=target, right=Value(str(name)) as text):
            meant = kinds if target == PRINCIPAL else ("Client",) if target == ACTOR else ()
            if meant and not any(supply.has_tag(kind, name) for kind in meant):
                return f"nothing brings the tag `{name}`", _mend_tag(name, meant, supply), text.span
        case GetAttribute(target=target, name=name) | HasAttribute(target=target, name=name):
            meant = kinds if target == PRINCIPAL else ("Client",) if target == ACTOR else ()
            meant = tuple(kind for kind in meant if name in supply.declared[kind])
            if meant and not any(supply.has_attribute(kind, name) for kind in meant):
                where = "email" if name == "email" else f"attributes.{name}"
                remedy = f"say in which claim it is: `claims.{_key(meant[0])}.{where}` of an issuer"
                return f"nothing brings `{name}`", remedy, node.name_span or node.span
        case _:
            pass
    return None


def _mend_tag(name: str, kinds: tuple[Kind, ...], supply: Supply) -> str:
    near = closest(name, (tag for kind in kinds for tag in supply.tags(kind)))
    if near is not None:
        return f"did you mean `{near}`?"
    return f"say in which claim it is: `claims.{_key(kinds[0])}.tags.{name}` of an issuer"


def _key(kind: Kind) -> str:
    return "user" if kind == "User" else "client"


UNSUPPLIED_FACT = Check(code="PS121", page=__doc__ or "", severity=Severity.warning, find=_find)
