"""`policy-engine schema`: the Cedar schema that policies are written and validated against."""

from pathlib import Path

import typer

from policy_engine.cedar import render
from policy_engine.cli.console import Format, errors_explained, print_json
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.config import load_config, protected_servers
from policy_engine.mcp import full_schema

__all__ = ["schema"]


def schema(
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Print the Cedar schema of the configured servers: every action, its context and its arguments.

    It is an ordinary Cedar schema: saved as `policies.cedarschema`, editors and other Cedar tools use it.
    """
    with errors_explained():
        found = full_schema(protected_servers(load_config(config)))
    if format is Format.json:
        print_json(found)
    else:
        typer.echo(render(found), nl=False)
