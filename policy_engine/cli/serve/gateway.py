"""`policy-engine serve gateway`: a reverse proxy in front of the MCP servers of a configuration."""

from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import errors_explained
from policy_engine.cli.options import ConfigOption
from policy_engine.cli.policies import good_enough, watched_beside
from policy_engine.integrations.gateway import Listening, Reloading, check_gateway, serve_gateway

__all__ = ["gateway"]

Servers = tuple[tuple[str, str, str], ...]


def gateway(
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="ADDRESS:PORT",
            help="Where to listen, instead of where the configuration says; port 0 for any that is free.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="How many processes serve; they share the port.")
    ] = 1,
    check: Annotated[
        bool, typer.Option("--check", help="Look at all that is needed, and serve nothing.")
    ] = False,
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Run the gateway that the section `gateway` describes, until SIGTERM or Ctrl-C.

    What isn't allowed never reaches a server; lists come back cut to what the caller can use, and a stream
    ends when its token does. At `/healthz` it says that it runs, at `/readyz` that it takes requests. The
    record of each request is what `audit` says. SIGHUP loads the configuration anew, and so do changed files
    where `reload.watch` says so; what was loaded before stays in force if it can't be used.

    Example: policy-engine serve gateway --listen 127.0.0.1:8080
    """
    with errors_explained():
        if check:
            _tell(check_gateway(config))
            typer.echo("the gateway could serve")
            return
        serve_gateway(
            config,
            listen=listen,
            workers=workers,
            announce=_announce,
            reloading=Reloading(checks=(good_enough,), also=watched_beside),
        )


def _announce(listening: Listening) -> None:
    _tell(listening.servers)
    typer.echo(f"listening at {listening.url}")
    if listening.exposed:
        typer.echo(
            "warning: others can connect without TLS, and tokens go that way; put a proxy in front that ends "
            "it, and name that under `gateway.trusted_proxies`, or give `gateway.tls`",
            err=True,
        )


def _tell(servers: Servers) -> None:
    for name, path, url in servers:
        typer.echo(f"{name}: {path} -> {url}")
