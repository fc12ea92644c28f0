"""`policy-engine test`: decide scenarios with the project's own policies, and say what is otherwise."""

import logging
import time
from contextlib import suppress
from dataclasses import replace
from time import perf_counter
from typing import Any, NoReturn

import typer
from rich.console import Console

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, errors_explained, out, visible
from policy_engine.cli.option_groups import with_group
from policy_engine.cli.test.choosing import chosen_by
from policy_engine.cli.test.coverage import CoverageOptions, coverage_options, report_coverage
from policy_engine.cli.test.mutation import (
    LEAST_SCORE,
    FreshOption,
    JobsOption,
    MinScoreOption,
    MutateOption,
    MutationOptions,
    OperatorsOption,
    SuggestionsOption,
    mutate_and_print,
)
from policy_engine.cli.test.options import TestFormat, WatchOption
from policy_engine.cli.test.outcome import Outcome, Tested
from policy_engine.cli.test.progress import progress_of
from policy_engine.cli.test.projects import Suite, find_projects, load_suites
from policy_engine.cli.test.reports import print_report, write_report
from policy_engine.cli.test.twins import TwinsOption, check_twins_and_print
from policy_engine.cli.test.updating import update
from policy_engine.cli.test.wanted import Wanted, wanted_options
from policy_engine.cli.test.watched import WatchedTests
from policy_engine.cli.watching import watch
from policy_engine.errors import ConfigError
from policy_engine.harness.coverage import Coverage
from policy_engine.harness.running import run_cases

__all__ = ["run"]

_POLL = 0.3
"""Seconds between two looks at the files."""


@with_group("wanted", wanted_options)
@with_group("coverage", coverage_options)
def run(
    wanted: Wanted,
    watched: WatchOption = False,
    coverage: CoverageOptions | None = None,
    twins: TwinsOption = False,
    mutate: MutateOption = False,
    min_score: MinScoreOption = LEAST_SCORE,
    operators: OperatorsOption = None,
    jobs: JobsOption = None,
    fresh: FreshOption = False,
    suggestions: SuggestionsOption = None,
) -> None:
    """Decide every case of the scenarios beside the policies, and say what isn't as they expect.

    Of each failure it is told which policies decided and why, with the values that they saw, where they and
    the scenario are written, and whose token was used; tokens themselves are never shown. Nothing is
    recorded, and nobody is asked over a network.

    Exits with 0 if all is as expected, 1 if something isn't, 2 if there is no scenario, or it or the
    configuration can't be used. With --watch, Ctrl-C ends it with 0.

    Example: policy-engine test --filter "principal=ci-*;expect=deny"
    """
    as_json = wanted.format is TestFormat.json
    mutation = MutationOptions(min_score, operators or (), jobs, fresh, suggestions, as_json)
    more: dict[str, Any] = {"twins": twins, "coverage": coverage, "mutation": mutation if mutate else None}
    _start(replace(wanted, **more), watched=watched)


def _start(wanted: Wanted, *, watched: bool) -> NoReturn:
    # What an engine logs of servers' lists is of lists that scenarios made up.
    logging.getLogger("policy_engine").addHandler(logging.NullHandler())
    if watched:
        files = WatchedTests(wanted.paths, wanted.config)
        watch(lambda: _again(wanted, files), files.stamps, lambda: time.sleep(_POLL))
        raise typer.Exit(EXIT_YES)
    with errors_explained():
        status = _tested(wanted)
    raise typer.Exit(status)


def _again(wanted: Wanted, files: WatchedTests) -> None:
    with suppress(typer.Exit), errors_explained():
        _tested(wanted)
    told = f"watching {len(files.stamps())} files; Ctrl-C ends"
    Console(stderr=True, highlight=False).print(told, style="dim")


def _tested(wanted: Wanted) -> int:
    """Do all of it; the exit status."""
    if wanted.unasked and not wanted.update:
        raise ConfigError("--yes goes with --update", remedy="give both, or neither")
    if wanted.twins and wanted.mutation is not None and wanted.format is TestFormat.json:
        raise ConfigError("--twins and --mutate give a JSON value each", remedy="ask for one at a time")
    started = perf_counter()
    projects = find_projects(wanted.paths, wanted.config)
    suites = load_suites(projects, chosen_by(wanted.filters, wanted.words))
    if wanted.listing:
        for case in (case for suite in suites for case in suite.cases):
            out().print(visible(case.id))
        return EXIT_YES
    outcome = _decided(suites, wanted, started)
    good = not outcome.failed and not outcome.stopped
    asked_more = good and (wanted.twins or wanted.mutation is not None)
    if wanted.output is not None:
        write_report(outcome, wanted.format, wanted.output)
        print_report(outcome, TestFormat.text)
    elif not (asked_more and wanted.format is TestFormat.json):  # one JSON value, of twins or mutants then
        print_report(outcome, wanted.format)
    if wanted.update and outcome.failed:
        return EXIT_YES if update(outcome, unasked=wanted.unasked) else EXIT_DENY
    covered = _covered(suites, outcome, wanted)
    more = _more(suites, outcome, wanted) if asked_more else EXIT_DENY if outcome.failed else EXIT_YES
    return max(covered, more)


def _covered(suites: tuple[Suite, ...], outcome: Outcome, wanted: Wanted) -> int:
    """What the cases exercised, unless some of them are left."""
    if wanted.coverage is None or outcome.stopped:
        return EXIT_YES
    files = [suite.project.config for suite in suites]
    found = [(file, each.coverage) for file, each in zip(files, outcome.tested, strict=True)]
    counted = [(file, coverage) for file, coverage in found if coverage is not None]
    people = wanted.output is not None or wanted.format in (TestFormat.text, TestFormat.list)
    return report_coverage(counted, wanted.coverage, aside=not people)


def _more(suites: tuple[Suite, ...], outcome: Outcome, wanted: Wanted) -> int:
    """What is looked at besides, where all is as expected."""
    status, as_json = EXIT_YES, wanted.format is TestFormat.json
    if wanted.twins:
        status = check_twins_and_print(outcome.tested, as_json=as_json)
    if wanted.mutation is not None:
        mutated = mutate_and_print(((suite.world, suite.cases) for suite in suites), wanted.mutation)
        status = max(status, mutated)
    return status


def _decided(suites: tuple[Suite, ...], wanted: Wanted, started: float) -> Outcome:
    number = sum(len(suite.cases) for suite in suites)
    tested: list[Tested] = []
    with progress_of(number) as progress:
        for suite in suites:
            coverage = None if wanted.coverage is None else Coverage(suite.world)
            decided = run_cases(
                suite.world,
                suite.cases,
                progress=progress,
                fail_fast=wanted.fail_fast,
                observe=None if coverage is None else coverage.observe,
            )
            tested.append(Tested(world=suite.world, run=decided, coverage=coverage))
            if decided.stopped:
                break
    return Outcome(tested=tuple(tested), seconds=perf_counter() - started, number=number)
