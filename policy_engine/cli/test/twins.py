"""`policy-engine test --twins`: every case once more as somebody of the other kind, and through an agent."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, out, print_json, visible
from policy_engine.cli.test.outcome import Tested, file_of, shown_path
from policy_engine.harness.entries import entry_text, outcome_text
from policy_engine.harness.twins import TwinFinding, TwinReport, check_twins
from policy_engine.model import Identity, User

__all__ = ["TwinsOption", "check_twins_and_print", "twin_lines", "twin_record"]

TwinsOption = Annotated[
    bool,
    typer.Option(
        "--twins",
        help="If all is as expected, decide each case for the machine of the person's name, for the person"
        " of the machine's, and through an agent, and say what nobody can have meant.",
    ),
]


def check_twins_and_print(tested: Iterable[Tested], *, as_json: bool = False) -> int:
    """Look at the twins of cases that were decided, print what they show, and say the exit status."""
    reports = [
        check_twins(each.world, (result.case for result in each.run.results), each.run.results)
        for each in tested
    ]
    if as_json:
        records = [twin_record(report) for report in reports]
        print_json(records[0] if len(records) == 1 else records)
    else:
        console = out()
        for report in reports:
            for text, style in twin_lines(report):
                console.print(visible(text), style=style)
    return EXIT_DENY if any(report.findings for report in reports) else EXIT_YES


def twin_lines(report: TwinReport) -> Iterator[tuple[str, str]]:
    """Lines and their styles: each finding, then what was looked at."""
    for finding in report.findings:
        yield from _finding(finding)
    number = len(report.findings)
    found = (
        "nothing that nobody meant" if not number else "1 finding" if number == 1 else f"{number} findings"
    )
    style = "bold red" if number else "bold green"
    cases = "1 case" if report.cases == 1 else f"{report.cases} cases"
    yield f"{report.twins} twins of {cases}: {found} in {report.seconds:.1f} s", style


def twin_record(report: TwinReport) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "cases": report.cases,
        "twins": report.twins,
        "seconds": round(report.seconds, 3),
        "findings": [_record(finding) for finding in report.findings],
    }


def _finding(finding: TwinFinding) -> Iterator[tuple[str, str]]:
    yield f"{_place(finding)}: {finding.rule.name} `{finding.policy}`: {finding.rule.says}", "bold red"
    more = "" if finding.calls == 1 else f", and {finding.calls - 1} more alike"
    yield f"  {finding.case.asked.name}  ({file_of(finding.case)}{more})", ""
    yield f"    {_who(finding.identity)}: {outcome_text(finding.decision)}", ""
    yield f"    {_who(finding.twin.identity)}: {outcome_text(finding.twin_decision)}", "yellow"
    yield f"  {finding.rule.remedy}", ""
    yield "  as a scenario, if the second is to be denied:", ""
    for line in entry_text(finding.entry).splitlines():
        yield f"    {line}", "dim"
    yield "", ""


def _record(finding: TwinFinding) -> dict[str, Any]:
    origin = finding.origin
    return {
        "rule": finding.rule.name,
        "says": finding.rule.says,
        "remedy": finding.rule.remedy,
        "policy": finding.policy,
        "file": None if origin is None else str(origin.file),
        "line": None if origin is None else origin.line,
        "column": None if origin is None else origin.column,
        "case": finding.case.id,
        "call": finding.case.asked.name,
        "calls": finding.calls,
        "principal": _who(finding.identity),
        "outcome": outcome_text(finding.decision),
        "twin": _who(finding.twin.identity),
        "twin_outcome": outcome_text(finding.twin_decision),
        "entry": entry_text(finding.entry),
    }


def _place(finding: TwinFinding) -> str:
    origin = finding.origin
    return finding.place if origin is None else f"{shown_path(origin.file)}:{origin.line}:{origin.column}"


def _who(identity: Identity) -> str:
    principal = identity.principal
    actor = principal.actor if isinstance(principal, User) else None
    return str(principal.uid) if actor is None else f"{principal.uid} through {actor.uid}"
