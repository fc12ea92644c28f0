"""A tree in one of the many ways to write it: blanks, comments, escapes, brackets, commas."""

import random
import re
from collections.abc import Mapping
from functools import reduce
from types import MappingProxyType
from typing import assert_never

from policy_engine.cedar.syntax import (
    Binary,
    Call,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    PolicyTree,
    RecordLiteral,
    ScopeClause,
    SetLiteral,
    Unary,
    Value,
    Variable,
)

__all__ = ["Writer", "path_of"]

RESERVED = ("true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar")
FUNCTIONS = ("ip", "decimal", "datetime", "duration", "unknown")
METHODS = ("contains", "containsAll", "containsAny", "getTag", "hasTag")
STRENGTHS: Mapping[str, int] = MappingProxyType({"||": 1, "&&": 2, "+": 4, "-": 4, "*": 5})
RELATION, SUM, SIGN, MEMBER = 3, 4, 6, 7
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "'": "\\'"}
BLANKS = (" ", "\n", "\t", "\r\n", "\u2003", ' // ( " ; \n', "//\r")

Words = list[str]


def path_of(node: Expression) -> tuple[Expression, tuple[str, ...]] | None:
    """The target and the names, if an expression is what `target has a.b` stands for."""
    match node:
        case HasAttribute(target, name):
            return target, (name,)
        case Binary("&&", left, HasAttribute(reached, name)):
            found = path_of(left)
            if found and reached == reduce(GetAttribute, found[1], found[0]):
                return found[0], (*found[1], name)
        case _:
            pass
    return None


