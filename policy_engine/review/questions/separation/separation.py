"""The verdicts of `separation`: one on the whole set, and one on each permit."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from policy_engine.review.questions.bench import Bench
from policy_engine.review.questions.separation.cases import BAD, Case, Way, case_of
from policy_engine.review.questions.separation.telling import look_for_twins, tell_apart
from policy_engine.review.questions.wording import because, code, counted, listed
from policy_engine.review.verdict import Outcome, Severity, Verdict, Witness

__all__ = ["separation"]

_WAIVER = '@kinds("both")'
_MOST_CALLS = 25
"""As many permits are shown with a call; more than anybody reads."""


def separation(bench: Bench) -> Iterator[Verdict]:
    """A verdict on the whole set, and one on each permit."""
    permits = [policy for policy in bench.subject.running.values() if policy.effect == "permit"]
    cases = [case_of(bench, policy) for policy in permits]
    tell_apart(bench, cases)
    look_for_twins(bench, cases)
    bad = [case for case in cases if case.way in BAD]
    called = {case.policy.id for case in bad[:_MOST_CALLS]}
    verdicts = [_verdict(bench, case, with_call=case.policy.id in called) for case in cases]
    yield _whole(cases, verdicts)
    yield from verdicts


def _verdict(bench: Bench, case: Case, *, with_call: bool) -> Verdict:
    waived = _WAIVER if case.policy.written.annotations.get("kinds") == "both" else None
    witness = _witness(bench, case, with_call=with_call)
    outcome, severity, statement = _said(case, witness, waived)
    return Verdict(
        question="separation",
        subject=case.policy.id,
        outcome=outcome,
        statement=statement,
        policies=(case.policy.id,),
        witnesses=() if witness is None else (witness,),
        reason=case.reasons[0] if outcome is Outcome.unknown else None,
        environments=case.environments,
        solved=case.solved,
        waived=None if outcome is Outcome.proved else waived,
        vacuous=case.way is Way.nobody,
        severity=severity,
        details=MappingProxyType({"way": case.way.name}),
    )


def _witness(bench: Bench, case: Case, *, with_call: bool) -> Witness | None:
    if case.way not in BAD or case.shown is None:
        return None
    return bench.called(case.shown) if with_call else case.shown.witness


def _said(case: Case, witness: Witness | None, waived: str | None) -> tuple[Outcome, Severity, str]:
    name = code(case.policy.id)
    match case.way:
        case Way.blind | Way.open if witness is not None:
            return Outcome.violated, Severity.error, _violated(case, witness, waived)
        case Way.blind | Way.open | Way.unknown:
            statement = f"whether {name} takes a machine for a person isn't known: {because(case.reasons)}"
            return Outcome.unknown, Severity.error, statement
        case Way.kept_out:
            statement = f"{name} can't tell machines from people, but forbids keep the machines out"
            return Outcome.proved, Severity.note, statement
        case Way.apart:
            statement = f"{name} is for both kinds, and takes more than a person's words from a machine"
            return Outcome.proved, Severity.note, statement
        case way:
            severity = Severity.note if way is Way.nobody else Severity.error
            return Outcome.proved, severity, f"{name} is {way}"


def _violated(case: Case, witness: Witness, waived: str | None) -> str:
    name = code(case.policy.id)
    who = "a machine" if case.way is Way.blind else "any machine that nobody named"
    if waived is not None:
        return f"{name} lets in {who} as it lets in people, and says that it is meant so"
    if witness.twin is None:
        can = f"{code(str(witness.principal))} can use {code(str(witness.action))}"
        return f"{name} lets in {who}, where forbids keep out even people: {can}"
    twin = witness.twin
    return (
        f"{name} lets in {who} as it lets in people: {code(str(witness.principal))} can use"
        f" {code(str(witness.action))} just like {code(str(twin.principal))}"
    )


def _whole(cases: Sequence[Case], verdicts: Sequence[Verdict]) -> Verdict:
    against = [verdict for verdict in verdicts if verdict.counts]
    bad = [verdict.subject for verdict in against if verdict.outcome is Outcome.violated]
    open_ = [verdict for verdict in against if verdict.outcome is Outcome.unknown]
    outcome = Outcome.violated if bad else Outcome.unknown if open_ else Outcome.proved
    total = counted(len(cases), "permit")
    if bad:
        statement = f"{len(bad):,} of {total} can't tell a machine from a person: {listed(bad)}"
    elif open_:
        names = listed(verdict.subject for verdict in open_)
        tell = "it tells" if len(open_) == 1 else "they tell"
        statement = (
            f"of {len(open_):,} of {total} it isn't known whether {tell} a machine from a person: {names}"
        )
    else:
        statement = _proved(cases, verdicts)
    return Verdict(
        question="separation",
        subject="every permit",
        outcome=outcome,
        statement=statement,
        policies=tuple(verdict.subject for verdict in against),
        witnesses=next((verdict.witnesses for verdict in against if verdict.witnesses), ()),
        reason=open_[0].reason if outcome is Outcome.unknown else None,
        environments=sum(case.environments for case in cases),
        solved=sum(case.solved for case in cases),
        vacuous=outcome is Outcome.proved and all(verdict.vacuous for verdict in verdicts),
        details=MappingProxyType({way.name: number for way, number in _numbers(cases)}),
    )


def _proved(cases: Sequence[Case], verdicts: Sequence[Verdict]) -> str:
    if not cases:
        return "no permit takes a machine for a person: there is no permit"
    parts = [f"{counted(number, 'is', 'are')} {way}" for way, number in _numbers(cases) if way not in BAD]
    waived = sum(verdict.waived is not None for verdict in verdicts)
    if waived:
        own = "its own word" if waived == 1 else "their own word"
        parts.append(f"{counted(waived, 'is', 'are')} for both by {own}")
    total = counted(len(cases), "permit")
    return f"no permit takes a machine for a person: of {total}, {', '.join(parts)}"


def _numbers(cases: Sequence[Case]) -> Iterator[tuple[Way, int]]:
    for way in Way:
        number = sum(case.way is way for case in cases)
        if number:
            yield way, number
