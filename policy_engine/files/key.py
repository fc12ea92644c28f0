"""Add a key to a mapping deep in a YAML file that a person wrote; comments and layout stay as they are.

As for entries: the parser says where the mapping is, a line is put in there, and what comes out is read
again. It must be the old content with the key, and nothing else.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from policy_engine.errors import ConfigError
from policy_engine.files.edit import Edit
from policy_engine.files.reading_back import WAYS_TO_FAIL, data_of, reads_as

__all__ = ["add_key"]

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*/[A-Za-z0-9_./-]*[A-Za-z0-9]")
"""Texts that no reader of YAML takes for anything else: paths with a slash."""


def add_key(text: str, path: Sequence[str], key: str, value: str) -> Edit:
    """Add a key with a text for its value, behind the first key of a mapping.

    Args:
        text: a YAML document.
        path: keys that lead to the mapping.
        key: one that isn't there.
        value: of one line.

    Raises:
        ConfigError: the file can't be read, or is written in a way that can't be added to.
    """
    where = ".".join(path)
    written = f"{key}: {value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)}"
    try:
        node: Node | None = YAML(typ="rt", pure=True).compose(text)
        wanted = _with_key(data_of(text), path, key, value)
    except WAYS_TO_FAIL:
        raise ConfigError("not YAML", remedy="mend the file first") from None
    for step in path:
        node = _below(node, step)
    if wanted is not None and isinstance(node, MappingNode):
        for after in _candidates(text, node, written):
            if reads_as(after, wanted):
                return Edit(before=text, after=after)
    raise ConfigError(
        f"`{where}` is written in a way that can't be added to", remedy=f"write it yourself: {written}"
    )


def _with_key(data: Any, path: Sequence[str], key: str, value: str) -> Any:  # noqa: ANN401 -- YAML data
    """The data with the key in them; None if there is no such mapping, or it has the key."""
    if not isinstance(data, dict):
        return None
    if not path:
        return None if key in data else {**data, key: value}
    inner = _with_key(data.get(path[0]), path[1:], key, value)
    return None if inner is None else {**data, path[0]: inner}


def _below(node: Node | None, key: str) -> Node | None:
    pairs: Sequence[tuple[Node, Node]] = node.value if isinstance(node, MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _candidates(text: str, node: MappingNode, written: str) -> Iterator[str]:
    """Texts with the key in them, the best first; whether one is right is seen when it is read."""
    if not node.value:
        return
    first, value = node.value[0]
    if node.flow_style:
        end = value.end_mark.index
        yield f"{text[:end]}, {written}{text[end:]}"
        return
    in_block = isinstance(value, CollectionNode) and not value.flow_style  # these end where the next begins
    after = value.end_mark.line + (value.end_mark.column > 0 and not in_block)
    for line in (after, first.start_mark.line):
        yield _put_in(text, line, " " * first.start_mark.column + written)


def _put_in(text: str, line: int, added: str) -> str:
    """The text with a line behind its first ones, in the way that it ends its lines."""
    lines = text.split("\n")
    end = "\r" if lines[0].endswith("\r") else ""
    if line >= len(lines):  # the last line has no end
        return f"{text}{end}\n{added}"
    return "\n".join([*lines[:line], added + end, *lines[line:]])
