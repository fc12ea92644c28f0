"""The twin of a person: a machine that a token of the same words would make.

A machine's token of an authorization server that writes `sub = client_id` looks like a person's. Its twin is
the `Client` that has everything of the `User` that both can have: the id, the issuer, attributes of one name
and type, all tags, groups and roles of the same names. Policies keep machines and people apart if, and only
if, they can tell the two from each other.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from policy_engine.evaluator import Vocabulary
from policy_engine.review.symbolic import (
    FALSE,
    Name,
    Operator,
    Sort,
    Term,
    add,
    apply,
    choose,
    conjunction,
    disjunction,
    divide,
    equal,
    intersects,
    leaves,
    less,
    like,
    make_set,
    member,
    modulo,
    multiply,
    subset,
    variable,
)

__all__ = ["PRINCIPAL", "Mirror", "nobody", "strangers"]

PRINCIPAL = variable(Sort.INT, "principal")
"""Who asks."""

_SAME: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("attr", "client_id"): ("attr", "subject"),
        ("attr?", "client_id"): ("attr?", "subject"),
        ("ancestors", "ClientGroup"): ("ancestors", "Group"),
        ("ancestors", "ClientRole"): ("ancestors", "Role"),
    }
)
"""What a machine has, and what a person has in its place."""


class Mirror:
    """Says of a machine what is true of the person whose twin it is.

    Args:
        vocabulary: which attributes people and machines have.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        people, machines = (vocabulary.entity_types[name].fields for name in ("User", "Client"))
        self._shared = frozenset(
            name for name, field in machines.items() if name in people and people[name].type == field.type
        )
        self._kept: dict[Term, Term] = {}

    def of(self, formula: Term) -> Term:
        """A formula about a machine, about the person whose twin it is; what only machines have stays."""
        stack = [formula]
        while stack:
            item = stack[-1]
            if item in self._kept:
                stack.pop()
                continue
            missing = [argument for argument in item.arguments if argument not in self._kept]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            self._kept[item] = self._made(item)
        return self._kept[formula]

    def alike(self, *formulas: Term) -> Term:
        """That whatever these say of a machine is what is true of the person whose twin it is."""
        pairs = ((leaf, self._made(leaf)) for leaf in leaves(*formulas))
        return conjunction(*(equal(leaf, other) for leaf, other in pairs if leaf is not other))

    def _made(self, item: Term) -> Term:
        arguments = tuple(self._kept.get(argument, argument) for argument in item.arguments)
        if item.operator is Operator.APPLY:
            name = item.name or ()
            if arguments and arguments[0] is PRINCIPAL:
                name = self._name(name)
            return apply(item.sort, name, *arguments)
        if arguments == item.arguments:
            return item
        return _BUILD[item.operator](item, arguments)

    def _name(self, name: Name) -> Name:
        match name:
            case (("hastag" | "tag" | "exists") as what, "Client"):
                return (what, "User")
            case (("attr" | "attr?" | "ancestors") as what, "Client", first, *rest):
                if (what, first) in _SAME:
                    return (_SAME[what, first][0], "User", _SAME[what, first][1], *rest)
                return (what, "User", first, *rest) if first in self._shared else name
            case _:
                return name


def nobody(machine: Term, *formulas: Term) -> Iterator[Term]:
    """That a machine is in no group and role, and has no tag and no attribute that it needn't have.

    Args:
        machine: which one.
        formulas: about it; what they don't look at needn't be said.
    """
    for leaf in leaves(*formulas):
        if leaf.operator is not Operator.APPLY or leaf.arguments[0] is not machine:
            continue
        match leaf.name:
            case ("ancestors", "Client", _):
                yield equal(leaf, make_set(Sort.INTS))
            case ("hastag", "Client") | ("attr?", "Client", *_):
                yield equal(leaf, FALSE)
            case _:
                pass


def strangers(machine: Term, *formulas: Term) -> Iterator[Term]:
    """That a machine is in no group and role; its tags and attributes are whatever they are.

    Args:
        machine: which one.
        formulas: about it; what they don't look at needn't be said.
    """
    for leaf in leaves(*formulas):
        if leaf.operator is Operator.APPLY and leaf.arguments[0] is machine:
            match leaf.name:
                case ("ancestors", "Client", _):
                    yield equal(leaf, make_set(Sort.INTS))
                case _:
                    pass


_BUILD: Mapping[Operator, Callable[[Term, tuple[Term, ...]], Term]] = MappingProxyType(
    {
        Operator.NOT: lambda _, of: ~of[0],
        Operator.AND: lambda _, of: conjunction(*of),
        Operator.OR: lambda _, of: disjunction(*of),
        Operator.EQUAL: lambda _, of: equal(*of),
        Operator.IF: lambda _, of: choose(*of),
        Operator.LESS: lambda _, of: less(*of),
        Operator.AT_MOST: lambda _, of: ~less(of[1], of[0]),
        Operator.ADD: lambda _, of: add(*of),
        Operator.MULTIPLY: lambda _, of: multiply(*of),
        Operator.MODULO: lambda _, of: modulo(of[0], _number(of[1])),
        Operator.DIVIDE: lambda _, of: divide(of[0], _number(of[1])),
        Operator.LIKE: lambda item, of: like(of[0], _pattern(item)),
        Operator.SET: lambda item, of: make_set(item.sort, *of),
        Operator.MEMBER: lambda _, of: member(*of),
        Operator.SUBSET: lambda _, of: subset(*of),
        Operator.INTERSECTS: lambda _, of: intersects(*of),
    }
)


def _number(item: Term) -> int:
    if not isinstance(item.value, int):
        raise TypeError("not a number")
    return item.value


def _pattern(item: Term) -> tuple[str | None, ...]:
    if not isinstance(item.value, tuple):
        raise TypeError("not a pattern")
    return item.value
