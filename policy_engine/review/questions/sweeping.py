"""One formula for each kind of request: what comes of all of them together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from policy_engine.review.questions.bench import Bench, Found, Search
from policy_engine.review.questions.wording import because
from policy_engine.review.solving import Unknown
from policy_engine.review.symbolic import Environment, Term
from policy_engine.review.verdict import Outcome, Verdict, Witness
from policy_engine.review.witness import Court

__all__ = ["Sweep", "sweep"]

_MOST_WITNESSES = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """What was found, a kind of request each."""

    bench: Bench
    found: tuple[Found, ...]

    @property
    def outcome(self) -> Outcome:
        """Violated if there is such a request of any kind; proved only if there is none of any."""
        outcomes = {found.outcome for found in self.found}
        return next(
            (worst for worst in (Outcome.violated, Outcome.unknown) if worst in outcomes), Outcome.proved
        )

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """Requests that were found: not too many, and first such as somebody can make."""
        every = [found for found in self.found if found.witness is not None]
        distinct: dict[object, Found] = {}
        for found in every:
            distinct.setdefault(found.witness and found.witness.policies, found)
        first = [*distinct.values()]
        chosen = [*first, *(found for found in every if found not in first)][:_MOST_WITNESSES]
        called = [witness for found in chosen if (witness := self.bench.called(found)) is not None]
        return tuple(sorted(called, key=lambda witness: not (witness.call and witness.call.reachable)))

    @property
    def reasons(self) -> tuple[Unknown, ...]:
        """Why something isn't known."""
        return tuple(found.reason for found in self.found if found.reason is not None)

    @property
    def because(self) -> str:
        """The same, in words."""
        return because(self.reasons)

    def actions(self, outcome: Outcome) -> tuple[str, ...]:
        """The actions of which that is so, each once."""
        of = (found.search.environment.action for found in self.found if found.outcome is outcome)
        return tuple(dict.fromkeys(of))

    @property
    def policies(self) -> tuple[str, ...]:
        """Ids of the policies that decided about what was found."""
        every = (policy for found in self.found if found.witness for policy in found.witness.policies)
        return tuple(dict.fromkeys(every))

    def verdict(self, question: str, subject: str, statement: str, **more: Any) -> Verdict:  # noqa: ANN401 -- fields
        """A verdict that says what was found."""
        unknown = self.outcome is Outcome.unknown
        fields: dict[str, Any] = {
            "question": question,
            "subject": subject,
            "outcome": self.outcome,
            "statement": statement,
            "policies": self.policies,
            "witnesses": self.witnesses,
            "reason": self.reasons[0] if unknown else None,
            "environments": len(self.found),
            "solved": sum(found.solved for found in self.found),
            "details": self.details,
        }
        return Verdict(**{**fields, **more})

    @property
    def details(self) -> Mapping[str, Any]:
        """The actions of which something was found, or isn't known."""
        by = {"violated": self.actions(Outcome.violated), "unknown": self.actions(Outcome.unknown)}
        return MappingProxyType({name: list(actions) for name, actions in by.items() if actions})


def sweep(
    bench: Bench,
    environments: Iterable[Environment],
    formula: Callable[[Environment], Term],
    what: str,
    *,
    against: Court | None = None,
) -> Sweep:
    """Look for requests of each kind that the engine allows, and of which a formula is true.

    Args:
        bench: the tools.
        environments: the kinds.
        formula: what is true of those that are looked for.
        what: what that is about.
        against: a policy set that doesn't allow them.
    """
    searches = [
        Search(
            environment=environment,
            formula=formula(environment),
            against=against,
            label=f"{what}: {environment.principal}, {environment.action}, {environment.resource}",
        )
        for environment in environments
    ]
    return Sweep(bench=bench, found=tuple(bench.look(searches, what)))
