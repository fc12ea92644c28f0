"""What was learnt of a token: values, and the verdict that follows from them."""

from dataclasses import dataclass
from enum import StrEnum

from policy_engine.cli.inspection.change import Change
from policy_engine.errors import PolicyEngineError
from policy_engine.mapper import Clause
from policy_engine.model import Identity

__all__ = ["CheckMade", "Inspection", "Outcome", "Verdict"]


class Outcome(StrEnum):
    """What became of a check."""

    passed = "passed"
    failed = "failed"
    unchecked = "unchecked"
    """Left out, though the token got further: what it asks isn't known."""
    not_reached = "not_reached"


class Verdict(StrEnum):
    """What became of the token."""

    accepted = "accepted"
    refused = "refused"
    unknown = "unknown"
    """It would be accepted if its signature held, and nobody checked that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMade:
    """One check.

    Attributes:
        stage: 1 or 2.
        name: stable.
        asks: what must hold.
        outcome: whether it does.
        error: why not.
        note: what was found, where that helps.
    """

    stage: int
    name: str
    asks: str
    outcome: Outcome
    error: PolicyEngineError | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Everything there is to say of a token but the token.

    Attributes:
        server: the server that it was judged for; None stands for any.
        issuer: the configured name of the issuer that the token names.
        profile: of that issuer.
        iss: what the token says itself, ready to be shown; empty if it says nothing.
        audiences: whom it says that it is for, ready to be shown.
        opens: names of the servers that have one of these audiences.
        client_id: the client's id, as the profile finds it.
        proven: whether the issuer's own key made the signature; without that, all is by the token's own word.
        unproven_because: why the signature wasn't checked, if it wasn't.
        checks: every check of both stages, in order.
        client: clauses of the rule for machines, and what each says.
        user: clauses of the rule for humans.
        identity: whom the evidence speaks for, whatever else is against it.
        changes: what to change where something failed.
    """

    server: str | None
    issuer: str | None
    profile: str | None
    iss: str
    audiences: tuple[str, ...]
    opens: tuple[str, ...]
    client_id: str | None
    proven: bool
    unproven_because: str
    checks: tuple[CheckMade, ...]
    client: tuple[Clause, ...]
    user: tuple[Clause, ...]
    identity: Identity | None
    changes: tuple[Change, ...]

    @property
    def errors(self) -> tuple[PolicyEngineError, ...]:
        """Why each failed check failed; the first is what the engine refuses the token with."""
        return tuple(check.error for check in self.checks if check.error is not None)

    @property
    def error(self) -> PolicyEngineError | None:
        """What the engine refuses the token with."""
        return next(iter(self.errors), None)

    @property
    def verdict(self) -> Verdict:
        """Accepted only if the signature held; unknown only if that alone is missing."""
        if self.proven:
            good = self.identity is not None and not self.errors
            return Verdict.accepted if good else Verdict.refused
        unchecked = any(
            check.name == "signature" and check.outcome is Outcome.unchecked for check in self.checks
        )
        against = [error for error in self.errors if error.code != "keys_unavailable"]
        return Verdict.unknown if unchecked and not against else Verdict.refused
