"""The subcommands of `policy-engine token`."""

import typer

from policy_engine.cli.token.denied import denied
from policy_engine.cli.token.denying import deny, undeny
from policy_engine.cli.token.getting import get
from policy_engine.cli.token.inspecting import inspect
from policy_engine.cli.token.minting import mint

__all__ = ["app"]

app = typer.Typer(
    help="Get a token, make one to try policies with, see what one is taken for, or take one back.",
    no_args_is_help=True,
)
app.command()(get)
app.command()(mint)
app.command()(inspect)
app.command()(deny)
app.command()(undeny)
app.command()(denied)
