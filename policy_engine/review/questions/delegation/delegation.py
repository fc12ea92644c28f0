"""The verdicts of `delegation`: one on all that agents can do for people, and one on each permit."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from policy_engine.review.questions.bench import Bench, Found
from policy_engine.review.questions.delegation.lending import Lent, lent_by
from policy_engine.review.questions.delegation.paths import paths
from policy_engine.review.questions.wording import because, code, counted, listed
from policy_engine.review.solving import Unknown
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["delegation"]

_HARMLESS = "session"
"""The group of actions that show nothing and change nothing."""


def delegation(bench: Bench) -> Iterator[Verdict]:
    """A verdict on all that agents can do for people, and one on each permit that lets them."""
    delegable = [
        policy
        for policy in bench.subject.running.values()
        if policy.effect == "permit" and "delegable" in policy.written.annotations
    ]
    lent = [*lent_by(bench, delegable)]
    verdicts = [_verdict(bench, each) for each in lent]
    yield _whole(bench, lent, verdicts)
    yield from verdicts


def _verdict(bench: Bench, lent: Lent) -> Verdict:
    beyond = [action for action in lent.actions if not _harmless(bench, action)]
    open_ = [found for found in lent.anybody if found.search.environment.action in beyond]
    shown = next((found for found in open_ if found.witness is not None), None)
    reasons = [found.reason for found in (*open_, *lent.found) if found.reason is not None]
    outcome, severity, statement = _said(lent, beyond, shown, reasons)
    witness = None if shown is None else bench.called(shown)
    return Verdict(
        question="delegation",
        subject=lent.policy.id,
        outcome=outcome,
        statement=statement,
        policies=(lent.policy.id,),
        witnesses=() if witness is None else (witness,),
        reason=reasons[0] if outcome is Outcome.unknown else None,
        environments=len(lent.found),
        solved=sum(found.solved for found in (*lent.found, *lent.anybody)),
        vacuous=not lent.actions,
        severity=severity,
        details=MappingProxyType({"actions": list(lent.actions), "looks_at_actor": lent.looks}),
    )


def _said(
    lent: Lent, beyond: Sequence[str], shown: Found | None, reasons: Sequence[Unknown]
) -> tuple[Outcome, Severity, str]:
    name = code(lent.policy.id)
    if not lent.actions:
        statement = f"{name} is `@delegable`, and yet no agent can do anything by it"
        return Outcome.proved, Severity.note, statement
    if not beyond:
        statement = f"{name} lets agents do no more for people than begin a session"
        return Outcome.proved, Severity.warning, statement
    if shown is not None:
        which = "agents that nobody named" if lent.looks else "every agent, whichever it is,"
        statement = f"{name} lets {which} act for people: {listed(beyond)}"
        return Outcome.violated, Severity.warning, statement
    if reasons:
        statement = f"which agents can act for people by {name} isn't known: {because(reasons)}"
        return Outcome.unknown, Severity.warning, statement
    statement = (
        f"{name} lets only agents act for people that somebody named or put into a group: {listed(beyond)}"
    )
    return Outcome.proved, Severity.warning, statement


def _harmless(bench: Bench, action: str) -> bool:
    return _HARMLESS in bench.subject.vocabulary.actions[action].groups


def _whole(bench: Bench, lent: Sequence[Lent], verdicts: Sequence[Verdict]) -> Verdict:
    bad = [verdict for verdict in verdicts if verdict.outcome is Outcome.violated]
    open_ = [verdict for verdict in verdicts if verdict.outcome is Outcome.unknown]
    reached = [action for each in lent for action in (each.anybodys if bad else each.actions)]
    beyond = [action for action in dict.fromkeys(reached) if not _harmless(bench, action)]
    outcome = Outcome.violated if bad else Outcome.unknown if open_ else Outcome.proved
    if not lent:
        statement = "no agent can do anything for anybody: no permit is `@delegable`"
    elif not beyond:
        statement = "agents can do no more for people than begin a session"
    else:
        who = "agents that nobody named" if bad else "agents"
        statement = f"{who} can do {counted(len(beyond), 'thing')} for people: {listed(beyond)}"
    return Verdict(
        question="delegation",
        subject="every agent",
        outcome=outcome,
        statement=statement,
        policies=tuple(each.policy.id for each in lent),
        witnesses=tuple(verdict.witnesses[0] for verdict in bad)[:1],
        reason=open_[0].reason if outcome is Outcome.unknown else None,
        environments=sum(verdict.environments for verdict in verdicts),
        solved=sum(verdict.solved for verdict in verdicts),
        severity=Severity.warning,
        details=MappingProxyType({"paths": [*paths(bench, lent)]}),
    )
