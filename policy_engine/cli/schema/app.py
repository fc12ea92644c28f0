"""`policy-engine schema` by itself prints the schema; its subcommands pin, and compare, what servers list."""

from pathlib import Path

import typer

from policy_engine.cedar import render
from policy_engine.cli.console import Format, errors_explained, print_json
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.schema.asking import CommandAfterDashes
from policy_engine.cli.schema.differing import diff
from policy_engine.cli.schema.generating import generate
from policy_engine.config import declared_attributes, load_config, protected_servers
from policy_engine.errors import ConfigError
from policy_engine.mcp import full_schema

__all__ = ["app"]

app = typer.Typer(invoke_without_command=True)
app.command(cls=CommandAfterDashes)(generate)
app.command(cls=CommandAfterDashes)(diff)


@app.callback()
def schema(
    context: typer.Context,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Print the Cedar schema of the configuration: entities with their attributes, actions with arguments.

    It is an ordinary Cedar schema: saved as `policies.cedarschema`, editors and other Cedar tools use it.
    What a server's tools add to it comes from its catalogue, which `generate` writes, and `diff` compares.
    """
    with errors_explained():
        if context.invoked_subcommand is not None:
            _refuse_options(context)
            return
        loaded = load_config(config)
        found = full_schema(protected_servers(loaded), declared_attributes(loaded.config))
    if format is Format.json:
        print_json(found)
    else:
        typer.echo(render(found), nl=False)


def _refuse_options(context: typer.Context) -> None:
    """An option before a subcommand would mean nothing."""
    for name in ("config", "format"):
        given = context.get_parameter_source(name)
        if given is not None and given.name == "COMMANDLINE":
            remedy = f"write it behind `{context.invoked_subcommand}`"
            raise ConfigError(f"--{name} stands before the subcommand", remedy=remedy)
