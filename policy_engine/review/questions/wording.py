"""Sentences of verdicts: for somebody who answers for security, and needn't know Cedar."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from policy_engine.model import EntityUid
from policy_engine.review.solving import Unknown, UnknownReason

__all__ = ["KINDS", "action", "because", "code", "counted", "listed"]

KINDS: Mapping[str, str] = MappingProxyType({"User": "people", "Client": "machines"})
"""What those are called who ask."""

_MOST = 5

_BECAUSE: Mapping[UnknownReason, str] = MappingProxyType(
    {
        UnknownReason.timeout: "the solver didn't finish in time",
        UnknownReason.solver_missing: "no solver is installed",
        UnknownReason.solver_crashed: "the solver failed",
        UnknownReason.solver_unknown: "the solver gave up",
        UnknownReason.not_confirmed: "the solver found a case that the engine doesn't confirm",
        UnknownReason.unsupported: "a policy says what the proof can't express",
        UnknownReason.too_deep: "a policy is nested too deeply",
        UnknownReason.alphabet: "a text has characters that the solver doesn't know",
        UnknownReason.invalid_policies: "the policies don't validate",
    }
)


def code(text: str) -> str:
    """A name, as it stands in a sentence."""
    return f"`{text}`"


def action(id_: str) -> str:
    """An action, as it stands in a policy."""
    return code(str(EntityUid("Action", id_)))


def listed(names: Iterable[str], *, most: int = _MOST) -> str:
    """`a`, `b` and 3 more."""
    every = [code(name) for name in names]
    if len(every) > most:
        every = [*every[: most - 1], f"{len(every) - most + 1} more"]
    return " and ".join(part for part in (", ".join(every[:-1]), every[-1]) if part) if every else "none"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 permit`, `1,000 permits`."""
    return f"1 {one}" if number == 1 else f"{number:,} {many or f'{one}s'}"


def because(reasons: Sequence[Unknown]) -> str:
    """Why something isn't known."""
    return ", and ".join(dict.fromkeys(_BECAUSE[each.reason] for each in reasons))
