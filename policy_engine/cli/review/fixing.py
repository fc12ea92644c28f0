"""Mending in the files what can be mended without changing a decision."""

from pathlib import Path

import typer

from policy_engine.cli.console import visible
from policy_engine.cli.review.writing import shown
from policy_engine.config import load_config
from policy_engine.review import Subject
from policy_engine.review.checks import apply_fixes, find_findings

__all__ = ["fix"]


def fix(config: Path) -> None:
    """Mend a project, and say what was mended.

    Raises:
        ConfigError: the configuration can't be used, or a file can't be written; then none was.
    """
    for finding in apply_fixes(find_findings(Subject.of(load_config(config)))):
        place = "" if finding.file is None else f"{shown(finding.file)}:{finding.line}: "
        typer.echo(visible(f"{place}mended {finding.code}: {finding.message}"), err=True)
