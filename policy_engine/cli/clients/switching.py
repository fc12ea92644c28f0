"""`policy-engine clients disable`, `enable` and `remove`."""

import sys
from typing import Annotated

import typer

from policy_engine.authserver import checked_document
from policy_engine.cli.clients.opened import opened
from policy_engine.cli.clients.options import CONFIG, IdArgument
from policy_engine.cli.console import EXIT_DENY, Format, errors_explained, out, print_json
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.errors import ConfigError

__all__ = ["confirmed", "disable", "enable", "remove"]


def disable(
    client_id: IdArgument,
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Give a machine no tokens any more, until it is enabled again.

    `clients apply` enables it only if the file says `enabled: true`.

    Example: policy-engine clients disable ci-bot
    """
    with errors_explained(), opened(config, create=True) as registry:
        # Whatever else is wrong with it by now, it can be disabled.
        made = registry.amend([client_id], lambda stored: {**stored.document, "enabled": False})[client_id]
        ttl = (made or {}).get("access_token_ttl")
        if format is Format.json:
            print_json({"client_id": client_id, "enabled": False})
            return
        last = "" if ttl is None else f"; those that it has last {ttl} s at most"
        out().print(f"disabled {client_id}: it gets no tokens{last}")


def enable(
    client_id: IdArgument,
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Give a machine tokens again.

    Example: policy-engine clients enable ci-bot
    """
    with errors_explained(), opened(config, create=True) as registry:
        registry.amend(
            [client_id],
            lambda stored: checked_document({**stored.document, "enabled": True}, registry.catalogue),
        )
        if format is Format.json:
            print_json({"client_id": client_id, "enabled": True})
            return
        out().print(f"enabled {client_id}")


def remove(
    client_id: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Remove a machine for good: its id is never used again, so that no policy means another one.

    Exits with 0 if it was removed, 1 if the answer was no, 2 if it isn't there.

    Example: policy-engine clients remove ci-bot --yes
    """
    with errors_explained(), opened(config, create=True) as registry:
        registry.find(client_id)
        confirmed(f"remove {client_id} for good? its id can't be used again", yes=yes)
        registry.amend([client_id], lambda _: None)
        if format is Format.json:
            print_json({"client_id": client_id, "removed": True})
            return
        out().print(f"removed {client_id}: its id is never used again")


def confirmed(question: str, *, yes: bool) -> None:
    """Go on only if a person says yes.

    Raises:
        ConfigError: nobody is there to ask.
        Exit: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to be asked", remedy="say it on the command line: --yes")
    typer.echo(f"{question} [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        typer.echo("nothing was changed", err=True)
        raise typer.Exit(EXIT_DENY)
