"""`policy-engine init`: a project that runs at once, to be made one's own."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.catalogues import check_pinnable, listed
from policy_engine.cli.console import errors_explained, out
from policy_engine.cli.options import read_token
from policy_engine.cli.starter import (
    example_project,
    install,
    missing_keys,
    pinned_project,
    write_key,
)
from policy_engine.config import assemble, load_config
from policy_engine.errors import ConfigError
from policy_engine.mcp import Server

__all__ = ["init"]

CONFIG = "policy-engine.yaml"


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write the project; made if it isn't there.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="A server whose tools to pin: a file with its tools/list, its URL, or, in quotes, the"
            " command that starts it.",
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option("--server", "-s", help="What to call that server in ids; guessed if left out."),
    ] = None,
    token: Annotated[
        str,
        typer.Option(
            "--token", "-t", help="A bearer token for its URL; `-` reads standard input, `@FILE` a file."
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
    keys_only: Annotated[
        bool,
        typer.Option("--keys-only", help="Only make the development keys that aren't there: after a clone."),
    ] = False,
) -> None:
    """Write a commented project that runs at once: configuration, catalogue, policies, keys.

    Without --from it protects an example server, where the machine `ci-bot` may deploy to staging. The
    issuers are stand-ins with keys of their own, so that tokens can be minted. All of it is written, or
    nothing.

    Exits with 0, or with 2 if a file is in the way or the server can't be listed.

    Example: policy-engine init policies --from "uvx mcp-server-time"
    """
    with errors_explained():
        if keys_only:
            _make_keys(folder, alone=source is None and not force)
        else:
            _make_project(folder, source, server, token, force)


def _make_project(folder: Path, source: str | None, server: str | None, token: str, force: bool) -> None:
    if source is None:
        if server or token:
            raise ConfigError("--server and --token go with --from", remedy="say where the tools come from")
        project = example_project()
    else:
        if server is not None:
            Server(name=server, resource="")  # refuses a bad name before anybody is asked
        found = listed(source, name=server, token=read_token(token) or None)
        check_pinnable(found)
        project = pinned_project(found.server, found.uri, found.items)
    install(project, folder, force=force, check=_check)
    console = out()
    console.print(f"{folder}: {len(project.texts)} files, {project.pinned}", style="bold green")
    if source is not None:
        console.print(f"none is reviewed yet: see {folder / 'README.md'}")
    there = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    console.print(f"next: {there}policy-engine validate")


def _check(folder: Path) -> None:
    """Nothing is handed over that doesn't load."""
    assemble(load_config(folder / CONFIG), now=lambda: 0.0)


def _make_keys(folder: Path, *, alone: bool) -> None:
    if not alone:
        raise ConfigError("--keys-only overwrites nothing and asks nobody", remedy="give it alone")
    missing = missing_keys(folder / CONFIG)
    for path in missing:
        write_key(path)
        out().print(str(path))
    if not missing:
        out().print("no key is missing")
