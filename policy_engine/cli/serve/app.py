"""The subcommands of `policy-engine serve`."""

import typer

from policy_engine.cli.serve.authserver import authserver
from policy_engine.cli.serve.gateway import gateway

__all__ = ["app"]

app = typer.Typer(help="Run a server.", no_args_is_help=True)
app.command()(authserver)
app.command()(gateway)
