"""Cases of a log as a scenario file."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from policy_engine.harness.entries import json_text
from policy_engine.harness.recording.keeping.kept import Kept, KeptCase

__all__ = ["scenario_text"]


def scenario_text(kept: Kept, source: str) -> str:
    """The file; the same log gives the same file.

    Args:
        kept: what is kept.
        source: what it was recorded in.
    """
    return "\n".join(_lines(kept, source)) + "\n"


def _lines(kept: Kept, source: str) -> Iterator[str]:
    records = sum(case.exchange.count for case in kept.cases)
    yield f"# Of {_plain(source)}: {len(kept.cases)} questions that were asked {records} times."
    yield "# Values of arguments, scopes and people's groups aren't recorded: where there are some, they are"
    yield "# placeholders. What doesn't depend on them is tested; what does is in `not exact`, and skipped."
    yield "# Whether a call brought answers to a server's questions isn't recorded either: these bring none."
    yield "version: 1"
    yield f"now: {json_text(datetime.fromtimestamp(kept.now, UTC).strftime('%Y-%m-%dT%H:%M:%SZ'))}"
    for key, said in (("principals", kept.principals), ("calls", kept.calls)):
        yield f"{key}:"
        yield from (f"  {json_text(name)}: {json_text(entry)}" for name, entry in said.items())
    yield "groups:"
    for number, rows in enumerate(_matrices(kept.exact), start=1):
        yield f"  recorded {number}:"
        yield "    matrix:"
        for who, cases in rows:
            yield f"      {json_text(who)}:"
            yield from (f"        {line}" for line in _row(cases))
    if kept.doubtful:
        yield "  not exact:"
        yield "    tests:"
        for case in kept.doubtful:
            told = {"who": case.who, "asks": case.asks, "expect": case.expect, "skip": case.doubt}
            parts = ", ".join(f"{key}: {json_text(value)}" for key, value in told.items())
            yield f"      - {{{parts}}}"


def _matrices(cases: Iterable[KeptCase]) -> list[list[tuple[str, list[KeptCase]]]]:
    """Callers who asked for the same, together: in a matrix, what isn't written is denied."""
    by_caller: dict[str, dict[str, KeptCase]] = {}
    for case in cases:
        by_caller.setdefault(case.who, {}).setdefault(case.asks, case)
    together: dict[tuple[str, ...], list[tuple[str, list[KeptCase]]]] = {}
    for who, asked in sorted(by_caller.items()):
        together.setdefault(tuple(sorted(asked)), []).append((who, list(asked.values())))
    return list(together.values())


def _row(cases: Iterable[KeptCase]) -> Iterator[str]:
    outcomes: dict[str, list[str]] = {}
    for case in cases:
        outcomes.setdefault(case.expect, []).append(case.asks)
    for outcome, asked in sorted(outcomes.items()):
        yield f"{json_text(outcome)}: {json_text(sorted(asked))}"


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
