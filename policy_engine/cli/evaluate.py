"""`policy-engine evaluate`: one token and one message, one decision."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, Format, errors_explained, out, print_json
from policy_engine.cli.explain import ExplainFormat, print_explanation
from policy_engine.cli.options import ConfigOption, FormatOption, ServerOption, read_token
from policy_engine.cli.question import ArgsOption, MessageOption, TokenOption, ToolOption, read_message
from policy_engine.engine import PolicyEngine
from policy_engine.errors import ConfigError
from policy_engine.evaluator import explanation_reasons, explanation_record
from policy_engine.model import CODES, Decision, User

__all__ = ["evaluate"]


def evaluate(
    token: TokenOption = "",
    tool: ToolOption = None,
    args: ArgsOption = "{}",
    message: MessageOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why, as `policy-engine explain` does.")
    ] = False,
    server: ServerOption = None,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Decide whether the bearer of a token may send a message.

    Exits with 0 if allowed, 1 if denied, 2 if the question or the configuration can't be used.

    Example: policy-engine evaluate --token @token.jwt --tool create_issue --args '{"repo": "acme/app"}'
    """
    at = time.time()  # one moment for the decision and for what is said of it
    with errors_explained():
        engine = PolicyEngine.from_config(config, now=lambda: at)
        bearer, asked = read_token(token), read_message(tool, args, message)
        decision = engine.evaluate(bearer, asked, server=server)
        if decision.code == "unknown_server":
            raise ConfigError(f"no server is named `{server}`", remedy="name one that is configured")
        needed = explain or (format is Format.text and not decision.allowed)
        # The decision that was recorded: one that couldn't be is refused, whatever the policies say.
        explanation = replace(engine.explain(bearer, asked, server), decision=decision) if needed else None
        engine.close()
    if format is Format.json:
        record = {} if explanation is None else {"explanation": explanation_record(explanation)}
        print_json({**decision.to_dict(), **record})
    elif explain and explanation is not None:
        print_explanation(explanation, ExplainFormat.text)
    else:
        _print(decision, () if explanation is None else explanation_reasons(explanation))
    raise typer.Exit(EXIT_YES if decision.allowed else EXIT_DENY)


def _print(decision: Decision, reasons: Iterable[tuple[str, str]]) -> None:
    console = out()
    if decision.allowed:
        console.print("ALLOW", style="bold green", end="  ")
    else:
        console.print("DENY", style="bold red", end="  ")
    detail = f" ({decision.detail})" if decision.detail else ""
    console.print(f"{decision.code}{detail}: {CODES[decision.code].meaning}")
    for label, value in (*_facts(decision), *(("why", f"{policy}: {text}") for policy, text in reasons)):
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
