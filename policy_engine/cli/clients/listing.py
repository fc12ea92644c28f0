"""`policy-engine clients list` and `show`: who is registered, without anything that proves it."""

import time

from rich.table import Table

from policy_engine.cli.clients.opened import opened
from policy_engine.cli.clients.options import CONFIG, IdArgument
from policy_engine.cli.clients.told import credentials_of, lines_of, print_lines, record_of
from policy_engine.cli.console import Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.model.stored import StoredClient

__all__ = ["list_clients", "show"]

_COLUMNS = ("id", "category", "method", "resources", "scopes", "enabled", "credentials")


def list_clients(
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """List the registered machines: what they may, how they prove who they are, and when a secret ends.

    Neither a secret nor a hash of one is in it.

    Example: policy-engine clients list --format json
    """
    with errors_explained(), opened(config, create=False, may_be_absent=True) as registry:
        clients = registry.all()
        names = {resource: name for name, resource in registry.servers.items()}
        if format is Format.json:
            print_json([record_of(client.document, client) for client in clients])
            return
        if not clients:
            out().print("no client is registered; add one: policy-engine clients add")
            return
        _print_table([_row(client, names, time.time()) for client in clients])


def show(
    client_id: IdArgument,
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Show everything about a registered machine but the hashes of its secrets.

    Example: policy-engine clients show ci-bot
    """
    with errors_explained(), opened(config, create=False, may_be_absent=True) as registry:
        found = registry.find(client_id)
        if format is Format.json:
            print_json(record_of(found.document, found))
            return
        print_lines(lines_of(found.document, found, registry, time.time()))


def _row(client: StoredClient, names: dict[str, str], now: float) -> tuple[str, ...]:
    document = client.document
    return (
        client.client_id,
        document["category"],
        document["token_endpoint_auth_method"],
        " ".join(names.get(each, each) for each in document["resources"]),
        document["scope"],
        "yes" if document["enabled"] else "no",
        credentials_of(document, now),
    )


def _print_table(rows: list[tuple[str, ...]]) -> None:
    console = out()
    if not console.is_terminal:
        # One line a client, whatever the width: for grep, and for pages that show it.
        table = [_COLUMNS, *(tuple(map(visible, row)) for row in rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            console.print("  ".join(cells).rstrip())
        return
    styled = Table(*_COLUMNS, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        styled.add_row(*map(visible, row))
    console.print(styled, soft_wrap=False)
