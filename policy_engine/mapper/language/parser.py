"""Rule text to syntax tree, everything checked that can be checked without a token.

Unknown flags, unknown names, operators on values that they don't take and patterns that match anything are
all told here, with line and column, so that a rule which loads can't fail when a token comes.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from policy_engine.errors import ConfigError
from policy_engine.mapper.language.claim_path import ClaimPath, Root
from policy_engine.mapper.language.claim_types import STANDARD_TYPES, ClaimType
from policy_engine.mapper.language.operators import OPERATORS, Shape, shape_of
from policy_engine.mapper.language.patterns import Pattern
from policy_engine.mapper.language.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    FlagType,
    Id,
    Join,
    Named,
    Not,
    Presence,
    Read,
    Registered,
    Setting,
    Switch,
    Term,
    Test,
    Text,
    Texts,
    Truth,
)

__all__ = ["Vocabulary", "parse_rule"]

_MAX_LENGTH = 4000
_MAX_DEPTH = 40

Node = Tree[Token]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What the rules of one profile may speak of.

    Attributes:
        types: types of claims that aren't strings.
        flags: flags by name.
        names: what `define:` has defined so far.
        decoded: paths to what decoders find, less their root.
    """

    types: Mapping[ClaimPath, ClaimType] = field(default_factory=lambda: MappingProxyType({}))
    flags: Mapping[str, FlagType] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, Test] = field(default_factory=lambda: MappingProxyType({}))
    decoded: Collection[tuple[str, ...]] = ()

    def read(self, path: ClaimPath) -> Read:
        """A claim with its type: the profile's, else the standard's, else `string`."""
        standard = (
            STANDARD_TYPES.get(path.names[0]) if len(path.names) == 1 and path.root is Root.CLAIMS else None
        )
        return Read(path, self.types.get(path, standard or ClaimType.STRING))

    def has(self, path: ClaimPath) -> bool:
        """Whether there may be something at a path: what nobody decodes is a slip of the pen."""
        return path.root is not Root.DECODED or path.names in self.decoded


def parse_rule(text: str, vocabulary: Vocabulary) -> Test:
    """Parse and check one rule.

    Raises:
        ConfigError: it isn't one; line and column count from the start of the text.
    """
    if len(text) > _MAX_LENGTH:
        raise ConfigError(f"a rule is longer than {_MAX_LENGTH} characters", remedy="name its parts", line=1)
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _unexpected(error, text) from None
    if _is_deeper(tree, _MAX_DEPTH):
        raise ConfigError(f"a rule nests deeper than {_MAX_DEPTH} levels", remedy="name its parts", line=1)
    return _Builder(vocabulary).test(tree)


@cache
def _grammar() -> Lark:
    text = files("policy_engine.mapper.language").joinpath("language.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="basic", propagate_positions=True)


def _unexpected(error: UnexpectedInput, text: str) -> ConfigError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        lines = text.rstrip().split("\n")
        return ConfigError("a rule ends too early", line=len(lines), column=len(lines[-1]) + 1)
    return ConfigError("a rule can't be read from here on", line=error.line, column=error.column)


def _is_deeper(tree: Node, levels: int) -> bool:
    level = [tree]
    while level and levels >= 0:
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
        levels -= 1
    return bool(level)


class _Builder:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def test(self, node: Node) -> Test:
        children = node.children
        match node.data:
            case "any_of":
                return AnyOf(tuple(self.test(child) for child in _trees(node)))
            case "all_of":
                return AllOf(tuple(self.test(child) for child in _trees(node)))
            case "not_":
                return Not(self.test(_trees(node)[0]))
            case "presence":
                return self.presence(node)
            case "registered":
                return Registered(str(children[0]), _text(children[1]) if children[1:] else None)
            case "switch":
                return self.switch(node)
            case "named":
                return self.named(node)
            case _:
                return self.comparison(node)

    def comparison(self, node: Node) -> Comparison:
        left_node, operator, right_node = node.children
        left, right = self.term(left_node), self.term(right_node)
        if operator == "matches" and isinstance(right, Text):
            try:
                right = Pattern.parse(right.value)
            except ValueError as error:
                raise _fault(right_node, str(error)) from None
        shapes = (shape_of(left), shape_of(right))
        if shapes not in OPERATORS[str(operator)].shapes:
            raise _fault(
                node,
                f"`{operator}` doesn't go between {shapes[0].value} and {shapes[1].value}",
                "say a claim's type under `types:`",
            )
        return Comparison(left, str(operator), right)

    def presence(self, node: Node) -> Presence:
        word, path = node.children
        read = self.read(path)
        if word == "nonempty" and shape_of(read) not in (Shape.TEXT, Shape.TEXTS):
            raise _fault(node, "`nonempty` asks it of a text or a list of texts", "say the claim's type")
        return Presence(str(word), read)

    def switch(self, node: Node) -> Switch:
        if self.flag(node) is not FlagType.BOOLEAN:
            raise _fault(node, "a flag that stands alone must be a boolean", "compare it with a claim")
        return Switch(str(node.children[0]))

    def named(self, node: Node) -> Named:
        name = str(node.children[0])
        if name not in self.vocabulary.names:
            raise _fault(node, f"no rule named `{name}` is defined above", "write it under `define:`")
        return Named(name, self.vocabulary.names[name])

    def term(self, node: "Node | Token") -> Term:
        assert isinstance(node, Tree)  # noqa: S101 -- the grammar puts only trees here; this tells mypy
        children = node.children
        match node.data:
            case "text":
                return Text(_text(children[0]))
            case "texts":
                return Texts(tuple(_text(child) for child in children))
            case "truth":
                return Truth(children[0] == "true")
            case "id":
                return Id(str(children[0]))
            case "setting":
                return self.setting(node)
            case "term":
                return self.join(node)
            case _:
                return self.read(node)

    def join(self, node: Node) -> Join:
        pieces = tuple(self.term(child) for child in node.children)
        if any(shape_of(piece) is not Shape.TEXT for piece in pieces):
            raise _fault(node, "`+` joins texts alone")
        return Join(pieces)

    def setting(self, node: Node) -> Setting:
        flag = self.flag(node)
        if flag is FlagType.BOOLEAN:
            raise _fault(node, "a boolean flag stands alone; it has no value to compare")
        return Setting(str(node.children[0]), many=flag is FlagType.TEXTS)

    def flag(self, node: Node) -> FlagType:
        name = str(node.children[0])
        if name not in self.vocabulary.flags:
            raise _fault(node, f"no flag is named `{name}`", "declare it under `flags:`")
        return self.vocabulary.flags[name]

    def read(self, node: "Node | Token") -> Read:
        assert isinstance(node, Tree)  # noqa: S101 -- as above
        if node.data == "claim":
            return self.vocabulary.read(ClaimPath(tuple(_text(child) for child in node.children)))
        path = ClaimPath.parse(str(node.children[0]))
        if not self.vocabulary.has(path):
            raise _fault(node, f"`{path}` names nothing that is decoded", "name a field under `decode:`")
        return self.vocabulary.read(path)


def _trees(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _text(token: "Node | Token") -> str:
    text = re.sub(r"\\(.)", r"\1", str(token)[1:-1])
    if not text.isprintable():
        raise ConfigError(
            "a text in a rule holds a character that can't be seen",
            line=getattr(token, "line", None),
            column=getattr(token, "column", None),
        )
    return text


def _fault(node: "Node | Token", problem: str, remedy: str = "") -> ConfigError:
    at = node.meta if isinstance(node, Tree) else node
    return ConfigError(problem, remedy=remedy, line=at.line, column=at.column)
