"""The `policy-engine` command: one subcommand a file."""

from typing import Annotated

import typer

import policy_engine
from policy_engine.cli.audit import app as audit_app
from policy_engine.cli.clients import app as clients_app
from policy_engine.cli.demo import demo
from policy_engine.cli.diff import diff
from policy_engine.cli.evaluate import evaluate
from policy_engine.cli.explain import explain
from policy_engine.cli.init import init
from policy_engine.cli.issuers import app as issuers_app
from policy_engine.cli.keys import app as keys_app
from policy_engine.cli.policies import app as policies_app
from policy_engine.cli.review import review
from policy_engine.cli.schema import app as schema_app
from policy_engine.cli.serve import app as serve_app
from policy_engine.cli.test import app as test_app
from policy_engine.cli.token import app as token_app
from policy_engine.cli.validate import validate
from policy_engine.cli.wrap import wrap

__all__ = ["app", "main"]

app = typer.Typer(
    name="policy-engine",
    help="Authorization for MCP servers that never mistakes a machine for a human.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold tokens
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(init)
app.command()(evaluate)
app.command()(explain)
app.command()(diff)
app.command()(review)
app.command()(validate)
app.command()(wrap)
app.add_typer(audit_app, name="audit")
app.add_typer(clients_app, name="clients")
app.add_typer(issuers_app, name="issuers")
app.add_typer(keys_app, name="keys")
app.add_typer(policies_app, name="policies")
app.add_typer(schema_app, name="schema")
app.add_typer(serve_app, name="serve")
app.add_typer(test_app, name="test")
app.add_typer(token_app, name="token")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"policy-engine {policy_engine.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run the command line."""
    app()
