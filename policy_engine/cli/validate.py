"""`policy-engine validate`: does everything load, and is there something to mend?"""

from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import (
    EXIT_DENY,
    EXIT_YES,
    Format,
    errors_explained,
    out,
    print_error,
    print_json,
)
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.config import Stages, assemble, load_config
from policy_engine.errors import ConfigError, PolicyError

__all__ = ["validate"]


def validate(
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Check configuration, catalogues and policies.

    Everything is loaded, and what is wrong or looks wrong is reported.

    Exits with 0 if all is well (warnings allowed, unless --strict), 1 if a policy fails, 2 if the
    configuration can't be used.
    """
    stages, errors = _load(config)
    warnings = () if stages is None else stages.policies.warnings
    if format is Format.json:
        print_json(
            {
                "valid": stages is not None,
                "policies": 0 if stages is None else len(stages.policies.policies),
                "digest": None if stages is None else stages.digest,
                "errors": [_error_record(error) for error in errors],
                "warnings": [
                    {
                        "code": warning.code,
                        "policy": warning.policy,
                        "problem": warning.message,
                        "remedy": warning.remedy,
                        "file": warning.file,
                        "line": warning.line,
                        "column": warning.column,
                    }
                    for warning in warnings
                ],
            }
        )
    else:
        _print(stages, errors)
    failed = stages is None or (strict and warnings)
    raise typer.Exit(EXIT_DENY if failed else EXIT_YES)


def _load(config: Path) -> tuple[Stages | None, tuple[ConfigError, ...]]:
    with errors_explained():
        try:
            return assemble(load_config(config), now=lambda: 0.0), ()
        except PolicyError as error:
            return None, (error, *error.others)


def _print(stages: Stages | None, errors: tuple[ConfigError, ...]) -> None:
    console = out()
    for error in errors:
        print_error(str(error))
    if stages is None:
        console.print(f"invalid: {_count(len(errors), 'error', 'errors')}", style="bold red")
        return
    for warning in stages.policies.warnings:
        console.print("warning:", style="bold yellow", end=" ")
        console.print(str(warning))
    tools = sum(len(server.tools) for server in stages.servers.values())
    counts = [
        _count(len(stages.policies.policies), "policy", "policies"),
        _count(len(stages.servers), "server", "servers"),
        _count(tools, "pinned tool", "pinned tools"),
        _count(len(stages.policies.warnings), "warning", "warnings"),
    ]
    console.print(f"valid: {', '.join(counts)}", style="bold green")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _error_record(error: ConfigError) -> dict[str, object]:
    return {
        "code": error.code,
        "problem": error.problem,
        "remedy": error.remedy,
        "file": error.file,
        "line": error.line,
        "column": error.column,
    }
