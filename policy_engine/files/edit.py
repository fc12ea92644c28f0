"""Add an entry to a YAML file that a person wrote: every comment, every line and its layout stay as they are.

Nothing is written anew but the entry. The parser says where the section ends, the text is put in there, and
what comes out is read again: it must be the old content and the entry, and nothing else. Where that can't be
had, nothing is changed, and the operator is told what to write.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from itertools import takewhile
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from policy_engine.errors import ConfigError
from policy_engine.files.reading_back import WAYS_TO_FAIL, data_of, reads_as

__all__ = ["Edit", "add_entry"]

_STEP: Final = 2
"""Spaces by which a level is indented, where the file doesn't show its own way."""

_NEVER: Final = 1 << 20
"""A width at which no line is broken."""

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./:-]*[A-Za-z0-9_/-]|[A-Za-z]")

_NOT_TEXT: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Words that some reader of YAML takes for something other than text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A text before and after a change.

    Attributes:
        before: as it was read.
        after: as it is to be written.
    """

    before: str
    after: str

    def lines(self) -> tuple[int, list[str], list[str]]:
        """Where the change begins (1-based), the lines that it replaces, and those that it brings."""
        old, new = self.before.splitlines(), self.after.splitlines()
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        rest = zip(reversed(old[same:]), reversed(new[same:]), strict=False)
        tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
        return same + 1, old[same : len(old) - tail], new[same : len(new) - tail]


def add_entry(text: str, section: str, name: str, entry: Mapping[str, Any]) -> Edit:
    """Add an entry at the end of a section, a mapping at the top of the file; it is made if it isn't there.

    Args:
        text: a YAML document whose top is a mapping.
        section: the key of the section.
        name: the key of the entry; not one that is there.
        entry: texts, booleans, lists and mappings of such.

    Raises:
        ConfigError: the file can't be read, has the entry, or is written in a way that can't be added to.
    """
    try:
        root, old = _composed(text), data_of(text)
    except WAYS_TO_FAIL:
        raise ConfigError("not YAML", remedy="mend the file first") from None
    if not isinstance(root, MappingNode) or not isinstance(old, dict):
        raise ConfigError("the file isn't a mapping", remedy="write `version: 1` first")
    there = old.get(section) or {}
    if not isinstance(there, dict):
        raise ConfigError(f"`{section}` isn't a mapping", remedy="mend the file first")
    if name in there:
        raise ConfigError(f"`{section}.{name}` is there already", remedy="choose another name")
    wanted = {**old, section: {**there, name: entry}}
    for after in _candidates(text, root, section, name, entry):
        if reads_as(after, wanted):
            return Edit(before=text, after=after)
    raise ConfigError(
        f"`{section}` is written in a way that can't be added to",
        remedy=f"write it yourself: {_in_line(name, entry)}",
    )


def _candidates(
    text: str, root: MappingNode, section: str, name: str, entry: Mapping[str, Any]
) -> Iterator[str]:
    """Texts with the entry in them, the best first; whether one is right is seen when it is read."""
    keys = [key for key, _ in root.value]
    found = next((pair for pair in root.value if pair[0].value == section), None)
    if found is None:
        if not root.flow_style:
            column = root.start_mark.column
            added = _block({section: {name: entry}}, column, _STEP, level=-1)
            yield from _inserted(text, 0, _end_of(text, root, None), column, added)
        return
    key, value = found
    column = key.start_mark.column
    if isinstance(value, ScalarNode):  # nothing is written after the colon
        line = text.count("\n", 0, key.start_mark.index) + 1
        yield _put_in(text, line, _block({name: entry}, column + _STEP, _STEP))
    elif isinstance(value, MappingNode) and value.flow_style:
        yield from _in_braces(text, value, _in_line(name, entry))
    elif isinstance(value, MappingNode):
        after = keys[keys.index(key) + 1 :]
        inner = value.start_mark.column
        first = text.count("\n", 0, value.start_mark.index) + 1
        added = _block({name: entry}, inner, max(inner - column, 1))
        yield from _inserted(text, first, _end_of(text, root, after[0] if after else None), inner, added)
        yield _put_in(text, first - 1, added)  # before a text at the end of the file that lacks its line end


def _end_of(text: str, root: MappingNode, following: Node | None) -> int:
    """How many lines there are up to the end of a section: to the next one, or to the end of the document."""
    index = root.end_mark.index if following is None else following.start_mark.index
    lines = text.count("\n", 0, index)
    # A last line without an end counts, too.
    return lines + (following is None and not text.endswith("\n", 0, index) and index > 0)


def _inserted(text: str, first: int, end: int, column: int, added: str) -> Iterator[str]:
    """The text with lines put in after the section's last one; comments less indented are the next one's."""
    lines = text.split("\n")
    last = end
    while last > first and _is_beyond(lines[last - 1], column):
        last -= 1
    yield _put_in(text, last, added)
    yield _put_in(text, end, added)  # after blank lines that are part of a text


def _is_beyond(line: str, column: int) -> bool:
    bare = line.strip()
    return not bare or (bare.startswith("#") and len(line) - len(line.lstrip(" ")) < column)


def _put_in(text: str, line: int, added: str) -> str:
    """The text with others behind its first lines, in the way that it ends its lines."""
    lines = text.split("\n")
    end = "\r\n" if lines[0].endswith("\r") else "\n"
    before, after = "\n".join(lines[:line]), "\n".join(lines[line:])
    if line >= len(lines):
        before, after = before + end.removesuffix("\n"), ""
    return f"{before}\n{added.replace(chr(10), end)}{after}" if line else added + text


def _in_braces(text: str, value: MappingNode, added: str) -> Iterator[str]:
    close = value.end_mark.index - 1
    if not value.value:
        yield f"{text[:close]}{added}{text[close:]}"
        return
    last = value.value[-1][1].end_mark.index
    yield f"{text[:last]}, {added}{text[last:]}"
    yield f"{text[:close]}{added}{text[close:]}"


def _block(data: Mapping[str, Any], column: int, step: int, *, level: int = 0) -> str:
    yaml = _writer()
    yaml.map_indent = step
    indent = " " * column
    return "".join(f"{indent}{line}\n" for line in _dumped(yaml, _styled(data, level)).splitlines())


def _in_line(name: str, entry: Mapping[str, Any]) -> str:
    whole = _dumped(_writer(), _styled({name: entry}, _IN_LINE)).strip()
    return whole.removeprefix("{").removesuffix("}")


_IN_LINE: Final = 3
"""The level from which on everything is written in one line."""


def _styled(data: Any, level: int) -> Any:  # noqa: ANN401 -- YAML data
    """Data as the project writes them: what is short in one line, the rest one under the other."""
    match data:
        case Mapping():
            made = CommentedMap({_text(key): _styled(value, level + 1) for key, value in data.items()})
            nested = any(isinstance(value, Mapping) for value in data.values())
            if level >= _IN_LINE or (level == _IN_LINE - 1 and len(data) == 1 and not nested):
                made.fa.set_flow_style()
            return made
        case list() | tuple():
            listed = CommentedSeq(_styled(value, level) for value in data)
            listed.fa.set_flow_style()
            return listed
        case str():
            return _text(data)
        case _:
            return data


def _text(text: str) -> str:
    """A text that is read as one by every reader of YAML: in quotes where there is any doubt."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT
    return text if plain else DoubleQuotedScalarString(text)


def _writer() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _NEVER
    return yaml


def _dumped(yaml: YAML, data: Any) -> str:  # noqa: ANN401 -- YAML data
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _composed(text: str) -> Node | None:
    node: Node | None = YAML(typ="rt", pure=True).compose(text)
    return node
