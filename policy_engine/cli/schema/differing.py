"""`policy-engine schema diff`: what a server lists now, beside what its catalogue pins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from policy_engine.cli.catalogues import Change, catalogue_value, compare, pin_anew
from policy_engine.cli.console import EXIT_DENY, EXIT_YES, Format, errors_explained, out, print_json
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.schema.asking import FromOption, ServerArgument, SourceTokenOption, ask, words_after
from policy_engine.cli.schema.coverage import Coverage, Covering
from policy_engine.cli.schema.target import Target, find_target
from policy_engine.cli.schema.wording import (
    change_lines,
    change_record,
    counts,
    counts_line,
    covering_lines,
    covering_record,
    difference_lines,
)
from policy_engine.mcp import TOOLS

__all__ = ["diff"]

Covered = Mapping[str, tuple[Covering, ...]]


def diff(
    context: typer.Context,
    server: ServerArgument = None,
    source: FromOption = None,
    token: SourceTokenOption = "",
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Show what a server lists now and its catalogue doesn't, item by item, and which policies cover that.

    A policy covers a tool if it could apply to a call of it, whatever the arguments: permits on a group may
    reach a tool that nobody has seen. Nothing is written.

    Exits with 0 if nothing differs, 1 if something does, 2 if that can't be told.

    Example: policy-engine schema diff github --from https://mcp.example.com/github
    """
    with errors_explained():
        target = find_target(config, server)
        changes = compare(
            target.server, target.entries, ask(target, source, words_after(context), token).items
        )
        pinned, reviewed = (_covered(target, changes, accept=accept) for accept in (False, True))
    if format is Format.json:
        _print_record(target, changes, pinned, reviewed)
    else:
        _tell(target, changes, pinned, reviewed)
    raise typer.Exit(EXIT_DENY if any(change.differs for change in changes) else EXIT_YES)


def _covered(target: Target, changes: Sequence[Change], *, accept: bool) -> Covered:
    """By tool, the policies that cover it once it is pinned as it is now."""
    about = [change.key for change in changes if change.kind is TOOLS and change.status in ("new", "changed")]
    if not about:
        return {}
    entries = pin_anew(target.entries, changes, accept=accept)
    coverage = Coverage(target.loaded, target.server, catalogue_value(entries))
    return {tool: coverage.of(tool) for tool in about}


def _tell(target: Target, changes: Sequence[Change], pinned: Covered, reviewed: Covered) -> None:
    console = out()
    console.print(counts_line(target.server, changes), style="bold")
    for change in changes:
        if change.status == "unchanged":
            continue
        for style, line in (*change_lines(change), *difference_lines(change)):
            console.print(line, style=style)
        if change.kind is TOOLS and change.key in pinned:
            for style, line in covering_lines(pinned[change.key]):
                console.print(line, style=style)
            if not _same(change, pinned, reviewed):
                for style, line in covering_lines(reviewed[change.key], once="once reviewed: "):
                    console.print(line, style=style)


def _same(change: Change, pinned: Covered, reviewed: Covered) -> bool:
    """Whether a review makes no difference to who may call a tool."""
    sides = ([(each.policy.id, each.kinds) for each in covered[change.key]] for covered in (pinned, reviewed))
    return next(sides) == next(sides)


def _print_record(target: Target, changes: Sequence[Change], pinned: Covered, reviewed: Covered) -> None:
    record: dict[str, Any] = {
        "server": target.server,
        "same": not any(change.differs for change in changes),
        "counts": counts(changes),
        "changes": [
            {**change_record(change), **_policies(change, pinned, reviewed)}
            for change in changes
            if change.status != "unchanged"
        ],
    }
    print_json(record)


def _policies(change: Change, pinned: Covered, reviewed: Covered) -> dict[str, Any]:
    if change.kind is not TOOLS or change.key not in pinned:
        return {}
    return {
        "policies": covering_record(pinned[change.key]),
        "policies_once_reviewed": (
            None if _same(change, pinned, reviewed) else covering_record(reviewed[change.key])
        ),
    }
