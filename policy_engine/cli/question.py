"""What is asked: the options of `evaluate` and `explain` that say who sends which message."""

import json
from typing import Annotated, Any

import typer

from policy_engine.cli.options import read_argument
from policy_engine.errors import ConfigError

__all__ = ["ArgsOption", "MessageOption", "TokenOption", "ToolOption", "read_message"]

TokenOption = Annotated[
    str, typer.Option("--token", "-t", help="The bearer token; `-` reads standard input, `@FILE` a file.")
]

ToolOption = Annotated[str | None, typer.Option("--tool", help="Name of the tool to call.")]

ArgsOption = Annotated[
    str, typer.Option("--args", help="Its arguments, as a JSON object; `@FILE` reads a file.")
]

MessageOption = Annotated[
    str | None,
    typer.Option("--message", "-m", help="A whole JSON-RPC message instead; `@FILE` reads a file."),
]


def read_message(tool: str | None, args: str, message: str | None) -> dict[str, Any] | str:
    """The message that is asked about: a call of a tool, or a whole message.

    Raises:
        ConfigError: there is none, or two; the arguments aren't JSON.
    """
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
