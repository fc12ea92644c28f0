"""`policy-engine keys list`: which keys there are, and when each signs."""

from pathlib import Path

import typer
from rich.table import Table

from policy_engine.cli.console import (
    EXIT_DENY,
    Format,
    errors_explained,
    out,
    print_error,
    print_json,
    visible,
)
from policy_engine.cli.keys.opened import opened
from policy_engine.cli.keys.told import record_of, sentence
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.errors import ConfigError
from policy_engine.model.stored import StoredKey

__all__ = ["list_keys"]

_COLUMNS = ("kid", "algorithm", "state", "when")


def list_keys(
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """List the signing keys: which signs, which will, and which is only published still.

    Nothing private is printed, and nothing is changed. Exits with 1 if a key can't be opened with the
    configured encryption key.

    Example: policy-engine keys list --format json
    """
    with errors_explained():
        with opened(config, create=False) as keys:
            found = keys.listed()
        if format is Format.json:
            print_json([record_of(key, fault) for key, fault in found])
        elif found:
            _print_table([key for key, _ in found])
        else:
            out().print("no key yet; the first is made when the server starts")
        _tell([fault for _, fault in found if fault is not None])


def _tell(faults: list[ConfigError]) -> None:
    for fault in faults:
        print_error(str(fault))
    if faults:
        raise typer.Exit(EXIT_DENY)


def _print_table(keys: list[StoredKey]) -> None:
    console = out()
    rows = [tuple(map(visible, (key.kid, key.algorithm, key.state.value, sentence(key)))) for key in keys]
    if not console.is_terminal:
        # One line a key, whatever the width: for grep, and for pages that show it.
        widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
        for row in (_COLUMNS, *rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            console.print("  ".join(cells).rstrip())
        return
    table = Table(*_COLUMNS, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    console.print(table, soft_wrap=False)
