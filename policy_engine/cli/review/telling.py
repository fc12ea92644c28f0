"""A review, told: on standard output, and as scenarios."""

from pathlib import Path

import typer

from policy_engine.cli.console import print_error, visible
from policy_engine.cli.proofs import print_lines
from policy_engine.cli.review.options import ReviewFormat, Told
from policy_engine.cli.review.witnesses import calls_to_deny, save_scenario
from policy_engine.cli.review.writing import shown
from policy_engine.config import load_config
from policy_engine.harness import World
from policy_engine.review import Review
from policy_engine.review.report import Comparison, markdown, record_text, review_lines, sarif_text

__all__ = ["save", "tell"]


def tell(found: Review, comparison: Comparison | None, told: Told) -> None:
    """Print a review, and which files it was written to."""
    match told.format:
        case ReviewFormat.json:
            typer.echo(visible(record_text(found, shown=shown), keep="\n"), nl=False)
        case ReviewFormat.markdown:
            typer.echo(markdown(found, comparison=comparison, shown=shown), nl=False)
        case ReviewFormat.sarif:
            typer.echo(visible(sarif_text(found, shown=shown), keep="\n"), nl=False)
        case ReviewFormat.text:
            everything = told.everything
            print_lines(review_lines(found, comparison=comparison, everything=everything, shown=shown))
    for file in told.reports:
        _note(f"wrote {file}")


def save(found: Review, config: Path, file: Path) -> None:
    """Add what mustn't be allowed to a scenario file, and say what was added.

    Raises:
        ConfigError: the file can't be used.
    """
    saved = save_scenario(World.of(load_config(config)), calls_to_deny(found), file)
    _note(f"{file}: {len(saved.names)} added, {len(saved.known)} there already")
    for _, why in saved.left:
        print_error(f"one call can't be saved: {why}")


def _note(text: str) -> None:
    """A line beside the answer."""
    typer.echo(visible(text), err=True)
