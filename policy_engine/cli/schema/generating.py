"""`policy-engine schema generate`: pin what a server lists in its catalogue."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from policy_engine.cli.catalogues import (
    Change,
    Entry,
    awaiting_review,
    catalogue_text,
    compare,
    pin_anew,
)
from policy_engine.cli.console import EXIT_DENY, EXIT_USAGE, Format, errors_explained, out, print_json
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.schema.asking import FromOption, ServerArgument, SourceTokenOption, ask, words_after
from policy_engine.cli.schema.target import Target, find_target
from policy_engine.cli.schema.wording import (
    change_lines,
    change_record,
    counts,
    counts_line,
    difference_lines,
)
from policy_engine.cli.schema.writing import write_catalogue
from policy_engine.config import examine, load_config
from policy_engine.errors import ConfigError

__all__ = ["generate"]

AcceptOption = Annotated[
    bool, typer.Option("--accept", help="Review everything that isn't reviewed: you vouch for it.")
]
YesOption = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Accept without asking; needed where standard input is no terminal."),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit with 1 if the catalogue isn't up to date.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be done.

    Attributes:
        target: whose catalogue.
        changes: what was found.
        entries: the new catalogue.
        needed: whether that differs from the old one.
        accepted: what is accepted with it.
    """

    target: Target
    changes: Sequence[Change]
    entries: Sequence[Entry]
    needed: bool
    accepted: Sequence[Change]


def generate(
    context: typer.Context,
    server: ServerArgument = None,
    source: FromOption = None,
    token: SourceTokenOption = "",
    accept: AcceptOption = False,
    yes: YesOption = False,
    check: CheckOption = False,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Pin what a server lists (tools, prompts, resources, templates) in its catalogue.

    What hasn't changed keeps its review; what is new or changed counts as unreviewed, unless --accept is
    given, which shows all that it accepts, and asks. A catalogue that isn't there is made, and named in the
    configuration. An item that can't be pinned is left out, and told of.

    Exits with 0 if it was written or there is nothing to do, 1 if --check finds changes, 2 if it can't be
    done.

    Example: policy-engine schema generate github -- npx -y @example/server-github
    """
    with errors_explained():
        if yes and not accept:
            raise ConfigError("--yes goes with --accept", remedy="leave it out, or say what to accept")
        target = find_target(config, server)
        plan = _planned(target, ask(target, source, words_after(context), token).items, accept=accept)
        if check:
            _tell(plan, written=False, format=format)
            raise typer.Exit(EXIT_DENY if plan.needed else 0)
        if plan.accepted and not _agreed(plan, yes=yes, format=format):
            out().print("nothing was written", style="bold yellow")
            raise typer.Exit(EXIT_USAGE)
        if plan.needed:
            write_catalogue(target, catalogue_text(plan.entries))
        _tell(plan, written=plan.needed, format=format)


def _planned(target: Target, items: Any, *, accept: bool) -> _Plan:  # noqa: ANN401 -- a server's JSON
    changes = compare(target.server, target.entries, items)
    if target.entries and changes and all(change.status == "gone" for change in changes):
        remedy = "if that is so, take the entries out of the catalogue"
        raise ConfigError("the server lists nothing of what is pinned", remedy=remedy, file=target.shown)
    waiting = awaiting_review(changes) if accept else []
    differs = any(change.status in ("new", "changed", "gone") for change in changes)
    return _Plan(
        target=target,
        changes=changes,
        entries=pin_anew(target.entries, changes, accept=accept),
        needed=differs or bool(waiting) or target.text is None or not target.named,
        accepted=waiting,
    )


def _agreed(plan: _Plan, *, yes: bool, format: Format) -> bool:  # noqa: A002 -- as the option
    """Show what is accepted, and ask.

    Raises:
        ConfigError: nobody can be asked: what a server says of itself isn't accepted by a pipe.
    """
    console = Console(
        stderr=format is Format.json, highlight=False, markup=False, emoji=False, soft_wrap=True
    )
    for change in plan.accepted:
        whole = change.before is None or not change.before.reviewed
        for style, line in (*change_lines(change), *difference_lines(change, whole=whole)):
            console.print(line, style=style)
    if yes:
        return True
    if not sys.stdin.isatty():
        problem = "nothing was accepted: standard input is no terminal, so nobody can be asked"
        raise ConfigError(problem, remedy="add --yes if you vouch for all of it, or edit the file")
    question = f"{len(plan.accepted)} to accept, with what they say of themselves. Do you vouch for them?"
    return typer.confirm(question, err=format is Format.json)


def _tell(plan: _Plan, *, written: bool, format: Format) -> None:  # noqa: A002 -- as the option
    unreviewed = sum(not entry.reviewed for entry in plan.entries)
    if format is Format.json:
        record = {
            "server": plan.target.server,
            "catalogue": str(plan.target.shown),
            "written": written,
            "counts": counts(plan.changes),
            "accepted": len(plan.accepted) if written else 0,
            "unreviewed": unreviewed,
            "changes": [change_record(each) for each in plan.changes if each.status != "unchanged"],
        }
        print_json(record)
        return
    console = out()
    console.print(counts_line(plan.target.server, plan.changes), style="bold")
    for change in plan.changes:
        if change.status != "unchanged":
            for style, line in change_lines(change):
                console.print(line, style=style)
    for style, line in _outcome(plan, written=written, unreviewed=unreviewed):
        console.print(line, style=style)


def _outcome(plan: _Plan, *, written: bool, unreviewed: int) -> list[tuple[str, str]]:
    """What was done, and what is left to do."""
    file = plan.target.shown
    if not written:
        return (
            [("bold yellow", f"{file}: not up to date")]
            if plan.needed
            else [("green", f"{file}: up to date")]
        )
    lines = [("bold green", f"{file}: {len(plan.entries)} pinned, {unreviewed} not reviewed")]
    if not plan.target.named:
        lines.append(("", f"{plan.target.config}: `servers.{plan.target.server}.catalogue` names it now"))
    errors = len(examine(load_config(plan.target.config)).errors)
    if errors:
        told = f"{errors} error{'' if errors == 1 else 's'} in configuration and policies"
        lines.append(("bold yellow", f"next: policy-engine validate ({told})"))
    elif unreviewed:
        lines.append(("", "next: look at what isn't reviewed, then generate with --accept, or edit the file"))
    else:
        lines.append(("", "next: policy-engine validate"))
    return lines
