"""`policy-engine validate`: does everything load, and is there something to mend?"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from policy_engine.cli.console import (
    EXIT_DENY,
    EXIT_USAGE,
    EXIT_YES,
    Format,
    errors_explained,
    out,
    print_json,
    visible,
)
from policy_engine.cli.findings import Finding, in_order, print_findings
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.watching import Watched, watch
from policy_engine.config import Report, examine, load_config
from policy_engine.errors import ConfigError, PolicyError

__all__ = ["validate"]

_POLL = 0.3
"""Seconds between two looks at the files."""


def validate(
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    effective: Annotated[
        bool, typer.Option("--effective", help="Print what really runs, as Cedar; findings go to stderr.")
    ] = False,
    watched: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")
    ] = False,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Check configuration, catalogues and policies.

    Everything is loaded, and what is wrong or looks wrong is told at once, in the order of files and lines,
    each with its place and how to mend it. Lines that may hold a secret aren't printed. Warnings:
    docs/reference/warnings.md.

    Exits with 0 if all is well (warnings allowed, unless --strict), 1 if a policy fails, 2 if the
    configuration can't be used. With --watch, Ctrl-C ends it with 0.
    """
    tell = partial(_tell, effective=effective, as_json=format is Format.json)
    if watched:
        files = Watched(config)
        watch(lambda: _again(config, tell, files), files.stamps, lambda: time.sleep(_POLL))
        raise typer.Exit(EXIT_YES)
    with errors_explained():
        report = _examined(config, placed_only=True)
    tell(report)
    raise typer.Exit(_status(report, strict=strict))


def _again(config: Path, tell: Callable[[Report], None], files: Watched) -> None:
    tell(_examined(config))
    Console(stderr=True, highlight=False).print(
        f"watching {len(files.stamps())} files; Ctrl-C ends", style="dim"
    )


def _examined(config: Path, *, placed_only: bool = False) -> Report:
    """What there is to say.

    Raises:
        ConfigError: there is no such file to look at, and only what has a place is asked for.
    """
    try:
        loaded = load_config(config)
    except ConfigError as error:
        if placed_only and error.line is None:
            raise
        return Report(errors=(error, *error.others), warnings=(), policies=None, servers={})
    return examine(loaded)


def _status(report: Report, *, strict: bool) -> int:
    if any(not isinstance(error, PolicyError) for error in report.errors):
        return EXIT_USAGE
    return EXIT_DENY if report.errors or (strict and report.warnings) else EXIT_YES


def _tell(report: Report, *, effective: bool, as_json: bool) -> None:
    findings = in_order(report.errors, report.warnings)
    if as_json:
        print_json(_record(report, findings, effective=effective))
        return
    console = (
        Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
        if effective
        else out()
    )
    print_findings(console, findings)
    for note in report.notes:
        typer.echo(f"note: {visible(note)}", err=True)
    if report.policies is None or report.errors:
        warnings = [_count(len(report.warnings), "warning", "warnings")] if report.warnings else []
        counts = [_count(len(report.errors), "error", "errors"), *warnings]
        console.print(f"invalid: {', '.join(counts)}", style="bold red")
        return
    if effective:
        typer.echo(report.policies.effective_text(origins=True), nl=False)
    console.print(f"valid: {', '.join(_counts(report))}", style="bold green")


def _counts(report: Report) -> list[str]:
    tools = sum(len(server.tools) for server in report.servers.values())
    policies = 0 if report.policies is None else len(report.policies.policies)
    return [
        _count(policies, "policy", "policies"),
        _count(len(report.servers), "server", "servers"),
        _count(tools, "pinned tool", "pinned tools"),
        _count(len(report.warnings), "warning", "warnings"),
    ]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _record(report: Report, findings: list[Finding], *, effective: bool) -> dict[str, object]:
    store = report.policies if not report.errors else None
    record: dict[str, object] = {
        "valid": store is not None,
        "policies": 0 if store is None else len(store.policies),
        "digest": None if store is None else store.digest,
        "errors": [finding.to_dict() for finding in findings if finding.severity == "error"],
        "warnings": [finding.to_dict() for finding in findings if finding.severity == "warning"],
    }
    if report.notes:
        record["notes"] = list(report.notes)
    if effective:
        running = [] if store is None else [policy for policy in store.policies.values() if not policy.shadow]
        record["effective"] = [
            {
                "policy": policy.id,
                "file": policy.written.file,
                "line": policy.written.line,
                "column": policy.written.column,
                "text": policy.effective.text,
            }
            for policy in running
        ]
    return record
