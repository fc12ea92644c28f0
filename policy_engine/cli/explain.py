"""`policy-engine explain`: why a request is allowed or denied, and what would have to differ."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, assert_never

import typer

from policy_engine.cli.asker import Asker, asker_options
from policy_engine.cli.console import EXIT_DENY, EXIT_YES, errors_explained, out, print_json
from policy_engine.cli.option_groups import with_group
from policy_engine.cli.options import ConfigOption, ServerOption, read_token
from policy_engine.cli.question import ArgsOption, MessageOption, TokenOption, ToolOption, read_message
from policy_engine.config import load_config
from policy_engine.engine import PolicyEngine
from policy_engine.errors import ConfigError
from policy_engine.evaluator import (
    Explanation,
    Style,
    caller_view,
    explanation_line,
    explanation_lines,
    explanation_record,
)

__all__ = ["ExplainFormat", "explain", "print_explanation"]


class ExplainFormat(StrEnum):
    """For people, for programs, for logs."""

    text = "text"
    json = "json"
    compact = "compact"


AllOption = Annotated[
    bool, typer.Option("--all", help="Tell of every policy, not only of those that came near.")
]

CallerOption = Annotated[
    bool, typer.Option("--caller", help="Show what the caller may be told: no values, no policies.")
]

IdsOption = Annotated[
    bool, typer.Option("--ids", help="With --caller: name the policies, with their @advice.")
]

FormatOption = Annotated[
    ExplainFormat, typer.Option("--format", help="For people, for programs, or one line for logs.")
]

_STYLES: dict[Style, str] = {
    "yes": "bold green",
    "no": "bold red",
    "heading": "bold",
    "remark": "yellow",
    "dim": "dim",
    "": "",
}


@with_group("named", asker_options)
def explain(
    token: TokenOption = "",
    *,
    named: Asker,
    tool: ToolOption = None,
    args: ArgsOption = "{}",
    message: MessageOption = None,
    server: ServerOption = None,
    everything: AllOption = False,
    caller: CallerOption = False,
    ids: IdsOption = False,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = ExplainFormat.text,  # noqa: A002 -- the option's name
) -> None:
    """Say why a request is allowed or denied: which policies decided, and what the others want.

    Who asks is a token, or somebody named with --user or --client, so that no token is needed. Values of the
    request are shown, except with --caller and on the compact line. Nothing is recorded.

    Exits with 0 if allowed, 1 if denied, 2 if the question or the configuration can't be used.

    Example: policy-engine explain --client machines/ci-bot --tool create_issue --args '{"repo": "acme/app"}'
    """
    with errors_explained():
        explanation = _explained(config, token, named, read_message(tool, args, message), server)
    if caller:
        _print_caller_view(caller_view(explanation, ids=ids), format)
    else:
        print_explanation(explanation, format, everything=everything)
    raise typer.Exit(EXIT_YES if explanation.allowed else EXIT_DENY)


def _explained(
    config: Path, token: str, named: Asker, message: dict[str, Any] | str, server: str | None
) -> Explanation:
    engine = PolicyEngine.from_config(config)
    try:
        if token and named != Asker():
            raise ConfigError("who asks?", remedy="give either --token, or a name and what is known of them")
        if token:
            explanation = engine.explain(read_token(token), message, server)
        else:
            principal, facts = named.read(load_config(config))
            explanation = engine.explain(principal, message, server, facts)
    finally:
        engine.close()
    if explanation.code == "unknown_server":
        raise ConfigError(f"no server is named `{server}`", remedy="name one that is configured")
    return explanation


def print_explanation(explanation: Explanation, format: ExplainFormat, *, everything: bool = False) -> None:  # noqa: A002 -- as the option
    """An explanation for operators, on standard output."""
    match format:
        case ExplainFormat.json:
            print_json(explanation_record(explanation, everything=everything))
        case ExplainFormat.compact:
            typer.echo(explanation_line(explanation))
        case ExplainFormat.text:
            console = out()
            for text, style in explanation_lines(explanation, everything=everything):
                console.print(text, style=_STYLES[style])
        case _:
            assert_never(format)


def _print_caller_view(view: dict[str, Any], format: ExplainFormat) -> None:  # noqa: A002 -- as the option
    if format is ExplainFormat.json:
        print_json(view)
        return
    console = out()
    console.print(view["message"] or "Allowed", style="bold")
    for hint in view["hints"]:
        console.print(f"  {hint['text']}")
    for policy in view.get("policies", ()):
        advice = f": {policy['advice']}" if policy["advice"] else ""
        console.print(f"  {policy['id']}{advice}")
