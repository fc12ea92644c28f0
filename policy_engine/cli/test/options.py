"""Options of `policy-engine test`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ConfigOption",
    "FailFastOption",
    "FilterOption",
    "FormatOption",
    "ListOption",
    "OutputOption",
    "PathsArgument",
    "TestFormat",
    "UpdateOption",
    "WatchOption",
    "WordsOption",
    "YesOption",
]


class TestFormat(StrEnum):
    """A tree of failures, a line a case, for programs, for test servers, for GitHub."""

    __test__ = False  # what pytest shouldn't collect

    text = "text"
    list = "list"
    json = "json"
    junit = "junit"
    github = "github"


PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Scenario files, or folders to look for them in; the project's own where none is given.",
        show_default=False,
    ),
]

FilterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        help="Only cases that fit, as `KEY=GLOB[,GLOB];KEY=…`; keys: file, group, principal, call, tool,"
        " method, server, issuer, profile, kind, expect. May be given several times.",
    ),
]

WordsOption = Annotated[
    str,
    typer.Option("-k", help="Only cases whose id has these words; `and`, `or`, `not` and parentheses work."),
]

WatchOption = Annotated[
    bool, typer.Option("--watch", help="Test again whenever a file changes, until Ctrl-C.")
]

FailFastOption = Annotated[bool, typer.Option("--fail-fast", "-x", help="End at the first failure.")]

ListOption = Annotated[bool, typer.Option("--list", help="Print the ids of the cases, and decide nothing.")]

UpdateOption = Annotated[
    bool,
    typer.Option("--update", help="Go through the failures, and write what came of them as expected."),
]

YesOption = Annotated[bool, typer.Option("--yes", help="With --update: write all of them, unasked.")]

FormatOption = Annotated[
    TestFormat,
    typer.Option("--format", help="For people (a tree, or a line a case), for programs, or for CI."),
]

OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write that to a file, and print the tree all the same."),
]

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="POLICY_ENGINE_CONFIG",
        help="The configuration file; if it isn't given, the nearest `policy-engine.yaml` above a scenario.",
    ),
]
