"""A review on a terminal: lines and their styles."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import Final, Literal

from policy_engine.review.access import Access
from policy_engine.review.checks import CheckFinding
from policy_engine.review.report.commands import commands_of, sides
from policy_engine.review.report.comparing import Change, Comparison
from policy_engine.review.report.places import Places
from policy_engine.review.report.standing import SIGNS, STANDINGS, Standing, by_standing, said, summary
from policy_engine.review.report.words import (
    ANSWERS,
    OUTCOMES,
    counted,
    name_of,
    question_of,
    sentence,
    visible,
)
from policy_engine.review.review import Review
from policy_engine.review.verdict import Verdict, Witness

__all__ = ["Line", "Style", "review_lines"]

Style = Literal["violated", "unknown", "proved", "heading", "dim", ""]
Line = tuple[str, Style]

_STYLES: Final[Mapping[Standing, Style]] = MappingProxyType(
    {
        Standing.violated: "violated",
        Standing.unknown: "unknown",
        Standing.remark: "",
        Standing.waived: "dim",
        Standing.proved: "proved",
    }
)
_WHOLE: Final = frozenset({Standing.violated, Standing.unknown})
"""What is told in full; of the others, a line each."""

_MOST_LINES: Final = 10
_MOST_CHANGES: Final = 20
_WITNESSES: Final = 3


def review_lines(
    review: Review,
    *,
    comparison: Comparison | None = None,
    everything: bool = False,
    basis: bool = True,
    shown: Callable[[str], str] = str,
) -> Iterator[Line]:
    """What stands against the policies, question by question, and what comes of all of it.

    Args:
        review: the review.
        comparison: with an earlier one.
        everything: tell of what is proved, one by one, and what it rests on.
        basis: whether the latter is told, too.
        shown: how the path of a file is written.
    """
    places = Places.of(review, shown)
    for question, group in groupby(review.verdicts, key=lambda verdict: verdict.question):
        verdicts = _each_witness_once([*group])
        yield f"{name_of(question)}: {question_of(question)}", "heading"
        for standing, own in by_standing(review, verdicts).items():
            yield from _verdicts(standing, own, places, everything=everything or question in ANSWERS)
        yield "", ""
    yield from _findings(review.findings, places)
    if comparison is not None:
        yield from _changes(comparison)
    if everything and basis:
        yield from _basis(review)
    yield from ((f"note: {visible(note)}", "dim") for note in _notes(review))
    outcome = Standing(review.outcome)
    yield f"{SIGNS[outcome]} {STANDINGS[outcome].upper()}: {summary(review)}", _STYLES[outcome]


def _each_witness_once(verdicts: list[Verdict]) -> list[Verdict]:
    """The verdict on the whole, which comes first, without witnesses that one on a part shows."""
    whole, *parts = verdicts
    shown = [witness for part in parts for witness in part.witnesses]
    rest = tuple(witness for witness in whole.witnesses if witness not in shown)
    return [replace(whole, witnesses=rest), *parts]


def _verdicts(
    standing: Standing, verdicts: Sequence[Verdict], places: Places, *, everything: bool
) -> Iterator[Line]:
    style = _STYLES[standing]
    few = standing is not Standing.proved and len(verdicts) <= _MOST_LINES
    shown = verdicts if everything or few or standing in _WHOLE else ()
    for verdict in shown:
        word = OUTCOMES[verdict.outcome] if standing in _WHOLE else STANDINGS[standing]
        yield f"  {SIGNS[standing]} {word}: {visible(sentence(verdict.statement))}", style
        if standing in _WHOLE or everything:
            yield from _verdict(verdict, places)
    if verdicts and not shown:
        yield f"  {SIGNS[standing]} {len(verdicts):,} {STANDINGS[standing]}", style


def _verdict(verdict: Verdict, places: Places) -> Iterator[Line]:
    if verdict.waived is not None:
        yield f"    waived by {visible(verdict.waived)}", "dim"
    if verdict.vacuous:
        yield "    there is nothing yet that it is about", "dim"
    if verdict.reason is not None:
        yield f"    because {verdict.reason.reason}: {visible(verdict.reason.detail)}", ""
    for policy in verdict.policies:
        where = places.of_policy(policy)
        if where:
            yield f"    {visible(policy)}: {visible(where)}", "dim"
    for witness in verdict.witnesses[:_WITNESSES]:
        yield from _witness(witness)
    if len(verdict.witnesses) > _WITNESSES:
        yield f"    and {counted(len(verdict.witnesses) - _WITNESSES, 'more such request')}", "dim"


def _witness(witness: Witness) -> Iterator[Line]:
    first, *others = sides(witness)
    yield f"    {_asked(first)}", ""
    yield from ((f"    just as {_asked(other)}", "") for other in others)
    if witness.note:
        yield f"      {visible(witness.note)}", "dim"
    if first.call is not None and first.call.note and not first.call.reachable:
        yield f"      nobody can send it: {visible(first.call.note)}", "dim"
    for command in commands_of(witness):
        yield f"      {command.says}:", "dim"
        yield from ((f"        {line}", "") for line in command.text.splitlines())


def _asked(witness: Witness) -> str:
    decision = "is allowed" if witness.allowed else "is denied"
    by = f" by {', '.join(map(visible, witness.policies))}" if witness.policies else ""
    return f"{witness.principal} {decision} {witness.action} on {witness.resource}{by}"


def _findings(findings: Sequence[CheckFinding], places: Places) -> Iterator[Line]:
    if not findings:
        return
    yield counted(len(findings), "finding"), "heading"
    for finding in findings:
        where = places.at(finding.file, finding.line)
        at = f"{visible(where)}:{finding.column}: " if where else ""
        about = "" if finding.policy is None else f" `{visible(finding.policy)}`"
        style: Style = "unknown" if finding.counts else "dim"
        yield f"  {at}{finding.code}{about}: {visible(finding.message)}", style
        if finding.suppressed is None:
            yield f"    {visible(finding.remedy)}", "dim"
        else:
            yield f"    left so: {visible(finding.suppressed)}", "dim"
    yield "", ""


def _changes(comparison: Comparison) -> Iterator[Line]:
    yield "since the earlier report", "heading"
    if comparison.same:
        yield "  nothing is otherwise", "proved"
    parts: Iterable[tuple[str, tuple[Change, ...]]] = (
        ("verdicts", comparison.verdicts),
        ("findings", comparison.findings),
        ("access", comparison.cells),
    )
    for name, changes in parts:
        for change in changes[:_MOST_CHANGES]:
            style: Style = {True: "violated", False: "proved", None: ""}[change.worse]  # type: ignore[assignment]
            subject = " / ".join(map(visible, change.subject))
            told = f"{said(change.before) or 'not there'} → {said(change.after) or 'gone'}"
            yield f"  {name}: {subject}: {told}", style
        if len(changes) > _MOST_CHANGES:
            yield f"  and {counted(len(changes) - _MOST_CHANGES, 'more change')} of {name}", "dim"
    yield "", ""


def _basis(review: Review) -> Iterator[Line]:
    yield "what it rests on", "heading"
    for assumption in review.assumptions:
        yield f"  {assumption.code}: {assumption.statement}", ""
        yield f"    {assumption.enforced}", "dim"
    for name, digest in review.digests.items():
        yield f"  SHA-256 of {name}: {digest}", ""
    for library, version in review.versions.items():
        yield f"  {library} {version or 'is not installed'}", ""
    yield "", ""


def _notes(review: Review) -> Iterable[str]:
    of_access = review.access.notes if isinstance(review.access, Access) else ()
    return dict.fromkeys((*review.notes, *of_access))