class Writer:
    """Makes its choices by a seed.

    Args:
        seed: of its choices.
        paths: whether it may write `has a.b`.

    Attributes:
        comments: those that it has written.
    """

    def __init__(self, seed: int, *, paths: bool = True) -> None:
        self.random = random.Random(seed)
        self.paths = paths
        self.comments: list[str] = []

    def _chance(self, likely: float = 0.3) -> bool:
        return self.random.random() < likely

    def _text(self, words: Words) -> str:
        """Words with blanks between them, where there must be one and where there may be."""
        written = words[0]
        for word in words[1:]:
            needed = written[-1].isidentifier() or written[-1].isdigit()
            needed = needed and (word[0].isidentifier() or word[0].isdigit())
            if needed or self._chance(0.4):
                blank = self.random.choice(BLANKS)
                self.comments += re.findall(r"//[^\r\n]*", blank)
                written += blank
            written += word
        return written

    # --- the policy

    def policy(self, tree: PolicyTree) -> str:
        """One policy, from its first annotation to its `;`."""
        words: Words = []
        for name, value in tree.annotations.items():
            words += ["@", name]
            if value or self._chance():
                words += ["(", self._quoted(value), ")"]
        words += [tree.effect, "("]
        for clause in (tree.principal, tree.action, tree.resource):
            words += [*self._clause(clause), ","]
        if self._chance(0.8):
            words.pop()
        words.append(")")
        for condition in tree.conditions:
            words += [condition.kind, "{", *self.expression(condition.body), "}"]
        return self._text([*words, ";"])

    def _clause(self, clause: ScopeClause) -> Words:
        words: Words = [clause.variable]
        if clause.operator == "all":
            return words
        if clause.type is not None:
            words += ["is", *self._type(clause.type)]
        if clause.operator != "is":
            words += [clause.operator.removeprefix("is "), *self._reference(clause)]
        return words

    def _reference(self, clause: ScopeClause) -> Words:
        if clause.slot is not None:
            return self._bracketed([clause.slot])
        entities = [self._bracketed(self._entity(literal)) for literal in clause.entities]
        single = clause.variable != "action" or clause.operator == "=="
        if single or (len(entities) == 1 and self._chance()):
            return entities[0]
        return self._bracketed(["[", *self._listed(entities), "]"])

    def _bracketed(self, words: Words) -> Words:
        return ["(", *self._bracketed(words), ")"] if self._chance(0.1) else words

    # --- expressions

    def expression(self, node: Expression, least: int = 0) -> Words:
        """An expression, in brackets if it must hold together more strongly than it does."""
        words, strength = self._written(node)
        if strength < least or self._chance(0.1):
            words = ["(", *words, ")"]
        return words

    def _written(self, node: Expression) -> tuple[Words, int]:  # noqa: C901, PLR0912 -- one short case a node
        path = path_of(node)
        if path and (self.paths or len(path[1]) == 1) and (len(path[1]) == 1 or all(map(bare, path[1]))):
            return self._has(*path), RELATION
        match node:
            case Value(value):
                return self._value(value)
            case EntityLiteral():
                return self._entity(node), MEMBER
            case Variable(name):
                return [name], MEMBER
            case SetLiteral(items):
                return ["[", *self._items(items), "]"], MEMBER
            case RecordLiteral(fields):
                pairs = [[self._key(name), ":", *self.expression(value)] for name, value in fields]
                return ["{", *self._listed(pairs), "}"], MEMBER
            case Unary():
                return self._unary(node), SIGN
            case Binary():
                return self._binary(node)
            case If(condition, then, otherwise):
                words = ["if", *self.expression(condition), "then", *self.expression(then)]
                return [*words, "else", *self.expression(otherwise)], 0
            case GetAttribute(target, name):
                step = [".", name] if bare(name) and self._chance(0.7) else ["[", self._quoted(name), "]"]
                return [*self.expression(target, MEMBER), *step], MEMBER
            case Like(target, pattern):
                return [*self.expression(target, SUM), "like", self._pattern(pattern)], RELATION
            case IsType(target, kind, ancestor):
                within = [] if ancestor is None else ["in", *self.expression(ancestor, SUM)]
                return [*self.expression(target, SUM), "is", *self._type(kind), *within], RELATION
            case Call(function, arguments):
                if function in FUNCTIONS:
                    return [function, "(", *self._items(arguments), ")"], MEMBER
                receiver = self.expression(arguments[0], MEMBER)
                return [*receiver, ".", function, "(", *self._items(arguments[1:]), ")"], MEMBER
            case HasAttribute():
                raise AssertionError
            case _:
                assert_never(node)

    def _has(self, target: Expression, names: tuple[str, ...]) -> Words:
        words = [*self.expression(target, SUM), "has"]
        if len(names) == 1:
            return [*words, self._key(names[0])]
        return [*words, *" . ".join(names).split(" ")]

    def _value(self, value: bool | int | str) -> tuple[Words, int]:  # noqa: FBT001 -- a literal
        if isinstance(value, bool):
            return ["true" if value else "false"], MEMBER
        if isinstance(value, str):
            return [self._quoted(value)], MEMBER
        digits = self.random.choice(["", "", "0", "00"]) + str(abs(value))
        return (["-", digits], SIGN) if value < 0 else ([digits], MEMBER)

    def _unary(self, node: Unary) -> Words:
        sign = "!" if node.operator == "!" else "-"
        words, strength = self._written(node.operand)
        signs = next((index for index, word in enumerate(words) if word != sign), 0)
        chained = strength == SIGN and 0 < signs < 4
        number = sign == "-" and len(words) == 1 and words[0].isdigit()
        if number or not (chained or strength == MEMBER) or self._chance(0.1):
            words = ["(", *words, ")"]
        return [sign, *words]

    def _binary(self, node: Binary) -> tuple[Words, int]:
        if node.operator in METHODS:
            target = self.expression(node.left, MEMBER)
            return [*target, ".", node.operator, "(", *self._items((node.right,)), ")"], MEMBER
        strength = STRENGTHS.get(node.operator, RELATION)
        left = self.expression(node.left, SUM if strength == RELATION else strength)
        return [*left, node.operator, *self.expression(node.right, strength + 1)], strength

    # --- small parts

    def _items(self, nodes: tuple[Expression, ...]) -> Words:
        return self._listed([self.expression(node) for node in nodes])

    def _listed(self, parts: list[Words]) -> Words:
        words = [word for part in parts for word in (*part, ",")]
        return words if self._chance() else words[:-1]

    def _type(self, name: str) -> Words:
        return " :: ".join(name.split("::")).split(" ")

    def _entity(self, literal: EntityLiteral) -> Words:
        return [*self._type(literal.uid.type), "::", self._quoted(literal.uid.id)]

    def _key(self, name: str) -> str:
        return name if bare(name) and self._chance(0.7) else self._quoted(name)

    def _quoted(self, text: str) -> str:
        return f'"{"".join(map(self._character, text))}"'

    def _pattern(self, pattern: tuple[str | None, ...]) -> str:
        pieces = []
        for piece in pattern:
            if piece is None:
                pieces.append(self.random.choice(["*", "*", "\\x2a", "\\u{2A}"]))
            else:
                pieces += ["\\*" if char == "*" else self._character(char) for char in piece]
        return f'"{"".join(pieces)}"'

    def _character(self, char: str) -> str:
        if self._chance(0.1):
            return f"\\u{{{ord(char):x}{self.random.choice(['', '_'])}}}"
        if self._chance(0.1) and ord(char) < 128:
            return f"\\x{ord(char):02X}"
        if char in '"\\\r' or (char in ESCAPES and self._chance()):
            return ESCAPES[char]
        return char


def bare(name: str) -> bool:
    """Whether a name can stand without quotes."""
    return re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) is not None and name not in RESERVED
