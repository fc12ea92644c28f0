"""The subcommands of `policy-engine audit`."""

import typer

from policy_engine.cli.audit.counting import stats
from policy_engine.cli.audit.heads import head
from policy_engine.cli.audit.keys import key
from policy_engine.cli.audit.querying import query
from policy_engine.cli.audit.tailing import tail
from policy_engine.cli.audit.verifying import verify

__all__ = ["app"]

app = typer.Typer(help="Look at the audit log, and prove that it is what was written.", no_args_is_help=True)
app.command()(verify)
app.command()(head)
app.command()(query)
app.command()(stats)
app.command()(tail)
app.command()(key)
