"""What is counted of a policy: its head, its clauses, and the conditions in them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from policy_engine.cedar import Condition, Expression, PolicyTree, Span
from policy_engine.evaluator import StoredPolicy
from policy_engine.harness.coverage.kinds import KINDS, Counts, Kind

__all__ = ["ClausePlace", "Outcome", "Place", "PolicyPlace", "State"]

Outcome = Literal["true", "false", "erred", "unreached"]
"""`unreached`: the policy was looked at, but something before it settled what becomes of it."""

State = Literal["full", "partly", "never"]


def _no_outcomes() -> Mapping[Outcome, Counts]:
    return {"true": Counter(), "false": Counter(), "erred": Counter(), "unreached": Counter()}


@dataclass(slots=True, kw_only=True, eq=False)
class Place:
    """A part of a policy that comes out true or false.

    Attributes:
        node: the part.
        span: where it is written; offsets are those in the policy's text.
        text: as it is written.
        possible: what it could come to.
        seen: how often it came to what, for whom.
    """

    node: Expression
    span: Span
    text: str
    possible: frozenset[bool]
    seen: Mapping[Outcome, Counts] = field(default_factory=_no_outcomes)

    @property
    def missing(self) -> tuple[Outcome, ...]:
        """What it could come to, and never did."""
        wanted: tuple[tuple[Outcome, bool], ...] = (("true", True), ("false", False))
        return tuple(name for name, value in wanted if value in self.possible and not self.seen[name])

    @property
    def reached(self) -> bool:
        """Whether it was ever looked at."""
        return any(self.seen[outcome] for outcome in ("true", "false", "erred"))

    @property
    def state(self) -> State:
        """Whether it came to all that it could, to some of it, or was never looked at."""
        if not self.possible:
            return "full"
        if not self.reached:
            return "never"
        return "partly" if self.missing else "full"


@dataclass(slots=True, kw_only=True, eq=False)
class ClausePlace(Place):
    """A `when` or an `unless`; what it comes to is what its braces hold.

    Attributes:
        word: which of the two.
        whole: where all of it is written, from the word to the brace.
        conditions: the conditions in it.
    """

    word: Literal["when", "unless"]
    whole: Span
    conditions: tuple[Place, ...]

    @property
    def parts(self) -> tuple[Place, ...]:
        """The conditions, if they say more than the clause."""
        return tuple(place for place in self.conditions if place.node is not self.node)


@dataclass(slots=True, kw_only=True, eq=False)
class PolicyPlace:
    """One policy.

    Attributes:
        policy: the policy.
        tree: what is written; offsets are those in its text.
        guard: what the loader added, if it did.
        head: where its head is written, from `permit` or `forbid` on.
        kinds: to whom it could apply.
        clauses: its clauses.
        evaluated: how often its head admitted who asked for what.
        applied: how often it then applied.
        decided: how often a verdict named it: of those that apply, forbids do before permits.
        erred: how often it couldn't be evaluated.
    """

    policy: StoredPolicy
    tree: PolicyTree
    guard: Condition | None
    head: Span
    kinds: frozenset[Kind]
    clauses: tuple[ClausePlace, ...]
    evaluated: Counts = field(default_factory=Counter)
    applied: Counts = field(default_factory=Counter)
    decided: Counts = field(default_factory=Counter)
    erred: Counts = field(default_factory=Counter)

    @property
    def id(self) -> str:
        """The value of its `@id`."""
        return self.policy.id

    @property
    def exercised(self) -> Counts:
        """How often it decided; a shadow policy never does, so how often it applied."""
        return self.applied if self.policy.shadow else self.decided

    @property
    def unexercised_kinds(self) -> tuple[Kind, ...]:
        """To whom it could apply, and never did, though it did to others."""
        return tuple(kind for kind in KINDS if kind in self.kinds and not self.exercised[kind])

    @property
    def state(self) -> State:
        """Whether it decided and all in it came to all that it could; never: it wasn't even looked at."""
        if not self.evaluated:
            return "never"
        places = [place for clause in self.clauses for place in (clause, *clause.conditions)]
        full = self.exercised and all(place.state == "full" for place in places)
        return "full" if full else "partly"
