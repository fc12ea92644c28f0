"""Replace a value in a YAML file that a person wrote; comments and layout around it stay as they are.

The parser says where the value begins and ends, and what comes out is read again: it must be the old content
with the new value, and nothing else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from policy_engine.errors import ConfigError
from policy_engine.files.edit import Edit
from policy_engine.files.reading_back import WAYS_TO_FAIL, data_of, reads_as

__all__ = ["drop_key", "rename_key", "set_value", "value_at"]

Path = Sequence[str | int]

_WAYS_TO_FAIL: Final = (*WAYS_TO_FAIL, LookupError)
"""What the parser raises for texts that it can't read, and what a path raises that leads nowhere."""

_NEVER: Final = 1 << 20
"""A width at which no line is broken."""

_DOUBTFUL: Final = re.compile(r"[\"`]|::")
"""In a text that some reader of YAML takes for something else, unless it is in quotes."""

_COMMENT: Final = re.compile(r"(?:^|\s)#", re.MULTILINE)


def set_value(text: str, path: Path, value: Any) -> Edit:  # noqa: ANN401 -- YAML data
    """Put another value in a place where there is one; it is written in one line.

    Args:
        text: a YAML document.
        path: keys and positions that lead to the value.
        value: text, number, boolean, list or mapping of such.

    Raises:
        ConfigError: the file can't be read, or the value is written in a way that can't be replaced, such as
            with a comment in the midst of it.
    """
    where = ".".join(str(step) for step in path)
    written = _written(value)
    try:
        node = _at(YAML(typ="rt", pure=True).compose(text), path)
        wanted = _with(data_of(text), path, value)
    except _WAYS_TO_FAIL:
        raise ConfigError(f"there is no `{where}` to be replaced", remedy="look at the file") from None
    for after in _candidates(text, node, written):
        if reads_as(after, wanted):
            return Edit(before=text, after=after)
    raise _refused(path, written)


def rename_key(text: str, path: Path, new: str) -> Edit:
    """Call an entry of a mapping otherwise; it keeps its place.

    Raises:
        ConfigError: there is no such entry, one is called so already, or it can't be written there.
    """
    key, _ = _entry(text, path)
    start, end = key.start_mark.index, key.end_mark.index
    above, old = path[:-1], path[-1]
    data = value_at(text, above)
    wanted = _with(data_of(text), above, {new if name == old else name: data[name] for name in data})
    after = f"{text[:start]}{_written(new)}{text[end:]}"
    if new in data or not reads_as(after, wanted):
        raise _refused(path, f"{_written(new)}: …")
    return Edit(before=text, after=after)


def drop_key(text: str, path: Path) -> Edit:
    """Take an entry out of a mapping, with the lines that it stands on.

    Raises:
        ConfigError: there is no such entry, or other things stand on its lines.
    """
    key, value = _entry(text, path)
    above = path[:-1]
    data = value_at(text, above)
    wanted = _with(data_of(text), above, {name: data[name] for name in data if name != path[-1]})
    lines = text.split("\n")
    first, last = key.start_mark.line, text.count("\n", 0, _end(value))
    after = "\n".join([*lines[:first], *lines[last + 1 :]])
    if _COMMENT.search("\n".join(lines[first : last + 1])) or not reads_as(after, wanted):
        raise _refused(path, "take it out")
    return Edit(before=text, after=after)


def _entry(text: str, path: Path) -> tuple[Node, Node]:
    try:
        node = _at(YAML(typ="rt", pure=True).compose(text), path[:-1])
        pairs: Sequence[tuple[Node, Node]] = node.value if isinstance(node, MappingNode) else ()
        return next(pair for pair in pairs if pair[0].value == path[-1])
    except (*_WAYS_TO_FAIL, StopIteration):
        where = ".".join(str(step) for step in path)
        raise ConfigError(f"there is no `{where}`", remedy="look at the file") from None


def _refused(path: Path, written: str) -> ConfigError:
    where = ".".join(str(step) for step in path)
    problem = f"`{where}` is written in a way that can't be replaced"
    return ConfigError(problem, remedy=f"write it yourself: {written}")


def value_at(text: str, path: Path) -> Any:  # noqa: ANN401 -- YAML data
    """What is written in a place.

    Raises:
        ConfigError: the file can't be read, or nothing is there.
    """
    try:
        data = data_of(text)
        for step in path:
            data = data[step]
    except _WAYS_TO_FAIL:
        where = ".".join(str(step) for step in path)
        raise ConfigError(f"there is no `{where}`", remedy="look at the file") from None
    return data


def _at(node: Node | None, path: Path) -> Node:
    for step in path:
        if isinstance(node, SequenceNode) and isinstance(step, int):
            node = node.value[step]
        elif isinstance(node, MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        else:
            raise LookupError  # noqa: TRY004 -- the path leads nowhere
    if node is None:
        raise LookupError
    return node


def _with(data: Any, path: Path, value: Any) -> Any:  # noqa: ANN401 -- YAML data
    """The data with the value in it."""
    if not path:
        return value
    first, *rest = path
    if isinstance(data, list) and isinstance(first, int):
        return [*data[:first], _with(data[first], rest, value), *data[first + 1 :]]
    return {**data, first: _with(data[first], rest, value)}


def _candidates(text: str, node: Node, written: str) -> Iterator[str]:
    start, end = node.start_mark.index, _end(node)
    if _COMMENT.search(text[start:end]):
        return
    if not isinstance(node, CollectionNode) or node.flow_style:
        yield f"{text[:start]}{written}{text[end:]}"
    else:  # it begins on a line of its own, below its key
        before = text[:start].rstrip()
        if not _COMMENT.search(text[len(before) : start]):
            yield f"{before} {written}{text[end:]}"


def _end(node: Node) -> int:
    """Where a value ends; the parser says of a block where the next one begins."""
    if isinstance(node, CollectionNode) and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, MappingNode) else last)
    end: int = node.end_mark.index
    return end


def _written(value: Any) -> str:  # noqa: ANN401 -- YAML data
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _NEVER
    stream = StringIO()
    if isinstance(value, Mapping):
        yaml.dump(_flow(value), stream)
        return stream.getvalue().strip()
    yaml.dump(_flow([value]), stream)  # in brackets, so that it can stand in others
    return stream.getvalue().strip().removeprefix("[").removesuffix("]")


def _flow(value: Any) -> Any:  # noqa: ANN401 -- YAML data
    if isinstance(value, Mapping):
        made = CommentedMap({key: _flow(part) for key, part in value.items()})
        made.fa.set_flow_style()
        return made
    if isinstance(value, list | tuple):
        listed = CommentedSeq(_flow(part) for part in value)
        listed.fa.set_flow_style()
        return listed
    if isinstance(value, str) and _DOUBTFUL.search(value):
        return SingleQuotedScalarString(value)
    return value
