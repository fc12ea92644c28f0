"""`policy-engine evaluate`: one token and one message, one decision."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, Format, errors_explained, out, print_json
from policy_engine.cli.options import ConfigOption, FormatOption, ServerOption, read_argument, read_token
from policy_engine.engine import PolicyEngine
from policy_engine.errors import ConfigError
from policy_engine.model import CODES, Decision, User

__all__ = ["evaluate"]


def evaluate(
    token: Annotated[
        str, typer.Option("--token", "-t", help="The bearer token; `-` reads standard input, `@FILE` a file.")
    ] = "",
    tool: Annotated[str | None, typer.Option("--tool", help="Name of the tool to call.")] = None,
    args: Annotated[
        str, typer.Option("--args", help="Its arguments, as a JSON object; `@FILE` reads a file.")
    ] = "{}",
    message: Annotated[
        str | None,
        typer.Option("--message", "-m", help="A whole JSON-RPC message instead; `@FILE` reads a file."),
    ] = None,
    server: ServerOption = None,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Decide whether the bearer of a token may send a message.

    Exits with 0 if allowed, 1 if denied, 2 if the question or the configuration can't be used.

    Example: policy-engine evaluate --token @token.jwt --tool create_issue --args '{"repo": "acme/app"}'
    """
    with errors_explained():
        engine = PolicyEngine.from_config(config)
        decision = engine.evaluate(read_token(token), _message(tool, args, message), server=server)
        if decision.code == "unknown_server":
            raise ConfigError(f"no server is named `{server}`", remedy="name one that is configured")
    if format is Format.json:
        print_json(decision.to_dict())
    else:
        _print(decision)
    raise typer.Exit(EXIT_YES if decision.allowed else EXIT_DENY)


def _message(tool: str | None, args: str, message: str | None) -> dict[str, Any] | str:
    if (tool is None) == (message is None):
        raise ConfigError("no message", remedy="give either --tool (with --args) or --message")
    if message is not None:
        return read_argument(message, "the message")
    try:
        arguments = json.loads(read_argument(args, "the arguments"))
    except ValueError:
        raise ConfigError(
            "--args isn't JSON", remedy='write an object: --args \'{"repo": "acme/app"}\''
        ) from None
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def _print(decision: Decision) -> None:
    console = out()
    if decision.allowed:
        console.print("ALLOW", style="bold green", end="  ")
    else:
        console.print("DENY", style="bold red", end="  ")
    detail = f" ({decision.detail})" if decision.detail else ""
    console.print(f"{decision.code}{detail}: {CODES[decision.code].meaning}")
    for label, value in _facts(decision):
        console.print(f"  {label:<11}", style="dim", end="")
        console.print(value)


def _facts(decision: Decision) -> list[tuple[str, str]]:
    principal = decision.principal
    actor = principal.actor if isinstance(principal, User) else None
    facts = [
        ("principal", None if principal is None else str(principal.uid)),
        ("actor", None if actor is None else str(actor.uid)),
        ("action", None if decision.action is None else str(decision.action)),
        ("resource", None if decision.resource is None else str(decision.resource)),
        ("policies", ", ".join(match.id for match in decision.policies) or None),
        ("errors", ", ".join(f"{fault.policy}: {fault.code}" for fault in decision.errors) or None),
        ("note", decision.note or None),
        ("evidence", "; ".join(decision.evidence) or None),
        ("status", str(decision.status)),
    ]
    return [(label, value) for label, value in facts if value is not None]
