"""`policy-engine token inspect`: what a token is taken for, why, and what to change where it is refused."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import (
    EXIT_DENY,
    EXIT_UNKNOWN,
    EXIT_YES,
    Format,
    errors_explained,
    out,
    print_json,
)
from policy_engine.cli.inspection import Inspection, Verdict, inspect_token, lines, to_record
from policy_engine.cli.options import ConfigOption, FormatOption, read_token
from policy_engine.config import load_config

__all__ = ["at_a_terminal", "inspect"]

_EXITS = {Verdict.accepted: EXIT_YES, Verdict.refused: EXIT_DENY, Verdict.unknown: EXIT_UNKNOWN}

_STYLES = {
    "pass": "green",
    "accepted": "bold green",
    "FAIL": "bold red",
    "REFUSED": "bold red",
    "unchecked": "yellow",
    "UNPROVEN": "bold yellow",
    "UNKNOWN": "bold yellow",
    "change": "bold",
    "beware": "yellow",
}
"""Labels that stand out; the others are dim."""


def inspect(
    token: Annotated[str, typer.Argument(help="The token; `-` reads standard input, `@FILE` a file.")] = "-",  # noqa: S107 -- no password: standard input
    server: Annotated[
        str | None,
        typer.Option("--server", "-s", help="Name of the MCP server that it should open; any, if left out."),
    ] = None,
    unverified: Annotated[
        bool,
        typer.Option(
            "--unverified",
            help="Don't ask for keys: the signature stays unchecked, and no token is accepted.",
        ),
    ] = False,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Say what a token is taken for, and why; the token itself is never printed.

    Every check is told, the evidence for machine and for human, who the token stands for, and, where it was
    refused, what to change and in which line of the configuration.

    Exits with 0 if it stands for somebody, 1 if it is refused, 3 if it would stand for somebody and its
    signature couldn't be checked.

    Example: policy-engine token inspect @token.jwt --server github
    """
    if token == "-" and at_a_terminal():  # noqa: S105 -- no password: standard input
        typer.echo("Paste the token, then press Enter and Ctrl-D.", err=True)
    with errors_explained():
        found = inspect_token(load_config(config), read_token(token), server, with_keys=not unverified)
    if format is Format.json:
        print_json(to_record(found))
    else:
        _print(found)
    raise typer.Exit(_EXITS[found.verdict])


def at_a_terminal() -> bool:
    """Whether a person would type what is read from standard input."""
    return sys.stdin.isatty()


def _print(found: Inspection) -> None:
    console = out()
    for label, text in lines(found):
        console.print(f"{label:<10}", style=_STYLES.get(label, "dim"), end="")
        console.print(text)
