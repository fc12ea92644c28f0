"""A whole policy in one kind of request: when it is satisfied, and when it errs."""

import hashlib
from dataclasses import dataclass

from policy_engine.cedar import Condition, Effect, PolicyTree
from policy_engine.review.symbolic.encoding.expressions import Steps, encode_steps, steps_of
from policy_engine.review.symbolic.encoding.operators import both
from policy_engine.review.symbolic.encoding.reads import Reads, reads_of
from policy_engine.review.symbolic.encoding.results import as_truth, truth
from policy_engine.review.symbolic.encoding.scope import admits
from policy_engine.review.symbolic.simplify import conjunction, variable
from policy_engine.review.symbolic.terms import FALSE, TRUE, Sort, Term
from policy_engine.review.symbolic.world import World

__all__ = ["Encoded", "encode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What becomes of a policy.

    Attributes:
        effect: `permit` or `forbid`.
        satisfied: whether its scope and its conditions hold.
        errs: whether it can't be evaluated.
        havoc: digests of conditions that aren't encoded: each may hold, not hold or err, in any request.
    """

    effect: Effect
    satisfied: Term
    errs: Term
    havoc: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A policy's conditions, looked at once for all kinds of requests.

    Holds the tree, too, so that no other gets its id.
    """

    tree: PolicyTree
    steps: tuple[tuple[Condition, Steps], ...]
    reads: Reads


def encode(policy: PolicyTree, world: World) -> Encoded:
    """When a policy is satisfied, and when it errs.

    What the encoding has no terms for isn't left out: it may come to anything.
    """
    effect = policy.effect
    scope = _scope(policy, world)
    if scope is FALSE:
        return _NEVER[effect]
    if not policy.conditions and scope is not None:
        return Encoded(effect=effect, satisfied=scope, errs=FALSE)
    prepared = _prepared(policy, world)
    key = (id(policy), *prepared.reads.key(world))
    body: Encoded | None = world.cache.get(key)
    if body is None:
        body = world.cache[key] = _body(prepared, world)
    if scope is TRUE:
        return body
    havoc = body.havoc
    if scope is None:
        # A head with slots isn't a policy's; what it would admit isn't known.
        digest = _digest(repr((policy.principal, policy.action, policy.resource)), world)
        havoc, scope = havoc | {digest}, variable(Sort.BOOL, "havoc", digest)
    return Encoded(
        effect=effect,
        satisfied=conjunction(scope, body.satisfied),
        errs=conjunction(scope, body.errs),
        havoc=havoc,
    )


_NEVER: dict[Effect, Encoded] = {
    "permit": Encoded(effect="permit", satisfied=FALSE, errs=FALSE),
    "forbid": Encoded(effect="forbid", satisfied=FALSE, errs=FALSE),
}


def _scope(policy: PolicyTree, world: World) -> Term | None:
    return admits(policy.principal, policy.action, policy.resource, world)


def _prepared(policy: PolicyTree, world: World) -> _Prepared:
    found = world.prepared.get(id(policy))
    if found is None:
        parts = [reads_of(condition.body) for condition in policy.conditions]
        found = world.prepared[id(policy)] = _Prepared(
            tree=policy,
            steps=tuple((condition, steps_of(condition.body)) for condition in policy.conditions),
            reads=Reads(
                variables=frozenset().union(*(part.variables for part in parts)),
                context=tuple(sorted({path for part in parts for path in part.context})),
            ),
        )
    return found


def _body(prepared: _Prepared, world: World) -> Encoded:
    """What becomes of a policy whose scope admits the request."""
    whole = truth(TRUE)
    havoc: set[str] = set()
    for condition, steps in prepared.steps:
        part = _clause(condition, as_truth(encode_steps(steps, world)))
        if part is None:
            digest = _digest(repr(condition), world)
            part = variable(Sort.BOOL, "havoc", digest, "errs"), variable(Sort.BOOL, "havoc", digest)
            havoc.add(digest)
        errs, holds = part
        whole = both(whole, truth(holds, errs))
    settled = as_truth(whole)
    errs, holds = settled if settled is not None else (TRUE, FALSE)
    return Encoded(
        effect=prepared.tree.effect,
        satisfied=conjunction(holds, ~errs),
        errs=errs,
        havoc=frozenset(havoc),
    )


def _clause(condition: Condition, body: tuple[Term, Term] | None) -> tuple[Term, Term] | None:
    """Whether a clause errs, and whether it holds; None if it isn't followed."""
    kind: str = condition.kind
    match kind, body:
        case "when", (errs, holds):
            return errs, holds
        case "unless", (errs, holds):
            return errs, ~holds
        case _:
            return None


def _digest(text: str, world: World) -> str:
    """Of what isn't encoded: the same text is the same unknown, for one principal."""
    whole = (text, world.environment, world.twin)
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:16]
