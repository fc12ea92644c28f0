"""`policy-engine audit tail`: the last decisions, and those that come."""

import time
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.audit import Filter, follow, last_records, rotated_files
from policy_engine.cli.audit.querying import WhereOption
from policy_engine.cli.audit.sources import log_of
from policy_engine.cli.audit.wording import decision_line
from policy_engine.cli.console import EXIT_YES, errors_explained, out
from policy_engine.cli.options import ConfigOption
from policy_engine.config import load_config

__all__ = ["tail"]

_PAUSE = 0.2
"""Seconds between two looks."""


def tail(
    file: Annotated[
        Path | None, typer.Argument(help="The file; that of the configuration if none is given.")
    ] = None,
    count: Annotated[int, typer.Option("--lines", "-n", min=0, help="As many decisions.")] = 10,
    follows: Annotated[bool, typer.Option("--follow", "-f", help="Go on with those that come.")] = False,
    where: WhereOption = "",
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Print the last decisions of the audit log, one a line; with `--follow`, also those that come.

    A file that takes the place of the one that is read, as rotation has it, is gone on with.

    Example: policy-engine audit tail -f --where decision=deny
    """
    with errors_explained():
        asked = Filter.of(where, time.time())
        path = log_of(load_config(config)) if file is None else file
        files = [*rotated_files(path), *([path] if path.exists() or not follows else [])]
        for record in last_records(files, count, asked.passes):
            out().print(decision_line(record))
        if follows:
            try:
                for record in follow(path, _pause):
                    if asked.passes(record):
                        out().print(decision_line(record))
            except KeyboardInterrupt:
                pass
    raise typer.Exit(EXIT_YES)


def _pause() -> bool:
    time.sleep(_PAUSE)
    return True
