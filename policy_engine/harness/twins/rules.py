"""What twins must not show, a rule each.

None of them speaks of a machine that is denied what a person is allowed: that is what policies are for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.evaluator import PolicyStore
from policy_engine.harness.twins.expected import Expected, Role, role_of
from policy_engine.harness.twins.making import Relation, Twin
from policy_engine.model import Client, Decision, Principal, User

__all__ = ["RULES", "Pair", "Rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Somebody's request and their twin's.

    Attributes:
        principal: who asks.
        decision: what was decided.
        twin: the twin.
        twin_decision: what was decided of it.
        call: what both ask.
        expected: what the author shows to expect.
        policies: the policies.
    """

    principal: Principal
    decision: Decision
    twin: Twin
    twin_decision: Decision
    call: str
    expected: Expected
    policies: PolicyStore

    @property
    def role(self) -> Role:
        """What the twin is."""
        return role_of(self.twin.identity.principal)

    @property
    def unforeseen(self) -> bool:
        """Whether the twin is allowed what no case expects anybody of its kind to be allowed."""
        return self.twin_decision.allowed and not self.expected.call(
            self.role, self.call, _ids(self.twin_decision)
        )

    def annotated(self, policy: str, name: str) -> bool:
        """Whether a policy has an annotation."""
        return name in self.policies.policies[policy].written.annotations


Find = Callable[[Pair], Iterator[str]]
"""The policies to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that twins must not show.

    Attributes:
        name: its name.
        says: what is wrong, in a sentence.
        remedy: what to do about it.
        find: looks for it.
    """

    name: str
    says: str
    remedy: str
    find: Find


def _ids(decision: Decision) -> tuple[str, ...]:
    return tuple(match.id for match in decision.policies)


def _kind_blind(pair: Pair) -> Iterator[str]:
    if pair.twin.relation is not Relation.other_kind or not pair.decision.allowed:
        return
    if pair.twin_decision.allowed:
        shared = set(_ids(pair.twin_decision))
        for policy in _ids(pair.decision):
            if policy in shared and not pair.annotated(policy, "kinds"):
                yield policy


def _machine_slips(pair: Pair) -> Iterator[str]:
    person = isinstance(pair.principal, User) and pair.principal.actor is None
    if person and isinstance(pair.twin.identity.principal, Client) and pair.unforeseen:
        yield from _forbids(pair.decision)


def _machine_gains(pair: Pair) -> Iterator[str]:
    """By a permit of which no case shows that it is meant to let machines in, whatever they ask."""
    if not isinstance(pair.principal, User) or not isinstance(pair.twin.identity.principal, Client):
        return
    if pair.unforeseen:
        for policy in set(_ids(pair.twin_decision)) - set(_ids(pair.decision)):
            if not pair.expected.policy("machine", policy):
                yield policy


def _agent_slips(pair: Pair) -> Iterator[str]:
    if pair.twin.relation is Relation.through_agent and pair.unforeseen:
        yield from _forbids(pair.decision)


def _agent_gains(pair: Pair) -> Iterator[str]:
    denied = not pair.decision.allowed and not _forbids(pair.decision)
    if pair.twin.relation is Relation.through_agent and pair.unforeseen and denied:
        yield from _ids(pair.twin_decision)


def _agent_alike(pair: Pair) -> Iterator[str]:
    if pair.twin.relation is Relation.through_agent and pair.unforeseen and pair.decision.allowed:
        for policy in _ids(pair.twin_decision):
            if not pair.expected.policy("agent", policy):
                yield policy


def _not_delegable(pair: Pair) -> Iterator[str]:
    if pair.role == "agent" and pair.twin_decision.allowed:
        for policy in _ids(pair.twin_decision):
            if not pair.annotated(policy, "delegable"):
                yield policy


def _twin_errs(pair: Pair) -> Iterator[str]:
    known = {fault.policy for fault in pair.decision.errors}
    for fault in pair.twin_decision.errors:
        if fault.policy not in known:
            yield fault.policy


def _forbids(decision: Decision) -> tuple[str, ...]:
    return _ids(decision) if decision.code == "forbidden" else ()


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Rule(
                name="kind-blind",
                says="the permit lets both in alike: the machine and the person of the same name",
                remedy='write `principal is User` or `principal is Client`, or say so: `@kinds("both")`',
                find=_kind_blind,
            ),
            Rule(
                name="machine-slips",
                says="the forbid stops the person, and the machine of the same name gets through",
                remedy="take `is User` out of its head, or expect the machine to be allowed in a scenario",
                find=_machine_slips,
            ),
            Rule(
                name="machine-gains",
                says="the permit lets the machine of the person's name in, and no case expects it of any",
                remedy="name the machines that are meant, or expect one to be allowed in a scenario",
                find=_machine_gains,
            ),
            Rule(
                name="agent-slips",
                says="the forbid stops the person, and lets an agent do it for them",
                remedy="let it hold for agents too, or expect an agent to be allowed in a scenario",
                find=_agent_slips,
            ),
            Rule(
                name="agent-gains",
                says="the permit lets an agent do for the person what they may not do themselves",
                remedy="ask of it what is asked of the person, or expect it in a scenario",
                find=_agent_gains,
            ),
            Rule(
                name="agent-alike",
                says="the permit lets an agent do it for the person, and no case expects that of any agent",
                remedy="take `@delegable` out, or expect an agent to be allowed in a scenario",
                find=_agent_alike,
            ),
            Rule(
                name="not-delegable",
                says="the permit lets an agent in without `@delegable`: that can't be, and is a bug",
                remedy="report it",
                find=_not_delegable,
            ),
            Rule(
                name="twin-errs",
                says="the policy can't be evaluated for the twin",
                remedy="ask with `has` first, or say in its head whom it is for",
                find=_twin_errs,
            ),
        )
    }
)
