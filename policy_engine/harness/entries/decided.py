"""What came of a call, in the words that scenarios expect it with."""

from policy_engine.model import Decision

__all__ = ["outcome_text"]


def outcome_text(decision: Decision) -> str:
    """`allow by people-read`, `no_permit`, `invalid_token/…`: what a scenario would say of it."""
    word = "allow" if decision.allowed else decision.code
    if decision.detail and not decision.allowed:
        word += f"/{decision.detail}"
    for between, names in (
        (" by ", [match.id for match in decision.policies]),
        (" failing ", [fault.policy for fault in decision.errors]),
    ):
        word += f"{between}{', '.join(names)}" if names else ""
    return word
