"""The subcommands of `policy-engine token`."""

import typer

from policy_engine.cli.token.inspecting import inspect
from policy_engine.cli.token.minting import mint

__all__ = ["app"]

app = typer.Typer(
    help="Make a token to try policies with, or see what one is taken for.", no_args_is_help=True
)
app.command()(mint)
app.command()(inspect)
