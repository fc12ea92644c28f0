"""What came of cases as JSON, for programs."""

import json
from collections.abc import Iterator
from typing import Any

from policy_engine.cli.test.outcome import Outcome, file_of
from policy_engine.cli.test.reports.line import Line
from policy_engine.cli.test.reports.listed import became
from policy_engine.evaluator import explanation_record
from policy_engine.harness import Result, Who, World
from policy_engine.harness.running import explained, place_of
from policy_engine.model import Decision

__all__ = ["as_json"]

Json = dict[str, Any]


def as_json(outcome: Outcome) -> Iterator[Line]:
    """One object; why a failure was decided so, as `policy-engine explain --format json` has it."""
    record = {
        "cases": outcome.number,
        "passed": outcome.passed,
        "failed": outcome.failed,
        "skipped": outcome.skipped,
        "seconds": round(outcome.seconds, 3),
        "results": [_result(world, result) for world, result in outcome.results()],
    }
    for line in json.dumps(record, indent=2, ensure_ascii=False).split("\n"):
        yield line, ""


def _result(world: World, result: Result) -> Json:
    case, place = result.case, place_of(result.case)
    return {
        "id": case.id,
        "file": file_of(case),
        "line": None if place is None else place.line,
        "column": None if place is None else place.column,
        "group": list(case.group),
        "principal": case.who.name,
        "call": case.asked.name,
        "token": _token(case.who),
        "outcome": became(result),
        "skip": case.skip,
        "decision": None if result.decision is None else _decision(result.decision),
        "visible": None if result.visible is None else list(result.visible),
        "failures": [
            {"what": each.what, "expected": each.expected, "actual": each.actual} for each in result.failures
        ],
        "seconds": round(result.seconds, 6),
        "explanation": explanation_record(explained(world, case)) if result.failures else None,
    }


def _token(who: Who) -> Json | None:
    """What is known of it; never the token."""
    if who.token is None:
        return None
    return {"issuer": who.issuer, "profile": who.profile, "kind": who.kind, "delegated": who.delegated}


def _decision(decision: Decision) -> Json:
    return {
        "allowed": decision.allowed,
        "code": decision.code,
        "detail": decision.detail,
        "status": decision.status,
        "principal": None if decision.principal is None else str(decision.principal.uid),
        "policies": [match.id for match in decision.policies],
        "errors": [fault.policy for fault in decision.errors],
        "scopes": list(decision.scopes),
    }
