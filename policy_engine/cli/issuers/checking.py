"""`policy-engine issuers check`: is everything there that the engine needs of each issuer?"""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Annotated

import typer
from rich.console import Console

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, Format, errors_explained, out, print_json, visible
from policy_engine.cli.issuers.answer_checks import answer_lines
from policy_engine.cli.issuers.check_lines import Checked, Line, Outcome
from policy_engine.cli.issuers.patience import TOTAL_SECONDS, PatientFetcher
from policy_engine.cli.issuers.settings_checks import settings_lines
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.config import LoadedConfig, load_config
from policy_engine.errors import ConfigError

__all__ = ["check"]

_STYLES: Mapping[Outcome, str] = {
    Outcome.ok: "green",
    Outcome.skipped: "dim",
    Outcome.warning: "bold yellow",
    Outcome.failed: "bold red",
}

_GRACE = 2.0
"""Seconds beyond those of the fetches: for what has no deadline of its own, looking up names above all."""

Answers = dict[str, tuple[Line, ...]]


def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of issuers; all if left out.")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody: look only at files of this machine.")
    ] = False,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Look at every configured issuer: profile, flags, clients, audiences, and whether its keys can be had.

    Issuers are asked as the engine asks them, all at once, each for 15 seconds at most. No token is sent.

    Exits with 0 if nothing failed (warnings allowed), 1 if something did, 2 if the configuration can't be
    used.

    Example: policy-engine issuers check corp
    """
    with errors_explained():
        loaded = load_config(config)
        chosen = list(dict.fromkeys(names or loaded.config.issuers))
        for name in chosen:
            if name not in loaded.config.issuers:
                known = ", ".join(loaded.config.issuers)
                raise ConfigError(f"no issuer is named `{name}`", remedy=f"configured: {known}")
    found = _checked(loaded, chosen, offline=offline)
    ok = all(each.outcome is not Outcome.failed for each in found)
    if format is Format.json:
        print_json({"ok": ok, "issuers": [each.to_dict() for each in found]})
    else:
        _print(found)
    raise typer.Exit(EXIT_YES if ok else EXIT_DENY)


def _checked(loaded: LoadedConfig, names: list[str], *, offline: bool) -> list[Checked]:
    settings = {name: tuple(settings_lines(loaded, name)) for name in names}
    # Without a profile nobody knows which keys would fit.
    able = [name for name in names if not _failed(settings[name], "profile")]
    if offline:
        answers = {name: tuple(answer_lines(loaded, name, None)) for name in able}
    else:
        answers = _ask_all(loaded, able)
    return [
        Checked(
            name=name,
            issuer=loaded.config.issuers[name].issuer,
            profile=loaded.config.issuers[name].profile,
            lines=(*settings[name], *answers.get(name, ())),
        )
        for name in names
    ]


def _failed(lines: tuple[Line, ...], check_name: str) -> bool:
    return any(line.check == check_name and line.outcome is Outcome.failed for line in lines)


def _ask_all(loaded: LoadedConfig, names: list[str]) -> Answers:
    """Ask every issuer at once; one that never ends to answer doesn't hold up the others, nor the end."""
    queue: Queue[tuple[str, tuple[Line, ...] | BaseException]] = Queue()

    def ask(name: str) -> None:
        try:
            queue.put((name, tuple(answer_lines(loaded, name, PatientFetcher()))))
        except BaseException as bug:  # noqa: BLE001 -- raised where it is seen
            queue.put((name, bug))

    for name in names:
        threading.Thread(target=ask, args=(name,), daemon=True).start()
    answers: Answers = {}
    end = time.monotonic() + TOTAL_SECONDS + _GRACE
    with _progress(len(names)):
        while len(answers) < len(names):
            try:
                name, lines = queue.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                break
            if isinstance(lines, BaseException):
                raise lines
            answers[name] = lines
    late = Line(
        check="keys",
        outcome=Outcome.failed,
        text=f"no answer in {TOTAL_SECONDS:.0f} seconds",
        remedy="see that it can be reached from here",
    )
    return {name: answers.get(name, (late,)) for name in names}


@contextmanager
def _progress(count: int) -> Iterator[None]:
    """Say that somebody is being waited for, where a person watches."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(f"asking {count} issuer{'' if count == 1 else 's'} …"):
        yield


def _print(found: list[Checked]) -> None:
    console = out()
    for each in found:
        console.print(f"{each.name}: {each.outcome.value}", style=_STYLES[each.outcome])
        for line in each.lines:
            console.print(f"  {line.outcome.value:<8}", style=_STYLES[line.outcome], end="")
            console.print(visible(f"{line.check:<15}{line}"))
