"""What the subcommands share: whose catalogue it is, and where the lists come from."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from policy_engine.cli.catalogues import Listing, listed, listed_by_command
from policy_engine.cli.options import read_token
from policy_engine.cli.schema.target import Target
from policy_engine.errors import ConfigError

__all__ = ["CommandAfterDashes", "FromOption", "ServerArgument", "SourceTokenOption", "ask", "words_after"]

ServerArgument = Annotated[
    str | None,
    typer.Argument(metavar="SERVER", help="Name of the server; needed where several are configured."),
]

FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Where its lists come from: a file with its tools/list, its URL, or, in quotes, the command"
        " that starts it. Left out: its `resource`. A command may also stand at the end, behind `--`.",
    ),
]

SourceTokenOption = Annotated[
    str,
    typer.Option(
        "--token", "-t", help="A bearer token for its URL; `-` reads standard input, `@FILE` a file."
    ),
]

_WORDS = "policy_engine.words"


class CommandAfterDashes(TyperCommand):
    """A subcommand behind which, after `--`, stands the command of a server."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 -- the library's context
        """Set aside what follows the dashes."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[_WORDS] = args[at + 1 :]
            args = args[:at]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401 -- the library's context
        """Say that it may be there."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


def words_after(context: typer.Context) -> Sequence[str] | None:
    """The command behind the dashes, if there are any."""
    words: Sequence[str] | None = context.meta.get(_WORDS)
    return words


def ask(target: Target, source: str | None, words: Sequence[str] | None, token: str) -> Listing:
    """Get what the server lists now.

    Args:
        target: the server.
        source: a file, a URL or a command in one.
        words: a command.
        token: as it was given.

    Raises:
        ConfigError: it can't be got.
    """
    if words is None:
        return listed(source or target.resource, name=target.server, token=read_token(token) or None)
    if source is not None:
        raise ConfigError("--from and a command are two sources", remedy="give one of them")
    if token:
        raise ConfigError("a token is for a URL, and this isn't one", remedy="leave --token out")
    return listed_by_command(words, name=target.server)
