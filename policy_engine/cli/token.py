"""`policy-engine token`: make a token to try policies with, or see what one is taken for."""

import json
import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, Format, errors_explained, out, print_json
from policy_engine.cli.inspection import Inspection, inspect_token
from policy_engine.cli.options import ConfigOption, FormatOption, ServerOption, read_token
from policy_engine.config import LoadedConfig, development_key, issuer_profile, load_config
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import Kind, example_token

__all__ = ["app"]

TokenArgument = Annotated[str, typer.Argument(help="The token; `-` reads standard input, `@FILE` a file.")]

app = typer.Typer(
    help="Make a token to try policies with, or see what one is taken for.", no_args_is_help=True
)


@app.command()
def mint(
    client: Annotated[
        str | None, typer.Option("--client", help="Make a machine's token: its client id.")
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="Make a person's token: their id.")] = None,
    through: Annotated[
        str, typer.Option("--through", help="The application that a person's token was obtained by.")
    ] = "some-application",
    issuer: Annotated[
        str | None, typer.Option("--issuer", help="Name of the issuer; needed where several could make it.")
    ] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="Scopes, separated by spaces.")] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option("--claim", help="A further claim, as NAME=JSON; may be given several times."),
    ] = None,
    lifetime: Annotated[int, typer.Option("--lifetime", min=1, help="Seconds until it expires.")] = 600,
    server: ServerOption = None,
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Sign a token as one of the configured issuers would; development configurations only.

    Example: policy-engine token mint --client ci-bot --scope issues:write
    """
    with errors_explained():
        loaded = load_config(config)
        if (client is None) == (user is None):
            raise ConfigError("whose token?", remedy="give either --client or --user")
        kind: Kind = "user" if client is None else "client"
        name = issuer or _only_issuer(loaded, kind, client)
        key = _key(loaded, name)
        profile = issuer_profile(loaded, name)
        header, claims = example_token(
            profile,
            kind,
            id=client or user or "",
            client=through,
            issuer=loaded.config.issuers[name].issuer,
            audience=_audience(loaded, server, name, kind),
            now=int(time.time()),
            lifetime=lifetime,
            jti=secrets.token_urlsafe(16),
        )
        if scope is not None:
            place = profile.scopes.names[0]
            claims[place] = scope.split() if isinstance(claims.get(place), list) else scope
        claims |= _claims(claim)
        typ = header.pop("typ", None)
        typer.echo(sign(claims, key, typ=typ, header=header))


@app.command()
def inspect(
    token: TokenArgument = "-",  # noqa: S107 -- no password: standard input
    server: ServerOption = None,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Say what a token is taken for, and why; the token itself is never printed.

    Exits with 0 if it stands for somebody, 1 if it is refused.
    """
    with errors_explained():
        found = inspect_token(load_config(config), read_token(token), server)
    if format is Format.json:
        print_json(found.to_dict())
    else:
        _print(found)
    raise typer.Exit(EXIT_YES if found.entity is not None else EXIT_DENY)


def _print(found: Inspection) -> None:
    console = out()
    for label, value in found.lines():
        console.print(f"{label:<10}", style="dim", end="")
        console.print(value)


def _only_issuer(loaded: LoadedConfig, kind: Kind, client: str | None) -> str:
    """The one issuer that could have made such a token."""
    able = [
        name
        for name, issuer in loaded.config.issuers.items()
        if issuer.development_key is not None
        and kind in issuer_profile(loaded, name).examples
        and (client is None or client in issuer.clients)
    ]
    if len(able) != 1:
        what = f"lists `{client}`" if client else "makes people's tokens"
        found = f"{', '.join(able)} do" if able else "none does"
        raise ConfigError(
            f"not exactly one issuer with a development key {what}: {found}", remedy="give --issuer"
        )
    return able[0]


def _claims(given: list[str] | None) -> dict[str, Any]:
    pairs = [text.partition("=") for text in given or []]
    try:
        return {name: json.loads(value) for name, _, value in pairs}
    except ValueError:
        remedy = "for example: --claim 'groups=[\"eng\"]'"
        raise ConfigError("--claim isn't NAME=JSON", remedy=remedy) from None


def _key(loaded: LoadedConfig, name: str) -> SigningKey:
    if not loaded.config.development:
        raise ConfigError(
            "tokens are minted in development configurations only",
            remedy="set `development: true` in a configuration of its own",
            file=loaded.document.file,
        )
    if name not in loaded.config.issuers:
        raise ConfigError(
            f"no issuer is named `{name}`", remedy=f"configured: {', '.join(loaded.config.issuers)}"
        )
    key = development_key(loaded, name)
    if key is None:
        raise ConfigError(f"issuer `{name}` has no development key", remedy="set its `development_key`")
    return key


def _audience(loaded: LoadedConfig, server: str | None, issuer: str, kind: Kind) -> str:
    servers = loaded.config.servers
    if server is None and len(servers) != 1:
        raise ConfigError("several servers are configured", remedy="say which one: --server")
    name = server or next(iter(servers))
    if name not in servers:
        raise ConfigError(f"no server is named `{name}`", remedy=f"configured: {', '.join(servers)}")
    own = servers[name].audiences.get(issuer)
    listed = () if own is None else getattr(own, kind)
    return listed[0] if listed else servers[name].resource
