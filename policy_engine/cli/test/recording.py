"""`policy-engine test record`: from an audit log to scenarios."""

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from policy_engine.cli.console import EXIT_YES, errors_explained, visible
from policy_engine.errors import ConfigError
from policy_engine.harness import World
from policy_engine.harness.recording import Kept, Log, keep, read_log, scenario_text
from policy_engine.harness.running import nearest_config

__all__ = ["record"]


class _Principals(StrEnum):
    """How principals are written."""

    token = "token"  # noqa: S105 -- a word, not a token
    entity = "entity"


def record(
    log: Annotated[Path, typer.Argument(help="The audit log.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The scenario file to write; standard output if it isn't given."),
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Option(
            "--argument",
            help="The value of an argument, as NAME=VALUE in JSON or as text; others get placeholders.",
        ),
    ] = None,
    principals: Annotated[
        _Principals, typer.Option("--principals", help="With tokens of their issuers, or as entities.")
    ] = _Principals.token,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            envvar="POLICY_ENGINE_CONFIG",
            help="The configuration; the nearest above the output, or here, if it isn't given.",
        ),
    ] = None,
) -> None:
    """Make a scenario file of an audit log: who asked for what, and what was decided.

    A log holds no values of arguments, no scopes and no groups of people. A question is tested only where
    its outcome is the same whatever they were; others are in the file with the reason why they are skipped.
    Duplicates are merged, and the same log gives the same file.

    Exits with 0 if the file was made, 2 if something can't be used.

    Example: policy-engine test record audit.jsonl --output policies/recorded.scenario.yaml
    """
    with errors_explained():
        if output is not None and output.exists():
            raise ConfigError("the file is there already", remedy="name another one: --output", file=output)
        given = dict(map(_argument, arguments or ()))
        found = read_log(log)
        world = World.load(config or nearest_config((output or Path("x")).absolute()))
        kept = keep(world, found, given=given, by_token=principals is _Principals.token)
        _tell(log, found, kept, output)
    raise typer.Exit(EXIT_YES)


def _tell(file: Path, log: Log, kept: Kept, output: Path | None) -> None:
    """Write what is kept, and say what isn't.

    Raises:
        ConfigError: nothing is.
    """
    if not kept.cases:
        remedy = "name the configuration that it is of: --config"
        raise ConfigError("none of it can be replayed", remedy=remedy, file=file)
    text = scenario_text(kept, file.name)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    for line in _remarks(log, kept):
        console.print(visible(line), style="dim")


def _argument(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ConfigError(f"--argument: `{text}` isn't NAME=VALUE", remedy="as in: repo=acme/app")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _remarks(log: Log, kept: Kept) -> Iterator[str]:
    yield (
        f"{log.records} records, {len(log.exchanges)} questions: {len(kept.exact)} tested,"
        f" {len(kept.doubtful)} written down and skipped, {len(kept.left)} left out"
    )
    for exchange, why in kept.left:
        yield f"left out: line {exchange.line}: {exchange}: {why}"
    if log.unasked:
        told = ", ".join(f"{number} {code}" for code, number in log.unasked.items())
        yield f"never got to the policies, so left out: {told}"
    for problem in log.problems:
        yield f"line {problem.line}: {problem.says}"
