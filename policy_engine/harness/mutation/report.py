"""What became of mutants."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from policy_engine.harness.mutation.mutant import Mutant

__all__ = ["Fate", "MutationReport", "Outcome", "Suggestion", "suggested_file"]


class Fate(StrEnum):
    """What may become of a mutant."""

    killed = "killed"
    survived = "survived"
    stillborn = "stillborn"
    equivalent = "equivalent"
    duplicate = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A call that tells a mutant from the policy as it is: both were really asked.

    Attributes:
        call: in words.
        original: what is decided with the policies as they are.
        mutated: what the mutant makes of it.
        principal: who asks: a name, and what stands under it in a scenario file.
        asked: what for, likewise.
        outcome: what is decided as it is, as a scenario file expects it.
    """

    call: str
    original: str
    mutated: str
    principal: tuple[str, Mapping[str, Any]]
    asked: tuple[str, Mapping[str, Any]]
    outcome: str

    @property
    def entry(self) -> str:
        """YAML, which is a scenario file by itself, or part of one."""
        return suggested_file([self])


def suggested_file(suggestions: Iterable[Suggestion]) -> str:
    """A scenario file of some suggestions: each says what is decided as it is, right or wrong."""
    suggestions = tuple(suggestions)
    principals = dict(each.principal for each in suggestions)
    calls = dict(each.asked for each in suggestions)
    tests = {
        json.dumps(
            {"who": each.principal[0], "asks": each.asked[0], "expect": each.outcome}, ensure_ascii=False
        ): None
        for each in suggestions
    }
    # What is JSON is YAML, too, and none of it can be read as a date or a number.
    lines = [
        "version: 1",
        "principals:",
        *(f"  {_json(name)}: {_json(said)}" for name, said in principals.items()),
        "calls:",
        *(f"  {_json(name)}: {_json(said)}" for name, said in calls.items()),
        "tests:",
        *(f"  - {test}" for test in tests),
    ]
    return "\n".join(lines) + "\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one mutant.

    Attributes:
        mutant: the mutant.
        fate: what became of it.
        by: the id of the case that told it; of a duplicate, the mutant that it is like.
        why: why it isn't counted, for people.
        suggestion: of a survivor, a call that would tell it, where one was found.
        decided: how many cases were decided with it.
        cached: whether that was known from an earlier run.
    """

    mutant: Mutant
    fate: Fate
    by: str | None = None
    why: str = ""
    suggestion: Suggestion | None = None
    decided: int = 0
    cached: bool = False


@dataclass(frozen=True, kw_only=True)
class MutationReport:
    """What became of all mutants, in their order.

    Attributes:
        outcomes: one a mutant.
        cases: how many cases there were.
        seconds: what it took.
    """

    outcomes: tuple[Outcome, ...]
    cases: int
    seconds: float

    @cached_property
    def counts(self) -> dict[Fate, int]:
        """How many met which fate."""
        counted = Counter(outcome.fate for outcome in self.outcomes)
        return {fate: counted[fate] for fate in Fate}

    @property
    def survivors(self) -> tuple[Outcome, ...]:
        """Those that no case told."""
        return tuple(outcome for outcome in self.outcomes if outcome.fate is Fate.survived)

    @property
    def counted(self) -> int:
        """How many could be told."""
        return self.counts[Fate.killed] + self.counts[Fate.survived]

    @property
    def score(self) -> float:
        """Per cent of those that could be told that were; 100 where there is none."""
        return 100 * self.counts[Fate.killed] / self.counted if self.counted else 100.0

    def passes(self, least: float) -> bool:
        """Whether the score is at least so many per cent."""
        # Not of the rounded score: 94.96 isn't 95.
        return 100 * self.counts[Fate.killed] >= least * self.counted
