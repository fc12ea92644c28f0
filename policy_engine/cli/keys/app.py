"""The subcommands of `policy-engine keys`."""

import typer

from policy_engine.cli.keys.encryption_key import encryption_key
from policy_engine.cli.keys.listing import list_keys
from policy_engine.cli.keys.retiring import retire
from policy_engine.cli.keys.rotating import rotate

__all__ = ["app"]

app = typer.Typer(
    help="See and replace the keys that the authorization server signs with, and the key that seals them.",
    no_args_is_help=True,
)
app.command("list")(list_keys)
app.command()(rotate)
app.command()(retire)
app.command()(encryption_key)
