"""What another version of policies changes for all requests, whether anybody ever sent them."""

from collections.abc import Collection
from typing import Final

import typer

from policy_engine.cli.console import EXIT_DENY, EXIT_UNKNOWN, EXIT_YES, out, visible
from policy_engine.cli.diff.formats import DiffFormat
from policy_engine.cli.diff.sides import Side
from policy_engine.cli.steps import steps_shown
from policy_engine.harness import World
from policy_engine.review import Kind, Options, Outcome, Review, Severity, Subject, review
from policy_engine.review.report import markdown, record_text, review_lines

__all__ = ["proved_difference"]

_STATUS: Final = {Outcome.proved: EXIT_YES, Outcome.violated: EXIT_DENY, Outcome.unknown: EXIT_UNKNOWN}
_STYLES: Final = {
    "violated": "bold red",
    "unknown": "yellow",
    "proved": "green",
    "heading": "bold",
    "dim": "dim",
}


def proved_difference(
    sides: tuple[Side, Side], worlds: tuple[World, World], no_widening: Collection[Kind], format_: DiffFormat
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
    options = Options(questions=("diff",), before=before, no_widening=frozenset(no_widening), fail_on=fail_on)
    with steps_shown() as progress:
        found = review(after, options, progress=progress)
    _tell(found, sides, format_)
    return _STATUS[found.outcome]


def _tell(found: Review, sides: tuple[Side, Side], format_: DiffFormat) -> None:
    shown = sides[1].shown
    match format_:
        case DiffFormat.json:
            typer.echo(visible(record_text(found, shown=shown), keep="\n"), nl=False)
        case DiffFormat.markdown:
            typer.echo(markdown(found, shown=shown), nl=False)
        case DiffFormat.text:
            console = out()
            for text, style in review_lines(found, everything=True, basis=False, shown=shown):
                console.print(visible(text), style=_STYLES.get(style, ""))
