"""`policy-engine audit query`: which decisions were what."""

import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.audit import Filter, Recorded, read_records
from policy_engine.cli.audit.sources import FilesArgument, configured, files_of
from policy_engine.cli.audit.wording import decision_line
from policy_engine.cli.console import EXIT_YES, Format, errors_explained, out, visible
from policy_engine.cli.options import ConfigOption, FormatOption

__all__ = ["WhereOption", "query", "selected"]

WhereOption = Annotated[
    str,
    typer.Option(
        "--where",
        "-w",
        help="What must hold, as in `principal=machines/*;code=no_permit;since=2h`; names: actor, code,"
        " decision, detail, jti, kind, method, policy, principal, server, tool, since, until.",
    ),
]


def query(
    files: FilesArgument = None,
    where: WhereOption = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="As many at most.")] = 1_000_000_000,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Print the decisions of the audit log for which something holds, oldest first.

    Parts of `--where` have `;` between them, alternatives `,`; `*` stands for any text. Times are ISO 8601,
    or spans before now such as `30m`, `2h` and `7d`. With `--format json` whole records are printed, one a
    line.

    Example: policy-engine audit query --where "decision=deny;tool=github/*;since=2h"
    """
    with errors_explained():
        for record in islice(selected(files, where, config), limit):
            if format is Format.json:
                typer.echo(visible(json.dumps(dict(record.json), ensure_ascii=False)))
            else:
                out().print(decision_line(record))
    raise typer.Exit(EXIT_YES)


def selected(files: list[Path] | None, where: str, config: Path) -> Iterator[Recorded]:
    """The decisions that are asked for.

    Raises:
        ConfigError: the filter can't be read, or there is no log.
    """
    asked = Filter.of(where, time.time())
    return filter(asked.passes, read_records(files_of(files, configured(files, config))))
