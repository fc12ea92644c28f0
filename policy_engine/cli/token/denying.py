"""`policy-engine token deny` and `undeny`: tokens of our own server that count no longer."""

import re
import time
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final

import typer

from policy_engine.cli.console import EXIT_DENY, EXIT_YES, Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.token.denials import (
    CONFIG,
    JtiOption,
    SubjectOption,
    named,
    opened,
    record_of,
    stamp,
)
from policy_engine.errors import ConfigError
from policy_engine.model.stored import Denial

__all__ = ["deny", "undeny"]

_TIME: Final = re.compile(r"(?P<count>[0-9]{1,7})(?P<unit>[smhd])")
_SECONDS: Final = MappingProxyType({"s": 1, "m": 60, "h": 3600, "d": 86_400})
_LATEST: Final = 253_402_300_799
"""The last second that ISO 8601 can write in four digits of a year."""


def deny(
    jti: JtiOption = None,
    subject: SubjectOption = None,
    until: Annotated[str | None, typer.Option("--until", help="When it ends: 2026-12-31T00:00:00Z.")] = None,
    lasting: Annotated[str | None, typer.Option("--for", help="How long: 90s, 30m, 24h, 7d.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for those who read the list.")] = "",
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Refuse tokens of our own authorization server that haven't expired.

    Engines with `clients: registry` refuse them within about a second, as `revoked_token`. A machine whose
    tokens are denied still gets new ones, which are denied as well; `clients disable` stops both.

    Without --until or --for it is for ever; denying the same again replaces what was said before.

    Example: policy-engine token deny --subject ci-bot --for 1h --reason 'its secret was in a log'
    """
    with errors_explained():
        kind, value = named(jti, subject)
        if len(reason) > 1000 or not reason.isprintable():  # noqa: PLR2004 -- characters
            raise ConfigError("--reason isn't one short line", remedy="write a sentence")
        now = time.time()
        denial = Denial(kind=kind, value=value, reason=reason, since=now, until=_end(until, lasting, now))
        with opened(config, create=True) as store:
            store.denials.add(denial)
        if format is Format.json:
            print_json(record_of(denial))
            return
        end = "for ever" if denial.until is None else f"until {stamp(denial.until)}"
        out().print(visible(f"denied {kind} {value} {end}"))


def undeny(
    jti: JtiOption = None,
    subject: SubjectOption = None,
    config: ConfigOption = CONFIG,
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Take such tokens again.

    Exits with 0 if they were denied, 1 if they weren't, 2 if the list can't be reached.

    Example: policy-engine token undeny --subject ci-bot
    """
    with errors_explained():
        kind, value = named(jti, subject)
        with opened(config, create=True) as store:
            found = store.denials.remove(kind, value)
        if format is Format.json:
            print_json({"kind": kind, "value": value, "removed": found})
        else:
            out().print(visible(f"{kind} {value} {'is denied no longer' if found else 'was not denied'}"))
    raise typer.Exit(EXIT_YES if found else EXIT_DENY)


def _end(until: str | None, lasting: str | None, now: float) -> float | None:
    """When a denial ends; None for never.

    Raises:
        ConfigError: both are given, it isn't a time, or it is over.
    """
    if until is not None and lasting is not None:
        raise ConfigError("when does it end?", remedy="give either --until or --for")
    if lasting is not None:
        match = _TIME.fullmatch(lasting)
        if match is None or not int(match["count"]):
            raise ConfigError("--for isn't a time", remedy="write 90s, 30m, 24h or 7d")
        end = now + int(match["count"]) * _SECONDS[match["unit"]]
    elif until is None:
        return None
    else:
        end = _moment(until)
    if end <= now:
        raise ConfigError("--until is over", remedy="write a time to come")
    if end > _LATEST:
        raise ConfigError("that is too far away", remedy="leave --for and --until out: it is for ever then")
    return end


def _moment(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ConfigError("--until isn't a time with its zone", remedy="write 2026-12-31T00:00:00Z")
    return found.timestamp()
