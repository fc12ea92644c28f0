"""One request: its verdict, and every policy in the order of how much it has to say about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.cedar import literals
from policy_engine.evaluator.deciding import Evaluator, Verdict
from policy_engine.evaluator.explanation.findings import Finding, Need, Subject
from policy_engine.evaluator.explanation.policy import PolicyExplanation, explain_policy
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.model import ALLOWED, AuthorizationRequest

__all__ = ["RequestExplanation", "explain_request"]

_MOST_NEAR = 5
"""Policies that came near and are told of, unless everything is asked for."""

_WEIGHTS: Mapping[Subject, int] = MappingProxyType({"kind": 2, "principal": 2, "action": 3, "resource": 3})
"""What is harder to change than an argument or a scope: of two that fail on as many, it comes last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExplanation:
    """Why the policies said what they said.

    Attributes:
        request: the question.
        verdict: the answer.
        policies: all of them, shadow policies too: those that decided, those that applied or erred, those
            that came near, nearest first, and the rest.
        telling: how many of them, from the first, are worth telling of; what is said of the others has no
            places, unless they are asked for.
        scene: what they looked at.
    """

    request: AuthorizationRequest
    verdict: Verdict
    policies: tuple[PolicyExplanation, ...]
    telling: int
    scene: Scene = field(repr=False)

    @property
    def told(self) -> tuple[PolicyExplanation, ...]:
        """The policies that are worth telling of."""
        return self.policies[: self.telling]

    def all_placed(self) -> tuple[PolicyExplanation, ...]:
        """All policies, each with the places of what is said of it; takes a millisecond a policy."""
        rest = (_placed(each, self.scene) for each in self.policies[self.telling :])
        return (*self.told, *rest)

    @property
    def near(self) -> tuple[PolicyExplanation, ...]:
        """Permits that didn't apply, the nearest first: those worth telling of."""
        return tuple(each for each in self.told if each.outcome == "not_applied")


def explain_request(evaluator: Evaluator, request: AuthorizationRequest) -> RequestExplanation:
    """Explain what an evaluator decides on a request.

    Raises:
        CedarError: the request contradicts itself, or Cedar can't read it: a fault of an earlier stage.
    """
    verdict = evaluator.evaluate(request)
    policies = evaluator.store.policies.values()
    # What no deciding policy names, Cedar needn't know; shadow policies are looked at as if they decided.
    named = {uid for policy in policies if policy.shadow for uid in literals(policy.effective.est)}
    scene = Scene.of(request, evaluator.entities(request, also=named))
    decided = {match.id for match in verdict.policies}
    explained = [explain_policy(policy, scene, decided=policy.id in decided) for policy in policies]
    ranked = sorted(explained, key=_rank)
    telling = _telling(ranked, verdict.code)
    return RequestExplanation(
        request=request,
        verdict=verdict,
        policies=(*(_placed(each, scene) for each in ranked[:telling]), *ranked[telling:]),
        telling=telling,
        scene=scene,
    )


def _placed(each: PolicyExplanation, scene: Scene) -> PolicyExplanation:
    return explain_policy(each.policy, scene, decided=each.decided, places=True)


def _rank(each: PolicyExplanation) -> tuple[int, int, int]:
    return (_place(each), each.distance, 0 if each.outcome == "applied" else _weight(each.findings))


def _weight(needs: Iterable[Need]) -> int:
    return sum(
        _WEIGHTS.get(need.subject, 1) if isinstance(need, Finding) else min(map(_weight, need.options))
        for need in needs
    )


def _place(each: PolicyExplanation) -> int:
    if each.decided:
        return 0
    if each.outcome != "not_applied":
        return 1
    could_help = each.policy.effect == "permit" and not each.policy.shadow
    return (2 if each.on_topic else 3) if could_help else 4


def _telling(ranked: list[PolicyExplanation], code: str) -> int:
    places = [_place(each) for each in ranked]
    settled, near = places.count(0) + places.count(1), places.count(2)
    if code == ALLOWED:
        return settled
    if near == 0 and code == "no_permit":
        # Nothing is about this call; the nearest of the others shows at least what there is.
        near = min(1, places.count(3))
    return settled + min(near, _MOST_NEAR)
