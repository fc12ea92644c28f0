"""Coverage as JSON, for programs."""

from typing import Any

from policy_engine.cedar import Span
from policy_engine.harness.coverage.gaps import gaps_of
from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.kinds import KINDS, Counts
from policy_engine.harness.coverage.measures import measures_of
from policy_engine.harness.coverage.places import ClausePlace, Place, PolicyPlace
from policy_engine.harness.coverage.thresholds import Thresholds, shortfalls

__all__ = ["coverage_record"]


def coverage_record(coverage: Coverage, thresholds: Thresholds) -> dict[str, Any]:
    """All that was counted; spans have lines and columns from 1, and a length in characters."""
    short = {shortfall.name for shortfall in shortfalls(coverage, thresholds)}
    return {
        "digest": coverage.world.digest,
        "cases": coverage.cases,
        "passed": not short,
        "measures": {
            name: {
                "covered": measure.covered,
                "total": measure.total,
                "percent": measure.percent,
                "least": thresholds.least.get(name),
                "passed": name not in short,
            }
            for name, measure in measures_of(coverage).items()
        },
        "policies": [_policy(place) for place in coverage.policies.values()],
        "matrix": [
            {
                "server": row.server,
                "action": row.action,
                "tool": row.tool,
                "allowed": _counts(row.allowed),
                "denied": _counts(row.denied),
            }
            for row in coverage.matrix.rows
        ],
        "tokens": [
            {"issuer": use.issuer, "profile": use.profile, "taken_for": dict(sorted(use.taken.items()))}
            for use in coverage.tokens.rows
        ],
        "refused_before_policies": dict(sorted(coverage.refused.items())),
    }


def _policy(place: PolicyPlace) -> dict[str, Any]:
    written = place.policy.written
    return {
        "id": place.id,
        "effect": place.policy.effect,
        "shadow": place.policy.shadow,
        "file": written.file,
        "line": written.line,
        "column": written.column,
        "state": place.state,
        "kinds": [kind for kind in KINDS if kind in place.kinds],
        "evaluated": _counts(place.evaluated),
        "applied": _counts(place.applied),
        "decided": _counts(place.decided),
        "erred": _counts(place.erred),
        "head": _span(place.head),
        "clauses": [_clause(clause) for clause in place.clauses],
        "gaps": [{"subject": gap.subject, "says": gap.says, **_span(gap.span)} for gap in gaps_of(place)],
    }


def _clause(clause: ClausePlace) -> dict[str, Any]:
    conditions = [_place(place) for place in clause.conditions]
    return {"kind": clause.word, **_place(clause), **_span(clause.whole), "conditions": conditions}


def _place(place: Place) -> dict[str, Any]:
    return {
        "text": place.text,
        **_span(place.span),
        "state": place.state,
        "missing": list(place.missing),
        **{outcome: _counts(counts) for outcome, counts in place.seen.items()},
    }


def _span(span: Span) -> dict[str, int]:
    return {"line": span.line, "column": span.column, "length": span.end - span.start}


def _counts(counts: Counts) -> dict[str, int]:
    return {kind: counts[kind] for kind in KINDS if counts[kind]}
