"""Smart constructors: terms of which whatever is already certain is folded away.

Most of what policies ask is decided here, without a solver: an attribute that the schema lacks, a type that a
request can't have, an error that a guard before it rules out.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from policy_engine.cedar import Like, PartialRequest, Value, fold_expression
from policy_engine.review.symbolic.connectives import conjunction, disjunction
from policy_engine.review.symbolic.terms import (
    FALSE,
    TRUE,
    Constant,
    Operator,
    Pattern,
    Sort,
    Term,
    term,
)

__all__ = [
    "add",
    "apply",
    "at_most",
    "choose",
    "conjunction",
    "constant",
    "disjunction",
    "divide",
    "equal",
    "intersects",
    "less",
    "like",
    "make_set",
    "matches",
    "member",
    "modulo",
    "multiply",
    "subset",
    "variable",
]

_SORTS = {bool: Sort.BOOL, int: Sort.INT, str: Sort.STRING}
_ANY = PartialRequest()
_IS_CONSTANT = Operator.CONSTANT


def constant(value: Constant) -> Term:
    """A truth value, a whole number or a text."""
    if value is True:
        return TRUE
    if value is False:
        return FALSE
    return term(Operator.CONSTANT, _SORTS[type(value)], value=value)


def variable(sort: Sort, *name: str) -> Term:
    """A value that the request is free to choose."""
    return term(Operator.VARIABLE, sort, name=name)


def apply(sort: Sort, name: tuple[str, ...], *arguments: Term) -> Term:
    """A function that the world is free to choose, of some arguments."""
    return term(Operator.APPLY, sort, *arguments, name=name)


def equal(one: Term, other: Term) -> Term:
    """Whether two terms of one sort are the same."""
    if one is other:
        return TRUE
    if one.sort is Sort.BOOL:
        return _same_truth(one, other)
    if _fixed(one) and _fixed(other):
        # Equal ones are one object, and sets have their constants in order.
        return FALSE
    if _fixed(one) or (not _fixed(other) and _order(other) < _order(one)):
        one, other = other, one
    if one.operator is Operator.IF and (_fixed(one.arguments[1]) or _fixed(one.arguments[2])):
        return _through(one, other, _equal_plain)
    if one.operator is Operator.SET and other.operator is Operator.SET and not other.arguments:
        return FALSE  # since the first has elements
    return term(Operator.EQUAL, Sort.BOOL, one, other)


def choose(condition: Term, then: Term, otherwise: Term) -> Term:
    """The one where a condition holds, else the other."""
    if condition is TRUE or then is otherwise:
        return then
    if condition is FALSE:
        return otherwise
    if then.sort is Sort.BOOL:
        return disjunction(conjunction(condition, then), conjunction(~condition, otherwise))
    if condition.operator is Operator.NOT:
        return term(Operator.IF, then.sort, ~condition, otherwise, then)
    return term(Operator.IF, then.sort, condition, then, otherwise)


def less(one: Term, other: Term) -> Term:
    """Whether one number is below another."""
    if one is other:
        return FALSE
    if one.operator is _IS_CONSTANT and other.operator is _IS_CONSTANT:
        return constant(_number(one) < _number(other))
    return term(Operator.LESS, Sort.BOOL, one, other)


def at_most(one: Term, other: Term) -> Term:
    """Whether one number isn't above another; said by `less`, so that the two meet."""
    return ~less(other, one)


def add(*terms: Term) -> Term:
    """A sum."""
    known, rest = 0, []
    for part in _flat(Operator.ADD, terms):
        if part.operator is _IS_CONSTANT:
            known += _number(part)
        else:
            rest.append(part)
    if known or not rest:
        rest.append(constant(known))
    return rest[0] if len(rest) == 1 else term(Operator.ADD, Sort.INT, *rest)


def multiply(one: Term, other: Term) -> Term:
    """A product."""
    if one.operator is _IS_CONSTANT:
        one, other = other, one
    if other.operator is _IS_CONSTANT:
        factor = _number(other)
        if one.operator is _IS_CONSTANT:
            return constant(_number(one) * factor)
        if factor == 0:
            return other
        if factor == 1:
            return one
    return term(Operator.MULTIPLY, Sort.INT, one, other)


def modulo(one: Term, divisor: int) -> Term:
    """What is left of a number after dividing it by a positive one; never negative."""
    if one.operator is _IS_CONSTANT:
        return constant(_number(one) % divisor)
    return term(Operator.MODULO, Sort.INT, one, constant(divisor))


