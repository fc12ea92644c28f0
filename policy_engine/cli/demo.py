"""`policy-engine demo`: a machine and a human with one `sub`, told apart."""

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from policy_engine.cedar import Authorizer, CedarRequest
from policy_engine.cli.console import Format, errors_explained, print_json
from policy_engine.cli.demo_world import NAME, demo_world
from policy_engine.cli.options import FormatOption
from policy_engine.model import Decision, EntityUid

__all__ = ["demo"]

CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_issues", {"repo": "acme/app"}),
    ("create_issue", {"repo": "acme/app", "title": "The build is broken"}),
    ("create_issue", {"repo": "acme/payroll", "title": "The build is broken"}),
    ("delete_repository", {"repo": "acme/app"}),
)

NAIVE = "permit (principal, action, resource);"
"""What many start with; here it sees `sub` alone, as most authorizers do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    bearer: str
    call: str
    decision: Decision
    naive_allows: bool


def demo(format: FormatOption = Format.text) -> None:  # noqa: A002 -- the option's name
    """Tell a machine from a human whose tokens have the same `sub`.

    Starts a real authorization server on a free loopback port, gets a machine's token from it, makes a
    person's token with the same `sub`, and puts the same tool calls of each to the engine. Nothing is left
    behind.
    """
    with errors_explained(), demo_world() as world:
        rows = [
            Row(
                bearer=bearer,
                call=f"{tool} {arguments['repo']}",
                decision=world.engine.evaluate(token, _message(tool, arguments)),
                naive_allows=_naive(tool),
            )
            for bearer, token in world.tokens.items()
            for tool, arguments in CALLS
        ]
    if format is Format.json:
        print_json([_record(row) for row in rows])
    else:
        _print(rows, world.issuer)


def _message(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def _naive(tool: str) -> bool:
    """What the untyped rule answers, asked of Cedar itself with the `sub` as the principal."""
    request = CedarRequest(
        EntityUid("Principal", NAME), EntityUid("Action", "call_tool"), EntityUid("Tool", tool), {}
    )
    return Authorizer.from_text(NAIVE).authorize(request, entities=[]).allowed


def _record(row: Row) -> dict[str, Any]:
    return {
        "bearer": row.bearer,
        "call": row.call,
        "principal": _uid(row),
        "allowed": row.decision.allowed,
        "code": row.decision.code,
        "policies": [match.id for match in row.decision.policies],
        "untyped_rule_allows": row.naive_allows,
    }


def _print(rows: list[Row], issuer: str) -> None:
    console = Console(highlight=False)
    console.print(f'Three tokens, one subject: each has [bold]sub = "{NAME}"[/bold].')
    console.print("The machine's came over HTTP from an authorization server at", style="dim")
    console.print(f"{issuer}, started for this demo.\n", style="dim")
    for bearer in dict.fromkeys(row.bearer for row in rows):
        mine = [row for row in rows if row.bearer == bearer]
        console.print(f"[bold]{bearer}[/]: {_uid(mine[0])}")
        console.print(_table(mine))
        console.print()
    denied = sum(not row.decision.allowed for row in rows)
    console.print(f"Without types, [bold]{NAIVE}[/bold]")
    console.print(f"allows all {len(rows)} calls. The engine denied {denied} of them, each for a reason.")


def _table(rows: list[Row]) -> Table:
    """One bearer's calls; the columns are as wide for every bearer, and fit 80 together."""
    table = Table(header_style="dim", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, width in (("call", 27), ("decision", 8), ("because of", 26), ("untyped", 7)):
        table.add_column(heading, width=width)
    for row in rows:
        table.add_row(*_cells(row))
    return table


def _uid(row: Row) -> str:
    return "nobody" if row.decision.principal is None else str(row.decision.principal.uid)


def _cells(row: Row) -> tuple[str, ...]:
    decision = row.decision
    verdict = "[bold green]ALLOW[/]" if decision.allowed else "[bold red]DENY[/]"
    because = ", ".join(match.id for match in decision.policies) or decision.code
    naive = "[yellow]allow[/]" if row.naive_allows else "deny"
    return (row.call, verdict, because, naive)
