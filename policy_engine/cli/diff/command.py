"""`policy-engine diff OLD NEW --replay audit.jsonl`: what changes for those who were here before."""

import logging
from contextlib import ExitStack
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
from policy_engine.cli.diff.formats import DiffFormat
from policy_engine.cli.diff.proving import proved_difference
from policy_engine.cli.diff.sides import Side, opened, worlds_of
from policy_engine.cli.diff.wording import Place, markdown_lines, text_lines
from policy_engine.cli.proofs import KindName, kinds_of
from policy_engine.errors import ConfigError
from policy_engine.harness import World
from policy_engine.harness.comparing import Comparison, compare, comparison_record
from policy_engine.harness.recording import read_log

__all__ = ["diff"]


_ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="POLICY_ENGINE_CONFIG",
        help="The configuration that policies are for; the nearest above them if it isn't given.",
    ),
]


def diff(
    old: Annotated[str, typer.Argument(help="Policies, or a configuration, as they are.")],
    new: Annotated[str, typer.Argument(help="The same as they would be.")],
    replay: Annotated[
        Path | None, typer.Option("--replay", help="An audit log: what changes for what it recorded?")
    ] = None,
    no_widening: Annotated[
        list[KindName] | None,
        typer.Option("--no-widening", help="Who may be allowed nothing more: the gate for a pull request."),
    ] = None,
    config: _ConfigOption = None,
    format: Annotated[  # noqa: A002 -- the option's name
        DiffFormat, typer.Option("--format", help="For people, for programs, or for a pull request.")
    ] = DiffFormat.text,
) -> None:
    """Say what another version of policies would change, grants first.

    It is asked of all requests that there could be, and what changes is shown by one (the extra `prove`).
    With --replay it is asked of recorded traffic: what changes whatever a log doesn't hold (arguments,
    scopes, people's groups) is told as certain, and of the rest, what it depends on.

    OLD and NEW are folders or files with policies, configurations, or `REVISION:PATH` of git; a path in git
    is from its top, or begins with `./`.

    Exits with 0 if nothing changes, 1 if something does or may, 2 if something can't be used, 3 if nothing is
    known to change but of some requests it can't be told. With --no-widening it is 0 if those who are named
    are allowed nothing more, whatever else changes.

    Example: policy-engine diff HEAD:policies policies --no-widening Client
    """
    # What an engine logs is of no interest here.
    logging.getLogger("policy_engine").addHandler(logging.NullHandler())
    with errors_explained(), ExitStack() as stack:
        if replay is not None and no_widening:
            raise ConfigError("--no-widening is about all requests", remedy="leave out --replay")
        sides = stack.enter_context(opened(old)), stack.enter_context(opened(new))
        worlds = worlds_of(*sides, config)
        if replay is None:
            raise typer.Exit(proved_difference(sides, worlds, kinds_of(no_widening), format))
        comparison = compare(*worlds, read_log(replay))
        _tell(comparison, sides, worlds, format)
    status = EXIT_YES if comparison.same else EXIT_DENY if comparison.differs else EXIT_UNKNOWN
    raise typer.Exit(status)


def _tell(
    comparison: Comparison, sides: tuple[Side, Side], worlds: tuple[World, World], format_: DiffFormat
) -> None:
    before, after = (_places(side, world) for side, world in zip(sides, worlds, strict=True))
    match format_:
        case DiffFormat.json:
            print_json(comparison_record(comparison))
        case DiffFormat.markdown:
            for line in markdown_lines(comparison, before, after):
                out().print(visible(line))
        case DiffFormat.text:
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
