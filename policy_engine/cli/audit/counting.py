"""`policy-engine audit stats`: how often decisions were what."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.audit import Statistics
from policy_engine.cli.audit.querying import WhereOption, selected
from policy_engine.cli.audit.sources import FilesArgument
from policy_engine.cli.audit.wording import moment
from policy_engine.cli.console import EXIT_YES, Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption

__all__ = ["stats"]

_COUNTED = ("codes", "kinds", "principals", "tools", "policies")


def stats(
    files: FilesArgument = None,
    where: WhereOption = "",
    top: Annotated[int, typer.Option("--top", min=1, help="As many of each.")] = 10,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Count the decisions of the audit log by code, kind, principal, tool and policy; say how long they took.

    Example: policy-engine audit stats --where since=7d
    """
    with errors_explained():
        counts = Statistics.of(selected(files, where, config))
        if format is Format.json:
            print_json(_record(counts, top))
        else:
            for line in _lines(counts, top):
                out().print(visible(line))
    raise typer.Exit(EXIT_YES)


def _record(counts: Statistics, top: int) -> dict[str, Any]:
    return {
        "total": counts.total,
        "first": counts.first,
        "last": counts.last,
        "decisions": dict(sorted(counts.decisions.items())),
        **{name: dict(_most(getattr(counts, name), top)) for name in _COUNTED},
        "latency_us": {"p50": counts.latency(0.5), "p99": counts.latency(0.99)},
    }


def _lines(counts: Statistics, top: int) -> Iterator[str]:
    if counts.first is None or counts.last is None:
        yield "no decisions"
        return
    yield f"{counts.total} decisions, {moment(counts.first)} to {moment(counts.last)}"
    yield f"{counts.decisions['allow']} allowed, {counts.decisions['deny']} denied"
    yield f"latency: p50 {counts.latency(0.5)} µs, p99 {counts.latency(0.99)} µs"
    for name in _COUNTED:
        yield f"{name}:"
        for value, count in _most(getattr(counts, name), top):
            yield f"{count:>9}  {value}"


def _most(counter: Counter[str], top: int) -> list[tuple[str, int]]:
    """The most frequent; of equals, in the order of their names."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:top]
