"""What became of mutants, as people and programs read it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policy_engine.cli.test.outcome import shown_path
from policy_engine.harness.mutation import Fate, Mutant, MutationReport, Outcome

__all__ = ["mutation_lines", "mutation_record"]

_UNCOUNTED = {
    Fate.stillborn: "wouldn't load",
    Fate.equivalent: "change nothing",
    Fate.duplicate: "are like another",
}

_DIFF = {"-": "red", "+": "green", "@": "cyan"}


def mutation_lines(report: MutationReport, least: float) -> Iterator[tuple[str, str]]:
    """Lines and their styles: each mistake that nobody notices, then the score."""
    for outcome in report.survivors:
        yield from _survivor(outcome)
    yield _summary(report, least), "bold green" if report.passes(least) else "bold red"


def mutation_record(report: MutationReport, least: float) -> dict[str, Any]:
    """The same as JSON, with every mutant."""
    return {
        "score": round(report.score, 2),
        "least": least,
        "passed": report.passes(least),
        "cases": report.cases,
        "seconds": round(report.seconds, 3),
        "counts": {fate.value: number for fate, number in report.counts.items()},
        "mutants": [_record(outcome) for outcome in report.outcomes],
    }


def _survivor(outcome: Outcome) -> Iterator[tuple[str, str]]:
    mutant = outcome.mutant
    yield f"{_place(mutant)}: no case notices that {mutant.says} ({mutant.operator})", "bold red"
    for line in mutant.diff().splitlines()[2:]:
        yield f"  {line}", _DIFF.get(line[:1], "dim")
    told = outcome.suggestion
    if told is None:
        yield "  no call was found that would tell them apart", "yellow"
    else:
        yield "  this call would:", ""
        yield f"    {told.call}", ""
        yield f"    as it is: {told.original}; with the mistake: {told.mutated}", ""
        yield "  as a scenario, if that is right as it is:", ""
        for line in told.entry.splitlines():
            yield f"    {line}", "dim"
    yield "", ""


def _summary(report: MutationReport, least: float) -> str:
    counts = report.counts
    killed, counted = counts[Fate.killed], report.counted
    beside = [f"{counts[fate]} {says}" for fate, says in _UNCOUNTED.items() if counts[fate]]
    left = f"; not counted: {', '.join(beside)}" if beside else ""
    # Cut, not rounded: what is printed must not look like enough where it isn't.
    score = int(report.score * 10) / 10
    return (
        f"{killed} of {counted} mistakes noticed by {report.cases} cases: {score:.1f} %"
        f" (at least {least:g} % wanted) in {report.seconds:.1f} s{left}"
    )


def _record(outcome: Outcome) -> dict[str, Any]:
    mutant = outcome.mutant
    record: dict[str, Any] = {
        "id": mutant.id,
        "operator": mutant.operator,
        "policy": mutant.policy,
        "file": mutant.file,
        "line": mutant.span.line,
        "column": mutant.span.column,
        "before": mutant.before,
        "after": mutant.after,
        "fate": outcome.fate.value,
    }
    if outcome.by is not None:
        record["by"] = outcome.by
    if outcome.why:
        record["why"] = outcome.why
    if outcome.fate is Fate.survived:
        record["diff"] = mutant.diff()
    if outcome.suggestion is not None:
        told = outcome.suggestion
        record["suggestion"] = {
            "call": told.call,
            "original": told.original,
            "mutated": told.mutated,
            "entry": told.entry,
        }
    return record


def _place(mutant: Mutant) -> str:
    if mutant.file is None:
        return f"<values>:{mutant.span.line}:{mutant.span.column}"
    return f"{shown_path(Path(mutant.file))}:{mutant.span.line}:{mutant.span.column}"
