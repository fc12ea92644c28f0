"""`policy-engine test --coverage`: what of the policies no case exercises, and whether that is too much."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import typer
from rich.console import Console

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, out, visible
from policy_engine.cli.test.outcome import shown_path
from policy_engine.errors import ConfigError
from policy_engine.harness.coverage import (
    KINDS,
    Coverage,
    Kind,
    Line,
    Measured,
    Style,
    Thresholds,
    coverage_lines,
    coverage_page,
    coverage_record,
    coverage_summary,
    shortfalls,
)

__all__ = ["CoverageFormat", "CoverageOptions", "coverage_options", "report_coverage"]


class CoverageFormat(StrEnum):
    """Marked text, a page, or JSON."""

    text = "text"
    html = "html"
    json = "json"


CoverageOption = Annotated[
    bool,
    typer.Option("--coverage", help="Mark what no case exercises in the text of the policies."),
]

EverythingOption = Annotated[
    bool,
    typer.Option("--coverage-all", help="The same, and tell of what is exercised, of calls and tokens, too."),
]

CoverageFormatOption = Annotated[
    CoverageFormat,
    typer.Option("--coverage-format", help="With --coverage-output: marked text, one page, or JSON."),
]

CoverageOutputOption = Annotated[
    Path | None,
    typer.Option("--coverage-output", help="Write the coverage to a file, and print the numbers alone."),
]

_Percent = float | None

MinPolicyOption = Annotated[
    _Percent,
    typer.Option("--min-policy", min=0, max=100, help="How many per cent of the policies have to decide."),
]

MinClauseOption = Annotated[
    _Percent,
    typer.Option(
        "--min-clause",
        min=0,
        max=100,
        help="How many per cent of outcomes of clauses, each true and false, have to be seen.",
    ),
]

MinConditionOption = Annotated[
    _Percent,
    typer.Option("--min-condition", min=0, max=100, help="Likewise, of the conditions in the clauses."),
]

MinKindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--min-kind",
        help="Policies that could apply to User, Client or delegated have to decide for them: all, or"
        " `Client=80` per cent. May be given several times.",
    ),
]

_MOST, _LINE_END = 100.0, "\n"

_STYLES: dict[Style, str] = {
    "yes": "bold green",
    "no": "bold red",
    "partly": "yellow",
    "heading": "bold",
    "": "",
}


Projects = Sequence[tuple[Path, Coverage]]
"""What was counted of each, with its configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions:
    """How coverage is told, and how much is wanted.

    Attributes:
        format: of the file.
        output: the file, if there is one.
        everything: whether to tell of what was exercised, too.
        thresholds: what has to be reached.
    """

    format: CoverageFormat
    output: Path | None
    everything: bool
    thresholds: Thresholds


def coverage_options(
    coverage: CoverageOption = False,
    everything: EverythingOption = False,
    coverage_format: CoverageFormatOption = CoverageFormat.text,
    coverage_output: CoverageOutputOption = None,
    min_policy: MinPolicyOption = None,
    min_clause: MinClauseOption = None,
    min_condition: MinConditionOption = None,
    min_kind: MinKindOption = None,
) -> CoverageOptions | None:
    """The options, if any of them asks for coverage.

    Raises:
        BadParameter: there is no such kind or percentage, or a format without a file.
    """
    least: dict[Measured | Kind, float] = {}
    given: dict[Measured, float | None] = {
        "policy": min_policy,
        "clause": min_clause,
        "condition": min_condition,
    }
    least.update({name: value for name, value in given.items() if value is not None})
    least.update(_kind(text) for text in min_kind or ())
    if coverage_format is not CoverageFormat.text and coverage_output is None:
        raise typer.BadParameter(f"{coverage_format} needs a file: --coverage-output")
    if not (coverage or everything or coverage_output or least):
        return None
    return CoverageOptions(
        format=coverage_format,
        output=coverage_output,
        everything=everything,
        thresholds=Thresholds(least=least),
    )


def report_coverage(projects: Projects, options: CoverageOptions, *, aside: bool = False) -> int:
    """Tell what was covered, and say the exit status.

    Args:
        projects: what was counted of each, with its configuration.
        options: how it is told.
        aside: tell on standard error, since standard output is for a program.

    Raises:
        ConfigError: the file can't be written.
    """
    if options.output is not None:
        _write(projects, options, options.output)
    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console = console if aside else out()
    for file, coverage in projects:
        if len(projects) > 1:
            console.print(f"\n{visible(shown_path(file))}", style="bold")
        lines = _lines(coverage, options)
        if options.output is not None:
            lines = coverage_summary(coverage, options.thresholds)
        for text, style in lines:
            console.print(visible(text), style=_STYLES[style])
    good = not any(shortfalls(coverage, options.thresholds) for _, coverage in projects)
    return EXIT_YES if good else EXIT_DENY


def _lines(coverage: Coverage, options: CoverageOptions) -> Iterator[Line]:
    return coverage_lines(coverage, options.thresholds, everything=options.everything, shown=_shown)


def _write(projects: Projects, options: CoverageOptions, output: Path) -> None:
    try:
        output.write_text(_written(projects, options), "utf-8")
    except OSError as error:
        problem = f"can't be written: {error.strerror}"
        raise ConfigError(problem, remedy="name another file: --coverage-output", file=output) from None


def _written(projects: Projects, options: CoverageOptions) -> str:
    match options.format:
        case CoverageFormat.html:
            named = [(str(file), coverage) for file, coverage in projects]
            return coverage_page(named, options.thresholds, shown=_shown)
        case CoverageFormat.json:
            records = [
                {"config": shown_path(file), **coverage_record(coverage, options.thresholds)}
                for file, coverage in projects
            ]
            whole = records[0] if len(records) == 1 else records
            return f"{visible(json.dumps(whole, indent=2, ensure_ascii=False), keep=_LINE_END)}{_LINE_END}"
        case CoverageFormat.text:
            lines = [text for _, coverage in projects for text, _ in _lines(coverage, options)]
            return "".join(f"{visible(line)}{_LINE_END}" for line in lines)
        case _:
            assert_never(options.format)


def _shown(file: str) -> str:
    return shown_path(Path(file))


def _kind(text: str) -> tuple[Kind, float]:
    name, equals, number = text.partition("=")
    kind = next((each for each in KINDS if each.lower() == name.strip().lower()), None)
    if kind is None:
        raise typer.BadParameter(f"`{name}` is none of {', '.join(KINDS)}")
    try:
        percent = float(number) if equals else _MOST
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= _MOST:
        raise typer.BadParameter(f"`{number}` is no percentage: write {kind}=80")
    return kind, percent
