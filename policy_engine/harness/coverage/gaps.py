"""What wasn't exercised, in words, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from policy_engine.cedar import Span
from policy_engine.harness.coverage.kinds import SAID
from policy_engine.harness.coverage.places import ClausePlace, Place, PolicyPlace

__all__ = ["Gap", "Subject", "gaps_of"]

Subject = Literal["policy", "clause", "condition", "kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that no case exercised.

    Attributes:
        subject: what it is about; `kind`: it decided, but not for everybody to whom it could apply.
        says: what is missing, in a few words.
        span: where; offsets are those in the policy's text.
        never: whether nothing at all was seen of it.
    """

    subject: Subject
    says: str
    span: Span
    never: bool


def gaps_of(place: PolicyPlace) -> tuple[Gap, ...]:
    """What no case exercised of a policy, from its head on; of what was never looked at, the outermost."""
    return tuple(_gaps(place))


def _gaps(place: PolicyPlace) -> Iterator[Gap]:
    effect = cast("Span", place.tree.effect_span)
    if not place.evaluated:
        yield Gap(subject="policy", says="no case comes past its head", span=place.head, never=True)
        return
    if not place.exercised:
        yield Gap(subject="policy", says=_undecided(place), span=effect, never=True)
    elif place.unexercised_kinds:
        kinds = " or ".join(SAID[kind] for kind in place.unexercised_kinds)
        verb = "applied to" if place.policy.shadow else "decided for"
        span = cast("Span", place.tree.principal.span)
        yield Gap(subject="kind", says=f"never {verb} {kinds}", span=span, never=False)
    for clause in place.clauses:
        yield from _of_clause(clause)


def _undecided(place: PolicyPlace) -> str:
    if place.applied:
        other = "a forbid" if place.policy.effect == "permit" else "something else"
        return f"applied {_times(place.applied.total())}, but {other} decided"
    return f"never applied, though its head admitted {_requests(place.evaluated.total())}"


def _of_clause(clause: ClausePlace) -> Iterator[Gap]:
    if clause.state == "never":
        yield Gap(subject="clause", says="never looked at", span=clause.whole, never=True)
        return
    if clause.missing:
        yield Gap(subject="clause", says=_missing(clause), span=clause.whole, never=False)
    for place in clause.parts:
        if place.state == "never":
            yield Gap(subject="condition", says="never looked at", span=place.span, never=True)
        elif place.missing:
            yield Gap(subject="condition", says=_missing(place), span=place.span, never=False)


def _missing(place: Place) -> str:
    says = f"never {' or '.join(place.missing)}"
    return f"{says}; erred {_times(place.seen['erred'].total())}" if place.seen["erred"] else says


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number} requests"
