"""`policy-engine wrap`: a stdio server behind the engine, for one configured principal."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.asker import Asker, asker_options
from policy_engine.cli.console import errors_explained, visible
from policy_engine.cli.option_groups import with_group
from policy_engine.cli.options import ConfigOption, ServerOption
from policy_engine.config import load_config
from policy_engine.engine import PolicyEngine
from policy_engine.errors import ConfigError
from policy_engine.integrations.stdio import Passage, relay
from policy_engine.model import Identity

__all__ = ["wrap"]

CommandArgument = Annotated[
    list[str], typer.Argument(metavar="-- COMMAND...", help="Starts the server; stands behind `--`.")
]

QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Don't tell of refusals on standard error; they are recorded.")
]


@with_group("named", asker_options)
def wrap(
    command: CommandArgument,
    named: Asker,
    server: ServerOption = None,
    quiet: QuietOption = False,
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Start a stdio server, and decide on every message that its client sends it.

    Who asks is named here, since no token comes over standard input: --user or --client must be given. What
    isn't allowed is answered, and never reaches the server; lists come back cut to what the caller can use.

    Exits with the status of the server, 128 and its number after a signal; 2 if the configuration can't be
    used, or the server can't be started.

    Example: policy-engine wrap --client machines/ci-bot --server files -- mcp-server-files /srv/data
    """
    with errors_explained():
        status = _wrapped(config, named, server, command, quiet=quiet)
    raise typer.Exit(status)


def _wrapped(config: Path, named: Asker, server: str | None, command: list[str], *, quiet: bool) -> int:
    if (named.user is None) == (named.client is None):
        raise ConfigError("who asks?", remedy="give one of --user and --client")
    loaded = load_config(config)
    principal, facts = named.read(loaded)
    engine = PolicyEngine.from_config(loaded)
    try:
        passage = Passage(engine, _only(engine, server), Identity(principal=principal, token=facts))
        outgoing = _standard_output()
        try:
            return relay(passage, command, outgoing=outgoing, say=_nothing if quiet else _note)
        finally:
            os.close(outgoing)
    finally:
        engine.close()


def _only(engine: PolicyEngine, server: str | None) -> str:
    servers = engine.stages.servers
    if server is None and len(servers) == 1:
        return next(iter(servers))
    if server is None:
        raise ConfigError("several servers are configured", remedy="say which one: --server")
    if server not in servers:
        raise ConfigError(f"no server is named `{server}`", remedy=f"configured are: {', '.join(servers)}")
    return server


def _standard_output() -> int:
    """Keep standard output for messages: what else is written there, such as records, goes to the other."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


def _note(text: str) -> None:
    typer.echo(visible(f"policy-engine: {text}"), err=True)


def _nothing(_text: str) -> None:
    """Tell nobody."""
