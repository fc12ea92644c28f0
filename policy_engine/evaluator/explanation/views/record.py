"""An explanation as JSON, for programs; its members are listed in docs/how-to/find-out-why.md."""

from collections.abc import Iterable
from typing import Any

from policy_engine.evaluator.explanation.explanation import Explanation
from policy_engine.evaluator.explanation.findings import Finding, Need
from policy_engine.evaluator.explanation.policy import PolicyExplanation
from policy_engine.evaluator.explanation.request import RequestExplanation
from policy_engine.model import User

__all__ = ["explanation_record"]

Json = dict[str, Any]


def explanation_record(explanation: Explanation, *, everything: bool = False) -> Json:
    """An explanation in JSON types, with the values that policies saw: for operators, never for callers.

    Args:
        explanation: the explanation.
        everything: tell of policies that didn't come near, too.
    """
    decision = explanation.decision
    principal = decision.principal
    actor = principal.actor if isinstance(principal, User) else None
    return {
        "decision": "allow" if decision.allowed else "deny",
        "code": decision.code,
        "detail": decision.detail,
        "note": decision.note,
        "status": decision.status,
        "server": decision.server,
        "method": decision.method,
        "principal": None if principal is None else principal.uid.to_json(),
        "actor": None if actor is None else actor.uid.to_json(),
        "evidence": list(decision.evidence),
        "reused": decision.reused,
        "questions": [_question(question, everything=everything) for question in explanation.questions],
    }


def _question(question: RequestExplanation, *, everything: bool) -> Json:
    return {
        "action": question.request.action.to_json(),
        "resource": question.request.resource.to_json(),
        "code": question.verdict.code,
        "policies": [_policy(told) for told in (question.all_placed() if everything else question.told)],
    }


def _policy(told: PolicyExplanation) -> Json:
    written = told.policy.written
    return {
        "id": told.policy.id,
        "effect": told.policy.effect,
        "outcome": told.outcome,
        "decided": told.decided,
        "shadow": told.policy.shadow,
        "distance": told.distance,
        "file": written.file,
        "line": written.line,
        "column": written.column,
        "annotations": dict(written.annotations),
        "findings": _needs(told.findings),
    }


def _needs(needs: Iterable[Need]) -> list[Json]:
    return [
        _finding(need)
        if isinstance(need, Finding)
        else {"any_of": [_needs(option) for option in need.options]}
        for need in needs
    ]


def _finding(finding: Finding) -> Json:
    span = finding.span
    return {
        "subject": finding.subject,
        "name": finding.name,
        "text": finding.text,
        "code": finding.code,
        "values": [{"part": reading.part, "value": reading.value} for reading in finding.readings],
        "line": None if span is None else span.line,
        "column": None if span is None else span.column,
        "length": None if span is None else span.end - span.start,
    }