def divide(one: Term, divisor: int) -> Term:
    """How often a positive number goes into another, rounded down."""
    if one.operator is _IS_CONSTANT:
        return constant(_number(one) // divisor)
    return one if divisor == 1 else term(Operator.DIVIDE, Sort.INT, one, constant(divisor))


def like(text: Term, pattern: Pattern) -> Term:
    """Whether a text is of a pattern: texts, and None for `*`."""
    pieces: list[str | None] = []
    for piece in pattern:
        if piece is None and pieces and pieces[-1] is None:
            continue
        if piece is not None and pieces and pieces[-1] is not None:
            pieces[-1] += piece
        elif piece != "":
            pieces.append(piece)
    if pieces == [None]:
        return TRUE
    if None not in pieces:
        return equal(text, constant(pieces[0] if pieces and pieces[0] else ""))

    def is_like(one: Term, _: Term) -> Term:
        if isinstance(one.value, str):
            return constant(matches(pieces, one.value))
        return term(Operator.LIKE, Sort.BOOL, one, value=tuple(pieces))

    return _through(text, text, is_like)


def matches(pattern: Iterable[str | None], text: str) -> bool:
    """Whether a text that is known is of a pattern, by the fold's own rule."""
    return fold_expression(Like(Value(text), tuple(pattern)), _ANY).holds is True


def make_set(sort: Sort, *items: Term) -> Term:
    """The set of some terms; constants come first, in their order."""
    once = dict.fromkeys(items)
    known = sorted((item for item in once if item.operator is _IS_CONSTANT), key=_value)
    return term(Operator.SET, sort, *known, *(item for item in once if item.operator is not _IS_CONSTANT))


def member(item: Term, of: Term) -> Term:
    """Whether something is in a set."""
    if of.operator is Operator.SET:
        return disjunction(*(equal(item, other) for other in of.arguments))
    if of.operator is Operator.IF:
        return _through(of, item, _has)
    return term(Operator.MEMBER, Sort.BOOL, item, of)


def subset(one: Term, other: Term) -> Term:
    """Whether everything in one set is in another, too."""
    if one is other:
        return TRUE
    if one.operator is Operator.SET:
        return conjunction(*(member(item, other) for item in one.arguments))
    if other.operator is Operator.SET and not other.arguments:
        return equal(one, other)
    return term(Operator.SUBSET, Sort.BOOL, one, other)


def intersects(one: Term, other: Term) -> Term:
    """Whether something is in both of two sets."""
    if one.operator is Operator.SET:
        return disjunction(*(member(item, other) for item in one.arguments))
    if other.operator is Operator.SET:
        return disjunction(*(member(item, one) for item in other.arguments))
    if one is other:
        return ~equal(one, make_set(one.sort))
    if _order(other) < _order(one):
        one, other = other, one
    return term(Operator.INTERSECTS, Sort.BOOL, one, other)


def _through(chosen: Term, other: Term, ask: Callable[[Term, Term], Term]) -> Term:
    """Ask of each choice what is asked of the one that is chosen; a chain of them may be of any length."""
    passed: list[tuple[Term, Term]] = []
    while chosen.operator is Operator.IF:
        condition, then, chosen = chosen.arguments
        passed.append((condition, then))
    found = ask(chosen, other)
    answers = [(condition, ask(then, other)) for condition, then in reversed(passed)]
    for answer, run in groupby(answers, key=itemgetter(1)):
        conditions = [condition for condition, _ in run]
        # Choices that come to the same answer one after another are one choice.
        found = choose(disjunction(*conditions), answer, found)
    return found


def _equal_plain(one: Term, other: Term) -> Term:
    # Choices within a choice stay as they are: they nest as deep as policies do.
    return term(Operator.EQUAL, Sort.BOOL, one, other) if one.operator is Operator.IF else equal(one, other)


def _has(of: Term, item: Term) -> Term:
    return term(Operator.MEMBER, Sort.BOOL, item, of) if of.operator is Operator.IF else member(item, of)


def _same_truth(one: Term, other: Term) -> Term:
    if one.operator is _IS_CONSTANT:
        one, other = other, one
    if other is TRUE:
        return one
    if other is FALSE:
        return ~one
    if one is ~other:
        return FALSE
    if _order(other) < _order(one):
        one, other = other, one
    return term(Operator.EQUAL, Sort.BOOL, one, other)


def _fixed(part: Term) -> bool:
    if part.operator is Operator.SET:
        return all(item.operator is _IS_CONSTANT for item in part.arguments)
    return part.operator is _IS_CONSTANT


def _order(part: Term) -> tuple[str, tuple[str, ...], str]:
    """By which the two sides of what has no sides are told apart, the same in every run."""
    return part.operator.value, part.name or (), repr(part.value)


def _flat(operator: Operator, terms: Iterable[Term]) -> Iterator[Term]:
    for part in terms:
        if part.operator is operator:
            yield from part.arguments
        else:
            yield part


def _number(known: Term) -> int:
    if not isinstance(known.value, int):
        raise TypeError("not a number")
    return known.value


def _value(known: Term) -> int | str:
    if not isinstance(known.value, int | str):
        raise TypeError("neither a number nor a text")
    return known.value
