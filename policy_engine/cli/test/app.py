"""`policy-engine test`, with what can be done besides running scenarios."""

import typer
from typer.core import TyperGroup

from policy_engine.cli.test.command import run
from policy_engine.cli.test.recording import record

__all__ = ["app"]

_DEFAULT = "run"


class _RunUnlessTold(TyperGroup):
    """A group whose first command is meant where none is named: `test policies/` is `test run policies/`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's context is click's
        """Put the command in front of what isn't one; a folder that is called like one is `./record`."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else [_DEFAULT, *args])


app = typer.Typer(
    cls=_RunUnlessTold,
    help="Test policies by scenarios, with real tokens; `run` is meant where no command is named.",
    rich_markup_mode=None,
)
app.command(_DEFAULT)(run)
app.command("record")(record)
