"""What is asked of a solver, and what it can answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_engine.review.symbolic import Term

__all__ = ["Answer", "ModelValue", "Query", "Sat", "Unknown", "UnknownReason", "Unsat"]

ModelValue = bool | int | str | frozenset[int] | frozenset[str]
"""What a term stands for in a model."""


class UnknownReason(StrEnum):
    """Why a question has no answer; nothing of it may be taken for a proof."""

    timeout = "timeout"
    """The solver took longer than it may, and was ended."""
    solver_missing = "solver_missing"
    """There is no solver: `pip install 'policy-engine[prove]'`."""
    solver_crashed = "solver_crashed"
    """It ended by itself, or answered what isn't an answer."""
    solver_unknown = "solver_unknown"
    """It gave up."""
    not_confirmed = "not_confirmed"
    """It found a counterexample, and Cedar doesn't agree."""
    unsupported = "unsupported"
    """A policy says what formulas can't."""
    too_deep = "too_deep"
    """A policy is nested more deeply than can be followed."""
    alphabet = "alphabet"
    """A text has characters that solvers don't know, and too many of them to rename."""
    invalid_policies = "invalid_policies"
    """The policies don't validate, so Cedar promises little about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Whether formulas can all be true at once.

    Attributes:
        assertions: the formulas.
        ask: terms whose values are wanted where they can.
        label: what it is about, for those who read what is kept.
    """

    assertions: Sequence[Term]
    ask: Sequence[Term] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sat:
    """They can.

    Attributes:
        values: of the terms that were asked for, in one case of it.
    """

    values: Mapping[Term, ModelValue]


@dataclass(frozen=True, slots=True)
class Unsat:
    """They can't, whatever the request and the world."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows.

    Attributes:
        reason: why.
        detail: more about it, lower case, without a full stop.
    """

    reason: UnknownReason
    detail: str = ""


Answer = Sat | Unsat | Unknown
