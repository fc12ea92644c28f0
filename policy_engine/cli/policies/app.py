"""The subcommands of `policy-engine policies`."""

import typer

from policy_engine.cli.policies.promoting import promote
from policy_engine.cli.policies.telling import status

__all__ = ["app"]

app = typer.Typer(
    help="See which policies are in force, and let those in shadow mode decide.", no_args_is_help=True
)
app.command()(status)
app.command()(promote)
