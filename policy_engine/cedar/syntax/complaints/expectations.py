"""What the grammar would take next, in the words of an author."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from lark import Token

from policy_engine.cedar.syntax.complaints.whereabouts import Whereabouts

__all__ = ["NAMES", "expected"]

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "COMMA": ",",
        "RPAR": ")",
        "RSQB": "]",
        "RBRACE": "}",
        "THEN": "then",
        "ELSE": "else",
        "PERMIT": "permit",
        "FORBID": "forbid",
        "WHEN": "when",
        "UNLESS": "unless",
        "SEMICOLON": ";",
        "PRINCIPAL": "principal",
        "ACTION": "action",
        "RESOURCE": "resource",
        "EQUAL": "==",
        "IN": "in",
        "IS": "is",
        "_AND": "&&",
        "_OR": "||",
        "_PATH": "::",
        "COLON": ":",
        "LPAR": "(",
        "LBRACE": "{",
    }
)
"""Terminals that are one word, in the order in which they are offered."""

NAMES = frozenset(
    ["IDENTIFIER", "PRINCIPAL", "ACTION", "RESOURCE", "CONTEXT", "PERMIT", "FORBID", "WHEN", "UNLESS"]
)
_RESERVED = frozenset(["TRUE", "FALSE", "IF", "THEN", "ELSE", "IN", "IS", "LIKE", "HAS", "CEDAR"])
_BEGINNINGS = NAMES | frozenset(
    ["TRUE", "FALSE", "IF", "INTEGER", "STRING", "SLOT", "LPAR", "LSQB", "LBRACE", "NOT", "MINUS"]
)
_OPERATORS = frozenset(
    ["_AND", "_OR", "EQUAL", "COMPARISON", "IN", "IS", "LIKE", "HAS", "PLUS", "MINUS", "STAR", "DOT", "LSQB"]
)
_AFTER_COMPARISON = frozenset(["PLUS", "MINUS", "STAR", "DOT", "LSQB"])


def expected(accepted: Collection[str], read: Sequence[Token], place: Whereabouts) -> str:
    """The words that could stand there.

    Args:
        accepted: terminals of the grammar.
        read: the words before.
        place: where that is.
    """
    rest = set(accepted)
    if len(rest) > 1:
        rest.discard("_PATH")  # a type's name may always go on
    phrases = []
    if "INTEGER" in rest:
        rest -= _BEGINNINGS
        phrases.append("an expression")
    elif "IDENTIFIER" in rest:
        phrases.append(_name(read, place))
        rest -= NAMES | _RESERVED | {"SLOT", "LPAR", "LSQB"}
    if "COMPARISON" in rest:
        rest -= _OPERATORS | {"LPAR"}
        phrases.append("an operator")
    elif "_AND" in rest:
        rest -= _AFTER_COMPARISON
    if "STRING" in rest:
        phrases.append("a text in quotes")
    if "$END" in rest:
        phrases.append("the end of the policy")
    words = [f"`{word}`" for terminal, word in _WORDS.items() if terminal in rest]
    *most, last = [*words, *phrases]
    return f"{', '.join(most)} or {last}" if most else last


def _name(read: Sequence[Token], place: Whereabouts) -> str:
    last = read[-1].type
    if last == "IS":
        return "a type"
    return "an entity" if place.part == "head" and last != "_PATH" else "a name"
