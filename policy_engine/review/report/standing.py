"""What a verdict is to the whole: whether it decides about it, and which way."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policy_engine.review.review import Review
from policy_engine.review.verdict import Outcome, Verdict

__all__ = ["SIGNS", "STANDINGS", "Standing", "by_standing", "said", "standing_of", "summary"]


class Standing(StrEnum):
    """From what a reader should see first to what they may skip."""

    violated = "violated"
    unknown = "unknown"
    remark = "remark"
    """Violated or not known, and of a severity that decides nothing."""
    waived = "waived"
    proved = "proved"


STANDINGS: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.violated: "violated",
        Standing.unknown: "not known",
        Standing.remark: "worth a look",
        Standing.waived: "waived",
        Standing.proved: "proved",
    }
)
"""In words that go with any number."""

_WORDS: Final = frozenset(map(str, Standing))

SIGNS: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.violated: "✘",
        Standing.unknown: "?",
        Standing.remark: "!",
        Standing.waived: "-",
        Standing.proved: "✔",
    }
)
"""For those who don't see colours."""


def said(word: str) -> str:
    """A word of a record as readers know it."""
    return STANDINGS[Standing(word)] if word in _WORDS else word


def standing_of(review: Review, verdict: Verdict) -> Standing:
    """What one of its verdicts is to a review."""
    if verdict.outcome is Outcome.proved:
        return Standing.proved
    if verdict.waived is not None:
        return Standing.waived
    if not verdict.severity.at_least(review.options.fail_on):
        return Standing.remark
    return Standing.violated if verdict.outcome is Outcome.violated else Standing.unknown


def by_standing(review: Review, verdicts: Iterable[Verdict] | None = None) -> dict[Standing, list[Verdict]]:
    """The verdicts of a review, or some of them, each standing in its place even if it has none."""
    found: dict[Standing, list[Verdict]] = {standing: [] for standing in Standing}
    for verdict in review.verdicts if verdicts is None else verdicts:
        found[standing_of(review, verdict)].append(verdict)
    return found


def summary(review: Review) -> str:
    """For instance: `1 violated, 2 not known, 12 proved, 1 waived`."""
    counts = Counter(standing_of(review, verdict) for verdict in review.verdicts)
    told = (f"{counts[standing]:,} {word}" for standing, word in STANDINGS.items() if counts[standing])
    return ", ".join(told) or "nothing was asked"
