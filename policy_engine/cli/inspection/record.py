"""An inspection for programs; docs/how-to/inspect-a-token.md says what is stable."""

from typing import Any

from policy_engine.cli.inspection.inspection import Inspection, Verdict
from policy_engine.errors import PolicyEngineError
from policy_engine.evaluator import principal_entity
from policy_engine.mapper import Clause
from policy_engine.model import CODES, Identity, User

__all__ = ["problem", "to_record"]


def to_record(found: Inspection) -> dict[str, Any]:
    """JSON types only. Who the token stands for is under `entity` only if it was verified and accepted."""
    accepted = found.verdict is Verdict.accepted
    error = found.error
    return {
        "verdict": str(found.verdict),
        "accepted": accepted,
        "verified": found.proven,
        "unverified_because": found.unproven_because or None,
        "code": None if error is None else error.code,
        "detail": None if error is None else error.detail,
        "problem": None if error is None else problem(error),
        "server": found.server,
        "opens": list(found.opens),
        "issuer": found.issuer,
        "profile": found.profile,
        "claimed": {
            "issuer": found.iss or None,
            "audiences": list(found.audiences),
            "client_id": found.client_id,
        },
        "checks": [
            {
                "stage": check.stage,
                "name": check.name,
                "asks": check.asks,
                "outcome": str(check.outcome),
                "code": None if check.error is None else check.error.code,
                "detail": None if check.error is None else check.error.detail,
                "problem": None if check.error is None else problem(check.error),
                "note": check.note or None,
            }
            for check in found.checks
        ],
        "evidence": {"client": _clauses(found.client), "user": _clauses(found.user)},
        "kind": found.identity.kind if accepted and found.identity else None,
        **_standing_for(found.identity if accepted else None),
        "if_the_signature_holds": (
            {"kind": found.identity.kind, **_standing_for(found.identity)}
            if found.verdict is Verdict.unknown and found.identity
            else None
        ),
        "changes": [change.to_record() for change in found.changes],
    }


def problem(error: PolicyEngineError) -> str:
    """One sentence for the operator."""
    return error.note or CODES[error.code].meaning


def _clauses(clauses: tuple[Clause, ...]) -> list[dict[str, Any]]:
    return [{"clause": clause.text, "holds": clause.holds} for clause in clauses]


def _standing_for(identity: Identity | None) -> dict[str, Any]:
    principal = None if identity is None else identity.principal
    actor = principal.actor if isinstance(principal, User) else None
    return {
        "entity": None if principal is None else principal_entity(principal),
        "actor": None if actor is None else principal_entity(actor),
        "sender_constrained": None if principal is None else principal.sender_constrained,
        "scopes": None if identity is None else list(identity.token.scopes),
    }
