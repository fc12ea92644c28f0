"""`health`: policies that decide nothing, that can fail, or whose conditions say nothing.

A permit that never applies is *vacuous*; one in whose place others always permit is *shadowed* by one of them
or *redundant* beside several; one that forbids always override is *overridden*. A forbid that denies nothing
that a permit allows is a guard rail, and only noted.
"""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from policy_engine.review.questions.bench import Bench
from policy_engine.review.questions.health.conditions import always_true
from policy_engine.review.questions.health.errors import failing
from policy_engine.review.questions.health.needed import Candidate, examine
from policy_engine.review.questions.wording import because, code, counted, listed
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["health"]


def health(bench: Bench) -> Iterator[Verdict]:
    """A verdict on the whole set, and one on each policy of which something is to be said."""
    candidates = examine(bench, bench.subject.running)
    verdicts = [verdict for verdict in (_verdict(bench, each) for each in candidates) if verdict is not None]
    verdicts += failing(bench)
    verdicts += always_true(bench)
    yield _whole(candidates, verdicts)
    yield from verdicts


def _verdict(bench: Bench, candidate: Candidate) -> Verdict | None:
    if candidate.witness is not None:
        return None
    name = code(candidate.policy)
    if candidate.reasons:
        statement = f"whether {name} matters isn't known: {because(candidate.reasons)}"
        return _made(candidate, Outcome.unknown, statement, "not known", Severity.warning)
    if not bench.formulas.environments(candidate.policy):
        statement = f"{name} is about nothing that there is yet"
        return _made(candidate, Outcome.violated, statement, "nothing yet", Severity.note)
    if not candidate.applies:
        if not candidate.permit and _could_apply(bench, candidate.policy):
            statement = f"{name} stops nothing that a permit allows today"
            return _made(candidate, Outcome.violated, statement, "guard rail", Severity.note)
        statement = f"{name} never applies: no request fulfils its conditions"
        return _made(candidate, Outcome.violated, statement, "vacuous", Severity.warning)
    return _replaced(bench, candidate)


def _could_apply(bench: Bench, policy: str) -> bool:
    return any(policy in bench.formulas.of(each) for each in bench.formulas.environments(policy))


def _replaced(bench: Bench, candidate: Candidate) -> Verdict:
    """Whatever it would decide is decided by others, too."""
    name, others = code(candidate.policy), tuple(candidate.others)
    forbids = [other for other in others if bench.subject.running[other].effect == "forbid"]
    if candidate.permit and forbids and len(forbids) == len(others):
        finding, statement = "overridden", f"{name} permits nothing: {listed(forbids)} always forbids it"
    elif len(others) == 1:
        does = "permits" if candidate.permit else "forbids"
        finding = "shadowed"
        statement = f"{name} adds nothing: whatever it {does}, {listed(others)} {does} as well"
    else:
        does = "permits" if candidate.permit else "forbids"
        finding = "redundant"
        statement = f"{name} adds nothing: whatever it {does} is decided by {listed(others)} as well"
    severity = Severity.warning if candidate.permit else Severity.note
    return _made(candidate, Outcome.violated, statement, finding, severity)


def _made(
    candidate: Candidate, outcome: Outcome, statement: str, finding: str, severity: Severity
) -> Verdict:
    return Verdict(
        question="health",
        subject=candidate.policy,
        outcome=outcome,
        statement=statement,
        policies=(candidate.policy, *candidate.others),
        reason=candidate.reasons[0] if outcome is Outcome.unknown else None,
        environments=candidate.looked,
        solved=candidate.solved,
        severity=severity,
        details=MappingProxyType({"finding": finding}),
    )


def _whole(candidates: Sequence[Candidate], verdicts: Sequence[Verdict]) -> Verdict:
    serious = [verdict for verdict in verdicts if verdict.severity is not Severity.note]
    bad = [verdict.subject for verdict in serious if verdict.outcome is Outcome.violated]
    open_ = [verdict for verdict in serious if verdict.outcome is Outcome.unknown]
    total = counted(len(candidates), "policy", "policies")
    subjects = [*dict.fromkeys(bad)]
    if bad:
        outcome = Outcome.violated
        statement = f"there is something to mend in {len(subjects):,} of {total}: {listed(subjects)}"
    elif open_:
        outcome = Outcome.unknown
        names = dict.fromkeys(verdict.subject for verdict in open_)
        statement = f"of {len(names):,} of {total} it isn't known whether they matter: {listed(names)}"
    else:
        outcome = Outcome.proved
        idle = len({verdict.subject for verdict in verdicts})
        each = "each decides" if not idle else counted(len(candidates) - idle, "decides", "decide")
        nothing = f", {counted(idle, 'decides', 'decide')} nothing today" if idle else ""
        statement = f"of {total}, {each} something that no other does{nothing}, and none can fail"
    findings = [str(verdict.details.get("finding")) for verdict in verdicts]
    return Verdict(
        question="health",
        subject="every policy",
        outcome=outcome,
        statement=statement,
        policies=tuple(subjects),
        reason=open_[0].reason if outcome is Outcome.unknown else None,
        environments=sum(candidate.looked for candidate in candidates),
        solved=sum(candidate.solved for candidate in candidates),
        severity=Severity.warning,
        details=MappingProxyType({finding: findings.count(finding) for finding in dict.fromkeys(findings)}),
    )
