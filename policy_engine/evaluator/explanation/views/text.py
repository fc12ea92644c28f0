"""An explanation for people at a terminal: what was decided, and under the policies' own lines, why."""

from collections.abc import Iterable, Iterator
from typing import Literal, assert_never

from policy_engine.evaluator.explanation.explanation import Explanation
from policy_engine.evaluator.explanation.findings import Finding, Need, flatten
from policy_engine.evaluator.explanation.policy import PolicyExplanation
from policy_engine.evaluator.explanation.request import RequestExplanation
from policy_engine.evaluator.explanation.views.plain import plain
from policy_engine.evaluator.explanation.views.quotes import Remark, quoted
from policy_engine.model import CODES, Client, Decision, Principal, User

__all__ = ["Style", "explanation_lines", "explanation_reasons"]

Style = Literal["", "yes", "no", "dim", "heading", "remark"]
"""How a line may be set off; without it, the line says the same."""

Line = tuple[str, Style]

_MOST_REASONS = 3


def explanation_lines(explanation: Explanation, *, everything: bool = False) -> Iterator[Line]:
    """An explanation, line by line, with the values that policies saw: for operators, never for callers.

    Args:
        explanation: the explanation.
        everything: tell of policies that didn't come near, too.
    """
    for line, style in _lines(explanation, everything=everything):
        yield plain(line), style


def _lines(explanation: Explanation, *, everything: bool) -> Iterator[Line]:
    decision, questions = explanation.decision, explanation.questions
    detail = f" ({decision.detail})" if decision.detail else ""
    said = f"{decision.code}{detail}: {CODES[decision.code].meaning}"
    yield (f"ALLOW  {said}", "yes") if decision.allowed else (f"DENY  {said}", "no")
    for name, value in _facts(decision):
        yield f"  {name:<10} {value}", ""
    if not questions:
        yield "  It was refused before the policies were asked.", "dim"
    for question in questions:
        if len(questions) > 1:
            request = question.request
            yield "", ""
            yield f"{question.verdict.code}: {request.action} on {request.resource}", "heading"
        for policy in question.all_placed() if everything else question.told:
            yield "", ""
            yield from _policy(policy)
        if (summary := _summary(question)) is not None:
            yield "", ""
            yield summary, "dim"


def _summary(question: RequestExplanation) -> str | None:
    """What can't be seen from the policies that are shown: that others are missing."""
    permits = [
        told for told in question.policies if told.policy.effect == "permit" and not told.policy.shadow
    ]
    if question.verdict.allowed or any(told.outcome == "applied" for told in permits):
        return None
    if not any(told.on_topic for told in permits):
        return "No permit is about this action on this resource."
    return None if question.verdict.code == "no_permit" else "Nor does any permit apply."


def explanation_reasons(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """The shortest that can be said of a denial by policies, with values, as ids of policies and sentences.

    The policies are those that decided, or else those that came nearest, three at most.
    """
    if explanation.questions:
        told = explanation.questions[-1].told
        decided = [each for each in told if each.decided]
        others = [each for each in told if each.outcome != "applied" and not each.policy.shadow]
        for each in decided or others[:_MOST_REASONS]:
            yield plain(each.policy.id), plain("; ".join(text for text, _ in _remarks(each.findings)))


def _facts(decision: Decision) -> Iterator[tuple[str, str]]:
    if decision.principal is not None:
        yield "principal", f"{decision.principal.uid}, {_kind(decision.principal)}"
    if decision.action is not None:
        yield "action", str(decision.action)
    if decision.resource is not None:
        yield "resource", str(decision.resource)
    if decision.note:
        yield "note", decision.note
    for line in decision.evidence:
        yield "evidence", line
    if decision.reused:
        yield "reused", "the policies were asked the very same before, and their answer was kept"


def _kind(principal: Principal) -> str:
    match principal:
        case User():
            return "a human" if principal.actor is None else f"a human, through {principal.actor.uid}"
        case Client():
            return f"a machine ({principal.category})"
        case _:
            assert_never(principal)


def _policy(told: PolicyExplanation) -> Iterator[Line]:
    written = told.policy.written
    place = f"  ({written.file}:{written.line}:{written.column})" if written.file else ""
    yield f"{written.effect} `{told.policy.id}` {_became(told)}{place}", "heading"
    remarks = list(_values(told) if told.outcome == "applied" else _remarks(told.findings))
    placed = [Remark(text, finding.span) for text, finding in remarks if finding.span is not None]
    for line, is_remark in quoted(written.text, placed):
        yield f"  {line}", "remark" if is_remark else "dim"
    for text, finding in remarks:
        if finding.span is None:
            yield f"  = {text}", "remark"
    for name in ("reason", "advice"):
        if name in written.annotations:
            yield f"  = {name}: {written.annotations[name]}", "dim"


def _values(told: PolicyExplanation) -> Iterator[tuple[str, Finding]]:
    """Of a policy that applied: what the marked parts read; what they say stands above."""
    for finding in flatten(told.findings):
        values = ", ".join(f"{reading.part} is {reading.value}" for reading in finding.readings)
        yield values or finding.text, finding


def _became(told: PolicyExplanation) -> str:
    shadow = ", in shadow mode" if told.policy.shadow else ""
    match told.outcome:
        case "applied" if told.decided:
            return "allows it" if told.policy.effect == "permit" else "forbids it"
        case "applied":
            return f"would apply{shadow}" if shadow else "applies, but a forbid decides"
        case "erred":
            so = ", and so denies" if told.decided else ", and so doesn't apply"
            return f"can't be evaluated{shadow or so}"
        case "not_applied":
            things = "1 thing" if told.distance == 1 else f"{told.distance} things"
            return f"doesn't apply{shadow}: {things} would have to differ"
        case _:
            assert_never(told.outcome)


def _remarks(needs: Iterable[Need], first: str = "", more: str = "") -> Iterator[tuple[str, Finding]]:
    """Findings with what is said of them; of a choice, where each of its options begins."""
    prefix = first
    for need in needs:
        if isinstance(need, Finding):
            yield f"{prefix}{need.text}", need
        else:
            for index, option in enumerate(need.options):
                yield from _remarks(option, f"{prefix}{'or' if index else 'either'}: ", f"{prefix}and: ")
        prefix = more
