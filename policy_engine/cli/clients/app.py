"""The subcommands of `policy-engine clients`."""

import typer

from policy_engine.cli.clients.adding import add
from policy_engine.cli.clients.applying import apply
from policy_engine.cli.clients.exporting import export
from policy_engine.cli.clients.listing import list_clients, show
from policy_engine.cli.clients.rotating import rotate
from policy_engine.cli.clients.switching import disable, enable, remove

__all__ = ["app"]

app = typer.Typer(
    help="Register machines at the authorization server, and take care of their credentials.",
    no_args_is_help=True,
)
app.command()(add)
app.command("list")(list_clients)
app.command()(show)
app.command()(rotate)
app.command()(disable)
app.command()(enable)
app.command()(remove)
app.command()(apply)
app.command()(export)
