"""What another version of policies changes for all requests, whether anybody ever sent them."""

import typer

from policy_engine.cli.console import visible
from policy_engine.cli.diff.formats import DiffFormat
from policy_engine.cli.diff.sides import Side
from policy_engine.cli.proofs import STATUS, print_lines, steps_shown
from policy_engine.harness import World
from policy_engine.review import Kind, Options, Review, Severity, Subject, review
from policy_engine.review.report import markdown, record_text, review_lines

__all__ = ["proved_difference"]


def proved_difference(
    sides: tuple[Side, Side], worlds: tuple[World, World], no_widening: frozenset[Kind], format_: DiffFormat
) -> int:
    """Tell what changes, and return the exit status.

    Args:
        sides: as they were named.
        worlds: the same, loaded.
        no_widening: who may be allowed nothing more; if somebody is named, nothing else decides the status.
        format_: how it is told.
    """
    before, after = (Subject.of_engine(world.engine) for world in worlds)
    # Without a gate, every change counts.
    fail_on = Severity.error if no_widening else Severity.note
    options = Options(questions=("diff",), before=before, no_widening=no_widening, fail_on=fail_on)
    with steps_shown() as progress:
        found = review(after, options, progress=progress)
    _tell(found, sides, format_)
    return STATUS[found.outcome]


def _tell(found: Review, sides: tuple[Side, Side], format_: DiffFormat) -> None:
    shown = sides[1].shown
    match format_:
        case DiffFormat.json:
            typer.echo(visible(record_text(found, shown=shown), keep="\n"), nl=False)
        case DiffFormat.markdown:
            typer.echo(markdown(found, shown=shown), nl=False)
        case DiffFormat.text:
            print_lines(review_lines(found, everything=True, basis=False, shown=shown))
