"""`policy-engine issuers add`: trust another issuer, with its entry written into the configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.cli.console import EXIT_DENY, EXIT_USAGE, errors_explained, out, print_error
from policy_engine.cli.findings import WITHHELD
from policy_engine.cli.issuers.answers import UNUSABLE
from policy_engine.cli.issuers.entry import command, read_clients, read_flags
from policy_engine.cli.issuers.patience import PatientFetcher
from policy_engine.cli.issuers.remarks import remarks
from policy_engine.cli.issuers.trial import Trial
from policy_engine.cli.issuers.wanted import CONFIG, IncompleteError, Wanted, section
from policy_engine.cli.options import ConfigOption
from policy_engine.errors import ConfigError
from policy_engine.files import Edit, add_entry, read_document, read_text, replace_file, secret_lines
from policy_engine.mapper import KnownClient, check_clients

__all__ = ["add"]


ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", "-p", help="How it marks machines: a shipped profile, or a file's path."),
]
NameOption = Annotated[
    str | None,
    typer.Option("--name", "-n", help="What to call it in ids; guessed from its host if left out."),
]
FlagOption = Annotated[
    list[str] | None,
    typer.Option("--flag", help="A switch of the profile, as NAME=VALUE; several times for a list."),
]
ClientOption = Annotated[
    list[str] | None,
    typer.Option("--client", help="A client known there, as ID=GRANT[,GRANT]; may be given several times."),
]
KeysFileOption = Annotated[
    Path | None, typer.Option("--keys-file", help="A file with its JWK Set, instead of asking it.")
]
KeysUriOption = Annotated[
    str | None, typer.Option("--keys-uri", help="The address of its JWK Set, if its metadata don't say.")
]
NoFetchOption = Annotated[bool, typer.Option("--no-fetch", help="Ask nobody; `issuers check` does it later.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check everything, and write nothing.")]


def add(
    issuer: Annotated[str, typer.Argument(help="The issuer, exactly as its tokens have it for `iss`.")],
    profile: ProfileOption = None,
    name: NameOption = None,
    flag: FlagOption = None,
    client: ClientOption = None,
    keys_file: KeysFileOption = None,
    keys_uri: KeysUriOption = None,
    no_fetch: NoFetchOption = False,
    dry_run: DryRunOption = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Trust an issuer: ask it for its metadata and its keys, and write an entry into the configuration.

    Nothing that is there is changed: the entry is added at the end of `issuers:`, and comments and layout
    stay as they are. It is written only if all of the configuration loads with it.

    Exits with 0 if it was written, 1 if the issuer doesn't answer as it must, 2 if something is missing, or
    the configuration can't be used.

    Example: policy-engine issuers add https://login.example.com/realms/corp --profile keycloak --name corp
    """
    wanted = Wanted(
        issuer=issuer,
        profile=profile,
        name=name,
        flag=flag or [],
        client=client or [],
        keys_file=keys_file,
        keys_uri=keys_uri,
        no_fetch=no_fetch,
        dry_run=dry_run,
        config=config,
    )
    with errors_explained(), _said(wanted):
        _add(wanted)


@contextmanager
def _said(wanted: Wanted) -> Iterator[None]:
    """Say what is to be typed, where something has to be, and what is the issuer's own fault."""
    try:
        yield
    except IncompleteError as error:
        print_error(str(error))
        for line in error.commands:
            typer.echo(f"  {line}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except ConfigError as error:
        if error.code != UNUSABLE:
            raise
        print_error(f"{wanted.issuer}: {error}")
        if not (wanted.keys_file or wanted.keys_uri):
            typer.echo("  its keys can be named, too: --keys-file FILE, or --keys-uri URL", err=True)
        raise typer.Exit(EXIT_DENY) from None


def _add(wanted: Wanted) -> None:
    if not wanted.config.is_file():
        remedy = "name it with --config, or write one: policy-engine init"
        raise ConfigError("there is no such configuration file", remedy=remedy, file=wanted.config)
    wanted.check_words()
    document = read_document(wanted.config)
    name = wanted.find_name(document)
    profile = wanted.find_profile()
    flags = read_flags(profile, wanted.flag)
    wanted.check_flags(profile, flags)
    clients = read_clients(wanted.client)
    check_clients(
        {each: KnownClient(grants=frozenset(clients[each]["grants"])) for each in clients}, issuer=name
    )
    fetcher = None if wanted.no_fetch else PatientFetcher()
    keys = wanted.find_keys(fetcher, development=section(document, "development") is True)
    entry: dict[str, Any] = {"issuer": wanted.issuer, "profile": wanted.written_profile()}
    entry |= {"keys": keys} if keys else {}
    entry |= {"flags": flags} if flags else {}
    entry |= {"clients": clients} if clients else {}
    edit = add_entry(read_text(wanted.config), "issuers", name, entry)
    trial = Trial(wanted.config, name, edit, fetcher)
    replace_file(wanted.config, edit, check=trial, write=not wanted.dry_run)
    _tell(wanted.config, edit)
    for label, text in remarks(wanted, profile, entry, trial):
        out().print(f"{label:<10}{text}")
    if wanted.dry_run:
        out().print("nothing was written (--dry-run)", style="bold yellow")
    else:
        config = None if wanted.config == CONFIG else wanted.config
        out().print(f"next: {command('policy-engine', 'issuers', 'check', name, config=config)}")


def _tell(config: Path, edit: Edit) -> None:
    """The change, as people know it from version control."""
    console = out()
    start, removed, added = edit.lines()
    console.print(f"{config}:{start}", style="bold")
    # What is only added is what was typed; beside what is replaced something else may stand.
    sides = ((edit.before, "-", "red", removed), (edit.after if removed else "", "+", "green", added))
    for whole, sign, style, lines in sides:
        secret = secret_lines(whole)
        for number, text in enumerate(lines, start=start):
            console.print(f"{sign} {WITHHELD if number in secret else text}", style=style)
