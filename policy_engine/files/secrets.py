"""Where in a YAML text a secret may stand: what is written there is repeated in no message.

Told by names and forms alone, and rather too often: whoever makes a mistake beside a secret has the line
before him anyway, while what is printed ends in the logs of a build.
"""

import difflib
import re
from collections.abc import Iterator
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from policy_engine.files.reading_back import WAYS_TO_FAIL

__all__ = [
    "ONLY_VARIABLES",
    "holds_user",
    "is_secret_key",
    "is_secret_place",
    "secret_lines",
    "without_quotes",
    "without_users",
]

ONLY_VARIABLES: Final = frozenset({("introspection", "client_secret")})
"""Ends of paths where a whole `${NAME}` is written, and nothing else."""

_WORDS: Final = re.compile(
    r"secret|pass(?:word|wd|phrase)|token|credential|jwk|private|api_?key|development_key",
    re.IGNORECASE,
)
_NEAR: Final = ("introspection", "client_secret", "development_key", "password")
_ALIKE: Final = 0.75

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Of a JWK (RFC 7518 section 6)."""

_USER: Final = re.compile(r"://[^/?#\s\"'`]*@")
_PERHAPS_USER: Final = re.compile(r"://[^\s\"'`]*@")
"""A password that isn't encoded may hold what ends the authority."""

_PERHAPS_KEY: Final = re.compile(r"\b(?:d|p|q|dp|dq|qi|oth|k)\b[\"']?\s*:|introspection", re.IGNORECASE)
"""What more speaks of secrets in a text that can't be read."""

_QUOTED: Final = re.compile(r"(['\"])((?:\\.|(?!\1).)*)\1")


def is_secret_key(key: object) -> bool:
    """Whether a key, perhaps misspelt, names something secret, or something that holds it."""
    if not isinstance(key, str):
        return False
    near = difflib.get_close_matches(key.lower()[:40], _NEAR, n=1, cutoff=_ALIKE)
    return bool(_WORDS.search(key) or key in _PRIVATE_MEMBERS or near)


def is_secret_place(path: tuple[str | int, ...]) -> bool:
    """Whether a part, or one around it, has such a key."""
    return any(is_secret_key(part) for part in path)


def holds_user(text: str) -> bool:
    """Whether a URI names a user, and perhaps a password."""
    return _USER.search(text) is not None


def without_users(text: str) -> str:
    """A text without the users and passwords of the URIs in it."""
    return _PERHAPS_USER.sub("://…@", text)


def without_quotes(text: str) -> str:
    """What a parser says, without what it quotes: a password with a `*` before it is an alias to it."""
    return _QUOTED.sub(lambda found: found[0] if _is_sign(found[2]) else "'…'", text)


def secret_lines(text: str) -> frozenset[int]:
    """Numbers of the lines, from 1, in which something secret may stand.

    In a text that can't be read nobody knows what belongs to what: one place is enough, and all are meant.
    """
    lines = text.split("\n")
    told = {number for number, line in enumerate(lines, start=1) if _may_be_secret(line)}
    try:
        root = YAML(typ="rt", pure=True).compose(text)
        return frozenset(told.union(*_spans(root)))
    except WAYS_TO_FAIL:
        any_key = any(_PERHAPS_KEY.search(line) for line in lines)
        return frozenset(range(1, len(lines) + 1)) if told or any_key else frozenset()


def _is_sign(quoted: str) -> bool:
    """Whether it is punctuation, or a name that the parser gives to its own things."""
    return len(quoted) <= 1 or quoted.startswith("<")


def _may_be_secret(line: str) -> bool:
    return bool(_WORDS.search(line) or _PERHAPS_USER.search(line))


def _spans(root: Node | None) -> Iterator[range]:
    """The lines of every part that has such a key, and of every URI with a user."""
    for node in _nodes(root):
        if isinstance(node, MappingNode):
            for key, value in node.value:
                if is_secret_key(key.value) and not _is_reference(key, value):
                    spans = [_span(each) for each in (key, *_nodes(value))]
                    yield from spans  # an alias is written elsewhere
                    yield range(spans[0].start, max(span.stop for span in spans))
        elif isinstance(node, ScalarNode) and _PERHAPS_USER.search(node.value):
            yield _span(node)


def _nodes(root: Node | None) -> Iterator[Node]:
    """A node and all below it, each once."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, MappingNode):
            waiting += [each for pair in node.value for each in pair]
        elif isinstance(node, SequenceNode):
            waiting += node.value


def _span(node: Node) -> range:
    """The lines of a node, from 1; of a block its first one, since the rest is that of its parts."""
    first, last = node.start_mark.line, node.end_mark.line
    if isinstance(node, CollectionNode) and not node.flow_style:
        last = first
    elif last > first and node.end_mark.column == 0:
        last -= 1  # for the parser a text in several lines ends where the next part begins
    return range(first + 1, last + 2)


def _is_reference(key: Node, value: Node) -> bool:
    """Whether it is a server that names an issuer, which is asked in its place."""
    return key.value == "introspection" and isinstance(value, ScalarNode)
