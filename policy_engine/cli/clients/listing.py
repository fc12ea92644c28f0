"""`policy-engine clients list` and `show`: who is registered, without anything that proves it."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from rich.table import Table

from policy_engine.cli.clients.opened import Registry, opened
from policy_engine.cli.clients.options import CONFIG, IdArgument
from policy_engine.cli.clients.told import credentials_of, lines_of, moment, print_lines, record_of
from policy_engine.cli.console import Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.model.stored import StoredClient

__all__ = ["list_clients", "show"]

T = TypeVar("T")

_STRANGE = (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError)
"""What telling a document runs into that somebody else wrote, or a failing disk."""

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
            print_json([_record(client) for client in clients])
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
            print_json(_record(found))
            return
        print_lines(_lines(found, registry, time.time()))


def _told(client: StoredClient, tell: Callable[[], T], *, otherwise: T) -> T:
    """What is told of a client; something else of one whose document isn't one, so that others are told."""
    try:
        if client.document["client_id"] == client.client_id:
            return tell()
    except _STRANGE:
        pass
    return otherwise


def _record(client: StoredClient) -> dict[str, Any]:
    times = {"created_at": moment(client.created_at), "changed_at": moment(client.changed_at)}
    unusable = {"client_id": client.client_id, "unusable": True, **times}
    return _told(client, lambda: record_of(client.document, client), otherwise=unusable)


def _lines(client: StoredClient, registry: Registry, now: float) -> list[tuple[str, str]]:
    unusable = [
        ("client", client.client_id),
        ("state", "unusable: what is registered can't be read, so it gets no tokens"),
        ("policies", f'Client::"{registry.issuer_name}/{client.client_id}"'),
        ("created", moment(client.created_at)),
        ("changed", moment(client.changed_at)),
    ]
    told = partial(lines_of, client.document, client, registry, now)
    return _told(client, lambda: [(label, str(text)) for label, text in told()], otherwise=unusable)


def _row(client: StoredClient, names: dict[str, str], now: float) -> tuple[str, ...]:
    unusable = (client.client_id, "unusable", "", "", "", "no", "")
    return _told(client, lambda: tuple(map(str, _cells(client, names, now))), otherwise=unusable)


def _cells(client: StoredClient, names: dict[str, str], now: float) -> tuple[str, ...]:
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
