"""Formulas, each made once: equal terms are the same object, so that comparing and counting them is cheap.

A term isn't made by its class but by the functions of `simplify`, which fold what is already certain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakValueDictionary

__all__ = ["FALSE", "TRUE", "Constant", "Name", "Operator", "Sort", "Term", "leaves", "term"]


class Sort(StrEnum):
    """What a term stands for. Whole numbers have no bounds; the encoding states those of Cedar."""

    BOOL = "Bool"
    INT = "Int"
    STRING = "String"
    INTS = "(Set Int)"
    STRINGS = "(Set String)"


class Operator(StrEnum):
    """What a term says of its arguments."""

    CONSTANT = "constant"
    VARIABLE = "variable"
    """A value that the request is free to choose; has a name."""
    APPLY = "apply"
    """A function that the world is free to choose; has a name, and arguments."""
    NOT = "not"
    AND = "and"
    OR = "or"
    EQUAL = "="
    """Of two terms of one sort."""
    IF = "ite"
    LESS = "<"
    AT_MOST = "<="
    ADD = "+"
    MULTIPLY = "*"
    MODULO = "mod"
    """By a positive constant; the result is never negative (SMT-LIB, theory of integers)."""
    DIVIDE = "div"
    """By a positive constant, rounding down (the same)."""
    LIKE = "like"
    """Of a string; the pattern is the value: texts and None for `*`."""
    SET = "set"
    """The set of its arguments; without any, the empty set of its sort."""
    MEMBER = "member"
    """Of an element and a set."""
    SUBSET = "subset"
    INTERSECTS = "intersects"


Name = tuple[str, ...]
"""What a variable or function stands for, such as `("context", "token", "scopes")`; see `world`."""

Constant = bool | int | str
Pattern = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Term:
    """A formula, or a part of one.

    Attributes:
        operator: what it says.
        sort: what it stands for.
        arguments: of what it says it.
        name: of a variable or function.
        value: of a constant; of `LIKE`, the pattern.
    """

    operator: Operator
    sort: Sort
    arguments: tuple["Term", ...] = ()
    name: Name | None = None
    value: Constant | Pattern | None = None

    def __invert__(self) -> "Term":
        """Its negation, simplified."""
        if self is TRUE:
            return FALSE
        if self is FALSE:
            return TRUE
        return self.arguments[0] if self.operator is Operator.NOT else term(Operator.NOT, Sort.BOOL, self)


_MADE: WeakValueDictionary[tuple[object, ...], Term] = WeakValueDictionary()


def term(
    operator: Operator,
    sort: Sort,
    *arguments: Term,
    name: Name | None = None,
    value: Constant | Pattern | None = None,
) -> Term:
    """The one term of this shape; nothing is simplified."""
    # To Python, 1 == True; and terms are compared by what they are, not by what they say.
    key = (operator, sort, tuple(map(id, arguments)), name, type(value), value)
    found = _MADE.get(key)
    if found is None:
        found = Term(operator, sort, arguments, name, value)
        _MADE[key] = found
    return found


TRUE = term(Operator.CONSTANT, Sort.BOOL, value=True)
FALSE = term(Operator.CONSTANT, Sort.BOOL, value=False)


def leaves(*roots: Term) -> Iterator[Term]:
    """Every variable and application within, each once, arguments before what is applied to them."""
    seen: set[int] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        item, finished = stack.pop()
        if finished:
            if item.operator in (Operator.VARIABLE, Operator.APPLY):
                yield item
        elif id(item) not in seen:
            seen.add(id(item))
            stack.append((item, True))
            stack.extend((argument, False) for argument in reversed(item.arguments))
