"""Changes in words, line by line, and as a record; a server's own text is shown, never obeyed."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from policy_engine.cli.catalogues import Change, Status
from policy_engine.cli.console import visible
from policy_engine.cli.schema.coverage import Covering

__all__ = [
    "change_lines",
    "change_record",
    "counts",
    "counts_line",
    "covering_lines",
    "covering_record",
    "difference_lines",
]

Line = tuple[str, str]
"""A style, and a text."""

_ORDER: tuple[Status, ...] = ("new", "changed", "gone", "refused", "unchanged")
_STYLES: Mapping[Status, str] = {"new": "green", "changed": "yellow", "gone": "red", "refused": "bold red"}
_INDENT = " " * 10
_KINDS = {"User": "people", "Client": "machines"}
_CALLED = {"permit": "permitted", "forbid": "forbidden"}
_CONTEXT = 2
"""Lines around a difference that are shown."""

_MOST_NAMES = 10
"""Policies that are named in one line."""

_MOST_LINES = 2_000
"""Lines of two texts up to which they are compared line by line; it takes the square of their number."""


def counts(changes: Iterable[Change]) -> dict[str, int]:
    """How many items there are of each status."""
    found = Counter(change.status for change in changes)
    return {status: found[status] for status in _ORDER}


def counts_line(server: str, changes: Iterable[Change]) -> str:
    """The same in words."""
    told = [f"{number} {status}" for status, number in counts(changes).items() if number]
    return f"{server}: {', '.join(told) or 'nothing is listed, and nothing pinned'}"


def change_lines(change: Change) -> Iterator[Line]:
    """What became of an item, and what policies don't see of it."""
    what = f"{change.status:<{len(_INDENT)}}{change.kind.noun} `{visible(change.key)}`"
    if change.reason is not None:
        what += f": can't be pinned: {visible(change.reason)}"
    elif change.status == "changed":
        what += f": {', '.join(map(visible, _differing(change)))}"
    if change.before is not None and change.before.reviewed and change.differs:
        what += " (was reviewed)"
    yield _STYLES.get(change.status, ""), what
    if change.unusable is not None:
        yield "dim", f"{_INDENT}nobody can ask for it: {visible(change.unusable)}"
    labels = {} if change.before is None else change.before.more.get("labels")
    if change.status == "changed" and isinstance(labels, dict) and labels:
        yield "dim", f"{_INDENT}its labels stay: {', '.join(map(visible, labels))}"
    for name, reason in change.unseen.items():
        unseen = f"`{visible(name)}`" if name else "its arguments"
        yield "dim", f"{_INDENT}policies don't see {unseen}: {visible(reason)}"


def difference_lines(change: Change, *, whole: bool = False) -> Iterator[Line]:
    """What an item was and what it is, member by member; with `whole`, as if nothing had been pinned.

    What is gone, or can't be pinned, isn't shown: nobody has to decide on it.
    """
    if change.now is None or change.reason is not None:
        return
    before = {} if whole or change.before is None else change.before.item
    for member in _members(before, change.now):
        if member == change.kind.key:
            continue
        yield "", f"{_INDENT}{visible(member)}"
        for sign, text in _difference(_shown(before, member), _shown(change.now, member)):
            style = {"-": "red", "+": "green"}.get(sign, "dim")
            yield style, f"{_INDENT}  {sign} {text}".rstrip()


def covering_lines(covering: Sequence[Covering], *, once: str = "") -> Iterator[Line]:
    """Whom the policies let call a tool, or keep from it."""
    if not any(each.policy.effect == "permit" for each in covering):
        yield "dim", f"{_INDENT}{once}no policy permits it to anybody"
    for effect, called in _CALLED.items():
        for kind, people in _KINDS.items():
            named = [
                f"`{visible(each.policy.id)}`"
                for each in covering
                if each.policy.effect == effect and kind in each.kinds
            ]
            if more := named[_MOST_NAMES:]:
                named[_MOST_NAMES:] = [f"{len(more)} more"]
            if named:
                yield "", f"{_INDENT}{once}{called} to {people} by {', '.join(named)}"


def change_record(change: Change) -> dict[str, Any]:
    """A change, for programs."""
    before = None if change.before is None else change.before.item
    return {
        "kind": change.kind.noun,
        "name": change.key,
        "status": change.status,
        "was_reviewed": change.before is not None and change.before.reviewed,
        "reason": change.reason,
        "unseen": dict(change.unseen),
        "unusable": change.unusable,
        "members": {
            member: {
                side: item[member]
                for side, item in (("before", before or {}), ("now", change.now or {}))
                if member in item
            }
            for member in _differing(change)
        },
    }


def covering_record(covering: Iterable[Covering]) -> list[dict[str, Any]]:
    """The policies that cover a tool, for programs."""
    return [
        {
            "policy": each.policy.id,
            "effect": each.policy.effect,
            "kinds": list(each.kinds),
            "file": each.policy.written.file,
            "line": each.policy.written.line,
            "column": each.policy.written.column,
        }
        for each in covering
    ]


def _differing(change: Change) -> list[str]:
    before = {} if change.before is None else change.before.item
    return list(_members(before, change.now or {})) if change.status != "unchanged" else []


def _members(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for member in dict.fromkeys([*now, *before]):
        if member not in before or member not in now or _canonical(before[member]) != _canonical(now[member]):
            yield member


def _canonical(value: Any) -> str:  # noqa: ANN401 -- JSON
    # Not `==`: to Python, 1 is True.
    return json.dumps(value, sort_keys=True)


def _shown(item: Mapping[str, Any], member: str) -> list[str]:
    if member not in item:
        return []
    value = item[member]
    text = (
        value if isinstance(value, str) else json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    )
    return visible(text, keep="\n").split("\n")


def _difference(before: list[str], now: list[str]) -> Iterator[tuple[str, str]]:
    if len(before) + len(now) > _MOST_LINES or not before or not now:
        yield from (("-", line) for line in before)
        yield from (("+", line) for line in now)
        return
    for number, group in enumerate(
        SequenceMatcher(None, before, now, autojunk=False).get_grouped_opcodes(_CONTEXT)
    ):
        if number:
            yield "…", ""
        for tag, start, end, first, last in group:
            if tag == "equal":
                yield from ((" ", line) for line in before[start:end])
            else:
                yield from (("-", line) for line in before[start:end])
                yield from (("+", line) for line in now[first:last])
