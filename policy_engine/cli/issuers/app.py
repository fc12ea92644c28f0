"""The subcommands of `policy-engine issuers`."""

import typer

from policy_engine.cli.issuers.adding import add
from policy_engine.cli.issuers.checking import check
from policy_engine.cli.issuers.listing import list_profiles

__all__ = ["app"]

app = typer.Typer(
    help="Trust another issuer, see whether those that are trusted answer, read profiles.",
    no_args_is_help=True,
)
app.command()(add)
app.command()(check)
app.command("list-profiles")(list_profiles)
