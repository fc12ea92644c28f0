"""`policy-engine keys retire`: a key that shall sign no longer, in good order or at once."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from policy_engine.authserver import StoredKeys
from policy_engine.cli.console import EXIT_DENY, Format, errors_explained, out, print_json, visible
from policy_engine.cli.keys.opened import opened
from policy_engine.cli.keys.told import record_of, sentences
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.model.stored import KeyState

__all__ = ["retire"]

_YES = ("y", "yes")


def retire(
    kid: Annotated[str, typer.Argument(help="The key, as `keys list` names it.")],
    now: Annotated[
        bool,
        typer.Option(
            "--now", help="Drop it at once: somebody else may have it. Tokens that it signed count no longer."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Let a key sign no longer.

    The active key goes on until its successor takes over, which is made now if there is none. A pending key
    is taken back. With --now the key is gone: others refuse its tokens as soon as they read the key set
    again, and if it was the active one, another signs from this moment.

    Exits with 1 if the question was answered with no.

    Example: policy-engine keys retire 9iYkxs3dGzvUoZ5XyX3tGZxWCdkLUtJAc8ZpvnbyqhM --now
    """
    with errors_explained():
        with opened(config, create=False) as keys:
            if now and not yes and _signs(keys, kid):
                _ask(kid)
            after = keys.retire(kid, at_once=now)
        if format is Format.json:
            print_json([record_of(key) for key in after])
            return
        if all(key.kid != kid for key in after):
            out().print(visible(f"gone      {kid}"))
        for line in sentences(after):
            out().print(visible(line))


def _signs(keys: StoredKeys, kid: str) -> bool:
    return any(key.kid == kid and key.state is KeyState.ACTIVE for key, _ in keys.listed())


def _ask(kid: str) -> None:
    """Ask on standard error, since results are for standard output; no answer is a no."""
    typer.echo(visible(f"{kid} is the key that signs: every token that it signed will be refused."), err=True)
    typer.echo("Drop it at once? [y/N]: ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in _YES:
        typer.echo("nothing was changed; to go ahead without a question: --yes", err=True)
        raise typer.Exit(EXIT_DENY)
