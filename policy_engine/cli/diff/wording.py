"""A comparison as people read it: in a terminal, or in a pull request."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.harness.comparing import ChangeGroup, Comparison, Effect, grouped

__all__ = ["markdown_lines", "text_lines"]

Place = Callable[[str], str | None]
"""Where a policy is written, by its id."""

_SHOWN: Final = 3
"""As many calls of a group are told."""

_HEADINGS: Final[Mapping[Effect, str]] = MappingProxyType(
    {
        Effect.granted: "would be allowed",
        Effect.may_be_granted: "may be allowed",
        Effect.denied: "would be denied",
        Effect.may_be_denied: "may be denied",
        Effect.unknown: "can't be told",
    }
)
_STYLES: Final[Mapping[Effect, str]] = MappingProxyType(
    {
        Effect.granted: "bold red",
        Effect.may_be_granted: "bold yellow",
        Effect.denied: "bold blue",
        Effect.may_be_denied: "bold cyan",
        Effect.unknown: "bold",
    }
)
_ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {"machine": "machines", "agent": "agents, for people", "person": "people"}
)


def text_lines(comparison: Comparison, old: Place, new: Place) -> Iterator[tuple[str, str]]:
    """Lines and their styles.

    Args:
        comparison: the comparison.
        old: where policies are written as they are.
        new: where they are as they would be.
    """
    yield _summary(comparison), "bold green" if comparison.same else "bold"
    for line in _remarks(comparison):
        yield line, "dim"
    heading: tuple[Effect, str] | None = None
    for group in grouped(comparison.changes):
        if heading != (group.effect, group.role):
            heading = group.effect, group.role
            yield "", ""
            yield f"{_HEADINGS[group.effect]}, of {_ROLES[group.role]}", _STYLES[group.effect]
        for change in group.changes[:_SHOWN]:
            yield f"  {change.exchange.count} x {change.exchange}  (line {change.exchange.line})", ""
        if len(group.changes) > _SHOWN:
            yield f"  and {len(group.changes) - _SHOWN} more questions", ""
        for line in _reasons(group, old, new):
            yield f"    {line}", ""


def markdown_lines(comparison: Comparison, old: Place, new: Place) -> Iterator[str]:
    """The same for a pull request: a table for each kind of change."""
    yield f"**{_summary(comparison)}**"
    remarks = tuple(_remarks(comparison))
    if remarks:
        yield ""
        yield from (f"- {line}" for line in remarks)
    heading: tuple[Effect, str] | None = None
    for group in grouped(comparison.changes):
        if heading != (group.effect, group.role):
            heading = group.effect, group.role
            yield ""
            yield f"### {_HEADINGS[group.effect].capitalize()}, of {_ROLES[group.role]}"
            yield ""
            yield "| records | call | why |"
            yield "|---:|---|---|"
        why = "<br>".join(_escaped(line) for line in _reasons(group, old, new))
        for change in group.changes:
            yield f"| {change.exchange.count} | {_code(str(change.exchange))} | {why} |"


def _summary(comparison: Comparison) -> str:
    records = _counted(comparison.log.records, "record")
    questions = _counted(len(comparison.log.exchanges), "question")
    if comparison.same:
        return f"{records}, {questions}: nothing changes"
    counts = []
    for effect, heading in _HEADINGS.items():
        number = sum(change.exchange.count for change in comparison.changes if change.effect is effect)
        if number:
            counts.append(f"{number} {heading}")
    return f"{records}, {questions}: {', '.join(counts)}"


def _remarks(comparison: Comparison) -> Iterator[str]:
    log = comparison.log
    if log.unasked:
        told = ", ".join(f"{number} {code}" for code, number in log.unasked.items())
        yield f"never got to the policies: {told}"
    if comparison.foreign:
        yield f"decided by other policies than the old ones, so worked out anew: {comparison.foreign}"
    if log.problems:
        lines = ", ".join(str(problem.line) for problem in log.problems[:_SHOWN])
        more = "" if len(log.problems) <= _SHOWN else f" and {len(log.problems) - _SHOWN} more"
        yield f"no audit records: line {lines}{more}"


def _reasons(group: ChangeGroup, old: Place, new: Place) -> Iterator[str]:
    first = group.changes[0]
    if first.why:
        yield first.why
    if first.exchange.allowed or first.old:
        yield f"was {first.exchange.code}{_by(first.old, old)}"
    else:
        yield f"was {first.exchange.code}"
    if first.new:
        word = {Effect.granted: "allowed", Effect.denied: "denied"}.get(group.effect, "decided")
        yield f"would be {word}{_by(first.new, new)}"
    elif group.effect is Effect.denied and not first.why:
        yield "no permit would apply"
    if first.depends:
        yield f"depends on {', '.join(first.depends)}"
    elif group.effect in (Effect.granted, Effect.denied):
        yield "same whatever the arguments"


def _by(policies: tuple[str, ...], place: Place) -> str:
    if not policies:
        return ""
    named = (f"`{name}`" + (f" ({where})" if (where := place(name)) else "") for name in policies)
    return f" by {', '.join(named)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    """As code in a table; what was recorded may hold anything."""
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text.replace('|', chr(92) + '|')}{ticks}"
