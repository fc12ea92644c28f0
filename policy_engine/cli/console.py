"""How the command line speaks: results on standard output, errors on standard error, colour on terminals."""

import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import typer
from rich.console import Console

from policy_engine.errors import ConfigError, PolicyEngineError

__all__ = [
    "EXIT_DENY",
    "EXIT_UNKNOWN",
    "EXIT_USAGE",
    "EXIT_YES",
    "Format",
    "errors_explained",
    "out",
    "print_error",
    "print_json",
    "visible",
]

EXIT_YES, EXIT_DENY, EXIT_USAGE, EXIT_UNKNOWN = 0, 1, 2, 3
"""0: yes or pass; 1: deny or fail; 2: wrong usage or configuration; 3: it can't be told."""


class Format(StrEnum):
    """For people, or for programs."""

    text = "text"
    json = "json"


def out() -> Console:
    """Standard output, as it is now; text in brackets or between colons is never read as markup."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def visible(text: str, *, keep: str = "") -> str:
    """A text in which what a terminal would obey is spelt out, as JSON spells it."""
    return "".join(char if char.isprintable() or char in keep else _spelt(char) for char in text)


def _spelt(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def print_json(value: Any) -> None:  # noqa: ANN401 -- any JSON
    """One JSON value for a program to read; never styled."""
    typer.echo(visible(json.dumps(value, indent=2, ensure_ascii=False), keep="\n"))


def print_error(text: str) -> None:
    """One line on standard error."""
    text = visible(text)
    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print("error:", style="bold red", end=" ")
    console.print(text)


@contextmanager
def errors_explained(stop: Callable[[int], Exception] = typer.Exit) -> Iterator[None]:
    """Turn an error into what it says and exit status 2; of a bug, into its place alone.

    A bug must not end with 1: that would be an answer. What it says may be of a token, or a server's.
    """
    try:
        yield
    except ConfigError as error:
        for each in (error, *error.others):
            print_error(str(each))
        raise stop(EXIT_USAGE) from None
    except PolicyEngineError as error:
        print_error(str(error))
        raise stop(EXIT_USAGE) from None
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise
    except OSError as error:
        print_error(": ".join(str(part) for part in (error.filename, error.strerror) if part) or _bug(error))
        raise stop(EXIT_USAGE) from None
    except Exception as error:  # noqa: BLE001 -- whatever it is
        print_error(_bug(error))
        raise stop(EXIT_USAGE) from None


def _bug(error: Exception) -> str:
    """Where something went wrong that nobody expected."""
    places = [
        (frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [place for place in places if place[0].startswith("policy_engine.")]
    module, line = (ours or places)[-1]
    return f"a bug: {type(error).__name__} in {module}, line {line} (please report it)"
