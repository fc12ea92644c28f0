"""Which policies matter: for each a request that would be decided otherwise without it, or the proof of none.

A policy is asked for by itself, and the engine decides that case with the whole set. Where others decide it
as well, they are ruled out and the solver is asked again: so hardly ever more than two formulas are needed
for a policy, and they are small (counterexample-guided abstraction refinement).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from policy_engine.review.questions.bench import Bench, Found, Search
from policy_engine.review.solving import Unknown, UnknownReason
from policy_engine.review.symbolic import FALSE, TRUE, Environment, conjunction
from policy_engine.review.verdict import Witness

__all__ = ["Candidate", "examine"]


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A policy, and what is known so far of whether it matters.

    Attributes:
        policy: its id.
        permit: whether it is one.
        rest: kinds of request in which it may still matter; the last is looked at now.
        ruled_out: policies that decide in its place where it is looked at.
        others: of all kinds that were looked at, the policies that decide in its place.
        applies: whether any request was found to which it applies.
        witness: one in which it is what decides.
        reasons: why something isn't known.
        looked: how many kinds of request were looked at.
        solved: how many formulas went to the solver.
    """

    policy: str
    permit: bool
    rest: list[Environment]
    ruled_out: list[str] = field(default_factory=list)
    others: dict[str, None] = field(default_factory=dict)
    applies: bool = False
    witness: Witness | None = None
    reasons: list[Unknown] = field(default_factory=list)
    looked: int = 0
    solved: int = 0

    @property
    def done(self) -> bool:
        """Whether there is nothing left to look at."""
        return self.witness is not None or not self.rest

    def next_kind(self) -> None:
        """Go on to the next kind of request."""
        self.rest.pop()
        self.ruled_out = []
        self.looked += 1


def examine(bench: Bench, policies: Iterable[str]) -> list[Candidate]:
    """Look at every policy until it is known whether it matters."""
    candidates = [_candidate(bench, policy) for policy in policies]
    while open_ := [candidate for candidate in candidates if not candidate.done]:
        searches = [_search(bench, candidate) for candidate in open_]
        what = f"health: {len(candidates) - len(open_)} of {len(candidates)} policies"
        for candidate, found in zip(open_, bench.look(searches, what), strict=True):
            _learn(candidate, found)
    return candidates


def _candidate(bench: Bench, policy: str) -> Candidate:
    formulas = bench.formulas
    # One kind of request of all in which the very same formulas decide.
    distinct = {
        formulas.alike(environment): environment
        for environment in reversed(formulas.environments(policy))
        if policy in formulas.of(environment)
    }
    permit = bench.subject.running[policy].effect == "permit"
    return Candidate(policy=policy, permit=permit, rest=[*distinct.values()])


def _search(bench: Bench, candidate: Candidate) -> Search:
    environment = candidate.rest[-1]
    formulas = bench.formulas.of(environment)
    own = formulas[candidate.policy]
    apart = conjunction(*(~formulas[name].decides for name in candidate.ruled_out))
    # A forbid matters only where something would be allowed without it.
    of = TRUE if candidate.permit else bench.formulas.permitted(environment)
    needs = FALSE if of is FALSE else conjunction(own.decides, of)
    return Search(
        environment=environment,
        formula=FALSE if needs is FALSE else conjunction(needs, apart),
        allowed=None,
        label=f"health: {candidate.policy}: {environment.action}",
    )


def _learn(candidate: Candidate, found: Found) -> None:
    candidate.solved += found.solved
    if found.witness is None:
        if found.reason is not None:
            candidate.reasons.append(found.reason)
        candidate.next_kind()
        return
    candidate.applies = True
    ruling = found.ruling
    denying = () if ruling is None else (*ruling.forbids, *ruling.erring_forbids)
    permits = () if ruling is None else ruling.permits
    # Of a permit it is asked what forbids it first, as Cedar names what forbids where anything does.
    deciding = denying if denying or not candidate.permit else permits
    others = [name for name in deciding if name != candidate.policy]
    if not others and candidate.policy in deciding:
        candidate.witness = found.witness
        return
    new = [name for name in others if name not in candidate.ruled_out]
    if not new:
        detail = f"the engine doesn't decide by `{candidate.policy}` where its formula says so"
        candidate.reasons.append(Unknown(UnknownReason.not_confirmed, detail))
        candidate.next_kind()
        return
    candidate.ruled_out += new
    candidate.others |= dict.fromkeys(new)
