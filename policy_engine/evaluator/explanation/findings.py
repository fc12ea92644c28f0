"""What there is to say of a policy: single findings, and choices between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from policy_engine.cedar import Span

__all__ = ["Choice", "Finding", "Need", "Reading", "Subject", "count", "flatten"]

Subject = Literal[
    "kind",
    "principal",
    "group",
    "delegation",
    "action",
    "resource",
    "scope",
    "argument",
    "condition",
    "fault",
]
"""What a finding is about: machine or human, which of them, their groups, an agent that acts, what is done,
to what, the token's scopes, an argument of the call, anything else; a fault is an evaluation error."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of an expression, and the value that it had.

    Attributes:
        part: in Cedar: `context.arguments.env`.
        value: as it would be written in a policy, shortened where it is long: `"prod"`.
    """

    part: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that kept a policy from applying, or that made it apply.

    Attributes:
        subject: what it is about.
        text: one sentence, with the values of the request.
        name: the same without any value of the request: `argument env`, `scope issues:write`, `kind User`.
        readings: the parts that decided, and their values.
        code: of a fault, the code of the error.
        span: where that is written, if it is; in the file of the policy.
    """

    subject: Subject
    text: str
    name: str
    readings: tuple[Reading, ...] = ()
    code: str | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of these would do; each may take several things together."""

    options: tuple[tuple["Finding | Choice", ...], ...]


Need = Finding | Choice


def count(needs: Iterable[Need]) -> int:
    """How many things would have to differ, at the least."""
    return sum(1 if isinstance(need, Finding) else min(map(count, need.options)) for need in needs)


def flatten(needs: Iterable[Need]) -> Iterator[Finding]:
    """Every finding, those of all options included."""
    for need in needs:
        if isinstance(need, Finding):
            yield need
        else:
            for option in need.options:
                yield from flatten(option)
