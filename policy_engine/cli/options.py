"""Options that several subcommands share."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import Format
from policy_engine.errors import ConfigError

__all__ = ["ConfigOption", "FormatOption", "ServerOption", "read_argument", "read_token"]

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", "-c", envvar="POLICY_ENGINE_CONFIG", help="The configuration file.", show_default=True
    ),
]

FormatOption = Annotated[Format, typer.Option("--format", help="For people, or for programs.")]

ServerOption = Annotated[
    str | None,
    typer.Option("--server", "-s", help="Name of the MCP server; needed where several are configured."),
]


def read_token(value: str) -> str:
    """A token, read like any argument; a file's name without its `@` is told from one.

    Raises:
        ConfigError: the file can't be read, or its `@` is missing.
    """
    if value.count(".") != _DOTS and len(value) < _LONGEST_NAME and Path(value).is_file():
        raise ConfigError("the token is the name of a file", remedy=f"write `@{value}` to read it")
    return read_argument(value, "the token")


_DOTS, _LONGEST_NAME = 2, 255
"""A compact token has two dots; a file's name has no more characters than this."""


def read_argument(value: str, what: str) -> str:
    """A value as given; `-` reads standard input, `@FILE` a file, so that no secret has to be typed.

    Raises:
        ConfigError: the file can't be read.
    """
    if value == "-":
        return sys.stdin.read().strip()
    if value.startswith("@"):
        try:
            return Path(value[1:]).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"can't read {what}", remedy="name a readable file", file=value[1:]) from error
    return value
