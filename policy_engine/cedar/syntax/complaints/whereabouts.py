"""In which part of a policy one is, after some of its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lark import Token

from policy_engine.cedar.syntax.complaints.brackets import open_brackets

__all__ = ["Whereabouts", "whereabouts"]

_CLAUSES = ("principal", "action", "resource")
_OPENING = frozenset(["LPAR", "LSQB", "LBRACE"])
_CLOSING = frozenset(["RPAR", "RSQB", "RBRACE"])
_UNFINISHED = _OPENING | {"AT", "COMMA", "EQUAL", "IN", "IS", "_PATH"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """A place between two words of a policy.

    Attributes:
        part: annotations (the effect included), head, or conditions.
        clause: in the head, which of the three it is in.
        depth: how many brackets are open.
        after: what it is after, in words; nothing at the very beginning.
    """

    part: Literal["annotations", "head", "conditions"]
    clause: str = ""
    depth: int = 0
    after: str = ""


def whereabouts(read: Sequence[Token]) -> Whereabouts:
    """Where one is after these words, which make sense."""
    if not read:
        return Whereabouts(part="annotations")
    last = read[-1]
    word = f"`{last}`"
    effect = _effect(read)
    if len(read) <= effect + 1:
        whole = len(read) == effect and last.type not in _UNFINISHED
        return Whereabouts(part="annotations", after="the annotation" if whole else word)
    still_open = open_brackets(read[effect:])
    if still_open and still_open[0] is read[effect + 1]:
        commas = _commas(read[effect + 2 :])
        clause = _CLAUSES[min(commas, len(_CLAUSES) - 1)]
        whole = len(still_open) == 1 and last.type not in _UNFINISHED
        return Whereabouts(
            part="head", clause=clause, depth=len(still_open), after=f"the {clause}" if whole else word
        )
    if not still_open:
        word = "the head" if last.type == "RPAR" else "the condition" if last.type == "RBRACE" else word
    return Whereabouts(part="conditions", after=word)


def _commas(head: Sequence[Token]) -> int:
    """How many commas are the head's own, and not those of a list in it."""
    depth = found = 0
    for word in head:
        depth += (word.type in _OPENING) - (word.type in _CLOSING)
        found += word.type == "COMMA" and depth == 0
    return found


def _effect(read: Sequence[Token]) -> int:
    """Where `permit` or `forbid` stands, or would stand."""
    index = 0
    while index < len(read) and read[index].type == "AT":
        index += 2
        if index < len(read) and read[index].type == "LPAR":
            index += 3
    return min(index, len(read))
