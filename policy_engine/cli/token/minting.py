"""`policy-engine token mint`: a token as one of the configured issuers would sign it, for trying policies."""

import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.cli.console import errors_explained
from policy_engine.cli.inspection import Inspection, Verdict, inspect_token, told
from policy_engine.cli.options import ConfigOption, ServerOption
from policy_engine.config import LoadedConfig, development_key, issuer_profile, listed_client, load_config
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import Kind, example_token
from policy_engine.model import User
from policy_engine.model.strict_json import parse

__all__ = ["mint"]

UserOption = Annotated[
    str | None,
    typer.Option(
        "--user", help="Make a person's token: their id, as the issuer writes it (Auth0: `auth0|65f0`)."
    ),
]


def mint(
    client: Annotated[
        str | None, typer.Option("--client", help="Make a machine's token: its client id.")
    ] = None,
    user: UserOption = None,
    through: Annotated[
        str,
        typer.Option("--through", help="The application (client id) that a person's token was obtained by."),
    ] = "some-application",
    issuer: Annotated[
        str | None, typer.Option("--issuer", help="Name of the issuer; needed where several could make it.")
    ] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="Scopes, separated by spaces.")] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option(
            "--claim", help="A further claim, or another value, as NAME=JSON; may be given several times."
        ),
    ] = None,
    lifetime: Annotated[int, typer.Option("--lifetime", min=1, help="Seconds until it expires.")] = 600,
    server: ServerOption = None,
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Sign a token as one of the configured issuers would; development configurations only.

    The token is the issuer's profile's own example, with your ids in it. Where it wouldn't be accepted, for
    want of a listed client or since the issuer's ids have another form, a warning on standard error says why.

    Example: policy-engine token mint --client ci-bot --scope issues:write
    """
    with errors_explained():
        loaded = load_config(config)
        if (client is None) == (user is None):
            raise ConfigError("whose token?", remedy="give either --client or --user")
        kind: Kind = "user" if client is None else "client"
        name = issuer or _only_issuer(loaded, kind, client)
        key = _key(loaded, name)
        server = _server(loaded, server)
        header, claims = _content(loaded, name, kind, server, client or user or "", through, lifetime)
        if scope is not None:
            place = issuer_profile(loaded, name).scopes.names[0]
            claims[place] = scope.split() if isinstance(claims.get(place), list) else scope
        token = sign(claims | _claims(claim), key, typ=header.pop("typ", None), header=header)
        found = inspect_token(loaded, token, server)
    typer.echo(token)
    for warning in _warnings(found, kind):
        typer.echo(f"warning: {warning}", err=True)


def _content(
    loaded: LoadedConfig, issuer: str, kind: Kind, server: str, whose: str, through: str, lifetime: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    profile = issuer_profile(loaded, issuer)
    if kind not in profile.examples:
        what = "people" if kind == "user" else "machines"
        raise ConfigError(
            f"issuer `{issuer}` has no tokens for {what}, says its profile `{profile.name}`",
            remedy="take another issuer: --issuer",
        )
    return example_token(
        profile,
        kind,
        id=whose,
        client=through,
        issuer=loaded.config.issuers[issuer].issuer,
        audience=_audience(loaded, server, issuer, kind),
        now=int(time.time()),
        lifetime=lifetime,
        jti=secrets.token_urlsafe(16),
        flags=loaded.config.issuers[issuer].flags,
    )


def _warnings(found: Inspection, kind: Kind) -> Iterator[str]:
    """Why the engine wouldn't take the token for what it was made for."""
    if found.verdict is Verdict.accepted and found.identity is not None:
        principal = found.identity.principal
        if isinstance(principal, User) is not (kind == "user"):
            yield f"with these claims, the token isn't {_WHOSE[kind]}: it is one of {principal.uid}"
        return
    for error in found.errors:
        yield f"this token won't be accepted: {told(error)}"
    if any(check.name == "kind" and check.error is not None for check in found.checks):
        # Named parts of a rule (`@…`) are followed by what they stand for.
        for clause in found.user if kind == "user" else found.client:
            if clause.holds is not True and not clause.text.startswith("@"):
                yield f"what would make it {_WHOSE[kind]}, and doesn't hold: {clause.text}"
    for change in found.changes:
        if change.path:
            yield f"to change that: {change.where}: {change.text}"


_WHOSE: Mapping[Kind, str] = {"user": "a person's token", "client": "a machine's token"}


def _only_issuer(loaded: LoadedConfig, kind: Kind, client: str | None) -> str:
    """The one issuer that could have made such a token."""
    able = [
        name
        for name, issuer in loaded.config.issuers.items()
        if issuer.development_key is not None
        and kind in issuer_profile(loaded, name).examples
        and (client is None or listed_client(loaded, name, client) is not None)
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
        return {name: parse(value) for name, _, value in pairs}
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


def _server(loaded: LoadedConfig, server: str | None) -> str:
    """The server that the token shall open."""
    servers = loaded.config.servers
    if server is None and len(servers) != 1:
        raise ConfigError("several servers are configured", remedy="say which one: --server")
    name = server or next(iter(servers))
    if name not in servers:
        raise ConfigError(f"no server is named `{name}`", remedy=f"configured: {', '.join(servers)}")
    return name


def _audience(loaded: LoadedConfig, server: str, issuer: str, kind: Kind) -> str:
    own = loaded.config.servers[server].audiences.get(issuer)
    listed = () if own is None else getattr(own, kind)
    return listed[0] if listed else loaded.config.servers[server].resource
