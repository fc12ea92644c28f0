"""`policy-engine test --mutate`: mistakes are put into the policies, to see whether the cases notice."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, out, print_json, visible
from policy_engine.cli.test.mutation_report import mutation_lines, mutation_record
from policy_engine.cli.test.outcome import shown_path
from policy_engine.errors import ConfigError
from policy_engine.harness import Case, World
from policy_engine.harness.mutation import (
    Fate,
    MutationReport,
    Outcome,
    Progress,
    chosen_operators,
    run_mutants,
    suggested_file,
)

__all__ = [
    "LEAST_SCORE",
    "FreshOption",
    "JobsOption",
    "MinScoreOption",
    "MutateOption",
    "MutationOptions",
    "OperatorsOption",
    "SuggestionsOption",
    "mutate_and_print",
    "mutated",
    "run_and_print",
]

LEAST_SCORE: Final = 95.0
"""Per cent; below that, mistakes in policies have good chances."""

_PAUSE: Final = 0.05
"""Seconds between two looks at the bar: to draw costs more than to decide."""

MutateOption = Annotated[
    bool,
    typer.Option(
        "--mutate",
        help="If all is as expected, put mistakes into the policies, and say which no case notices.",
    ),
]

MinScoreOption = Annotated[
    float,
    typer.Option("--min-score", min=0, max=100, help="With --mutate: how many per cent have to be noticed."),
]

OperatorsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--operators",
        help="With --mutate: only such mistakes, as `kind-*,number-nudged`; may be given several times.",
    ),
]

JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=1, help="With --mutate: how many processes; as many as processors if not given."
    ),
]

FreshOption = Annotated[
    bool, typer.Option("--fresh", help="With --mutate: decide all of it anew, whatever is known from before.")
]

SuggestionsOption = Annotated[
    Path | None,
    typer.Option(
        "--suggestions", help="With --mutate: write the calls that would notice the rest to a scenario file."
    ),
]


@dataclass(frozen=True, slots=True)
class MutationOptions:
    """How policies are mutated.

    Attributes:
        min_score: how many per cent of the mutants have to be noticed.
        operators: names of operators, with `*` and commas; all if there are none.
        jobs: how many processes; as many as processors if it isn't given.
        fresh: whether what is known from before counts for nothing.
        suggestions: the scenario file to which calls are written that would notice more.
        as_json: whether it is for a program.
    """

    min_score: float = LEAST_SCORE
    operators: Sequence[str] = ()
    jobs: int | None = None
    fresh: bool = False
    suggestions: Path | None = None
    as_json: bool = False


def run_and_print(world: World, cases: Iterable[Case], options: MutationOptions) -> int:
    """Mutate the policies of one project, print what became of it, and say the exit status.

    Raises:
        ConfigError: an operator isn't known, a case fails as it is, or a file can't be written.
    """
    return mutate_and_print([(world, tuple(cases))], options)


def mutate_and_print(suites: Iterable[tuple[World, tuple[Case, ...]]], options: MutationOptions) -> int:
    """The same of several projects; all of them have to reach the score.

    Raises:
        ConfigError: as there.
    """
    worlds = tuple(suites)
    reports = tuple(mutated(world, cases, options) for world, cases in worlds)
    if options.as_json:
        records = [mutation_record(report, options.min_score) for report in reports]
        print_json(records[0] if len(records) == 1 else records)
    else:
        console = out()
        for (world, _), report in zip(worlds, reports, strict=True):
            if len(reports) > 1:
                console.print(visible(shown_path(world.loaded.folder)), style="bold")
            for text, style in mutation_lines(report, options.min_score):
                console.print(visible(text), style=style)
    if options.suggestions is not None:
        _write(options.suggestions, reports)
    return EXIT_YES if all(report.passes(options.min_score) for report in reports) else EXIT_DENY


def mutated(world: World, cases: Iterable[Case], options: MutationOptions) -> MutationReport:
    """Mutate the policies of one project.

    Raises:
        ConfigError: an operator isn't known, or a case fails as it is.
    """
    operators = chosen_operators(name.strip() for each in options.operators for name in each.split(","))
    kept = world.loaded.folder / ".policy-engine" / "mutation.json"
    if options.fresh:
        kept.unlink(missing_ok=True)
    with _progress() as progress:
        return run_mutants(
            world, cases, operators=operators, jobs=options.jobs, cache=kept, progress=progress
        )


def _write(file: Path, reports: Iterable[MutationReport]) -> None:
    found = [
        outcome.suggestion
        for report in reports
        for outcome in report.survivors
        if outcome.suggestion is not None
    ]
    if not found:
        return
    if file.exists():
        raise ConfigError("the file is there already", remedy="name another one: --suggestions", file=file)
    file.write_text(suggested_file(found), "utf-8")
    written = f"{file}: {len(found)} calls, each expected as it is decided now: see that it is right"
    Console(stderr=True, highlight=False, markup=False).print(visible(written), style="dim")


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error, where somebody sees it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    # Without a thread of its own: processes are copied meanwhile.
    with Bar(*columns, console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=None)
        survived = 0
        drawn = monotonic()

        def told(outcome: Outcome, done: int, total: int) -> None:
            nonlocal survived, drawn
            survived += outcome.fate is Fate.survived
            if monotonic() - drawn > _PAUSE:
                drawn = monotonic()
                description = f"{survived} unnoticed" if survived else ""
                bar.update(task, completed=done, total=total, description=description, refresh=True)

        yield told
