"""`policy-engine review`: prove that machines and humans are kept apart, or show the call that breaks it."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import EXIT_DENY, errors_explained
from policy_engine.cli.option_groups import with_group
from policy_engine.cli.options import ConfigOption
from policy_engine.cli.proofs import STATUS, steps_shown
from policy_engine.cli.review.asking import reviewed
from policy_engine.cli.review.fixing import fix
from policy_engine.cli.review.options import Asked, ReviewFormat, Told, asked_options, told_options
from policy_engine.cli.review.telling import save, tell
from policy_engine.cli.review.writing import check_reports, shown, write_reports
from policy_engine.review import Review
from policy_engine.review.report import compare, read_baseline, record

__all__ = ["review"]


@with_group("asked", asked_options)
@with_group("told", told_options)
def review(
    asked: Asked,
    told: Told,
    fixing: Annotated[
        bool, typer.Option("--fix", help="First mend in the files what can be without changing a decision.")
    ] = False,
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Ask of all requests that there could be: can a machine do what only people may?

    It is proved, or shown by a request that the engine really allows, with a token and a call to try it.
    Unless --question says otherwise it is asked whether each permit tells machines from people (separation),
    whether machines stay within bounds (--ceiling) and out of what they may never use (--never), what agents
    can do for people (delegation), what changed (--against), and whether each policy matters and none can
    fail (health). Besides, what a reviewer would look for is looked for: docs/reference/checks.md. What
    `review:` in the configuration says needs no option.

    Exits with 0 if all of it is proved, 1 if something is violated, 2 if something can't be used, 3 if
    something isn't known. Deciding takes a solver for some of it: pip install 'policy-engine[prove]'.

    Example: policy-engine review --never destructive --report review.html
    """
    # What an engine logs of requests is of requests that nobody sent.
    logging.getLogger("policy_engine").addHandler(logging.NullHandler())
    with errors_explained():
        status = _reviewed(asked, told, config, fixing=fixing)
    raise typer.Exit(status)


def _reviewed(asked: Asked, told: Told, config: Path, *, fixing: bool) -> int:
    """Do all of it; the exit status."""
    check_reports(told.reports)
    before = None if told.baseline is None else read_baseline(told.baseline)
    if fixing:
        fix(config)
    matrix = bool(told.reports) or before is not None or told.format is not ReviewFormat.text
    with steps_shown() as progress:
        found = reviewed(config, asked, progress=progress, matrix=matrix)
    comparison = None if before is None else compare(before, record(found, shown=shown))
    write_reports(found, comparison, told.reports)
    tell(found, comparison, told)
    if told.scenario is not None:
        save(found, config, told.scenario)
    return _status(found)


def _status(found: Review) -> int:
    failed = any(
        finding.counts and finding.severity.at_least(found.options.fail_on) for finding in found.findings
    )
    return EXIT_DENY if failed else STATUS[found.outcome]
