"""`policy-engine diff OLD NEW --replay audit.jsonl`: what changes for those who were here before."""

import logging
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import (
    EXIT_DENY,
    EXIT_UNKNOWN,
    EXIT_YES,
    errors_explained,
    out,
    print_json,
    visible,
)
from policy_engine.cli.diff.sides import Side, opened, worlds_of
from policy_engine.cli.diff.wording import Place, markdown_lines, text_lines
from policy_engine.errors import ConfigError
from policy_engine.harness import World
from policy_engine.harness.comparing import Comparison, compare, comparison_record
from policy_engine.harness.recording import read_log

__all__ = ["diff"]


class _Format(StrEnum):
    """For people, for programs, or for a pull request."""

    text = "text"
    json = "json"
    markdown = "markdown"


def diff(
    old: Annotated[str, typer.Argument(help="Policies, or a configuration, as they are.")],
    new: Annotated[str, typer.Argument(help="The same as they would be.")],
    replay: Annotated[
        Path | None, typer.Option("--replay", help="An audit log: what changes for what it recorded?")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            envvar="POLICY_ENGINE_CONFIG",
            help="The configuration that policies are for; the nearest above them if it isn't given.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002 -- the option's name
        _Format, typer.Option("--format", help="For people, for programs, or for a pull request.")
    ] = _Format.text,
) -> None:
    """Say what another version of policies would change for recorded traffic, grants first.

    OLD and NEW are folders or files with policies, configurations, or `REVISION:PATH` of git; a path in git
    is from its top, or begins with `./`. A log holds neither arguments nor scopes nor people's groups: what
    changes whatever they were is told as certain, and of the rest, what it depends on.

    Exits with 0 if nothing changes, 1 if something does or may, 2 if something can't be used, 3 if nothing is
    known to change but of some records it can't be told.

    Example: policy-engine diff HEAD:policies policies --replay audit.jsonl
    """
    # What an engine logs is of no interest here.
    logging.getLogger("policy_engine").addHandler(logging.NullHandler())
    with errors_explained(), ExitStack() as stack:
        if replay is None:
            raise ConfigError("there is nothing to compare them by", remedy="name an audit log: --replay")
        sides = stack.enter_context(opened(old)), stack.enter_context(opened(new))
        worlds = worlds_of(*sides, config)
        comparison = compare(*worlds, read_log(replay))
        _tell(comparison, sides, worlds, format)
    status = EXIT_YES if comparison.same else EXIT_DENY if comparison.differs else EXIT_UNKNOWN
    raise typer.Exit(status)


def _tell(
    comparison: Comparison, sides: tuple[Side, Side], worlds: tuple[World, World], format_: _Format
) -> None:
    before, after = (_places(side, world) for side, world in zip(sides, worlds, strict=True))
    match format_:
        case _Format.json:
            print_json(comparison_record(comparison))
        case _Format.markdown:
            for line in markdown_lines(comparison, before, after):
                out().print(visible(line))
        case _Format.text:
            console = out()
            for text, style in text_lines(comparison, before, after):
                console.print(visible(text), style=style)


def _places(side: Side, world: World) -> Place:
    def place(policy: str) -> str | None:
        found = world.policies.policies.get(policy)
        if found is None or found.written.file is None:
            return None
        return f"{side.shown(found.written.file)}:{found.written.line}"

    return place
