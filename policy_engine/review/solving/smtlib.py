"""Formulas as SMT-LIB 2.6, with cvc5's theory of sets: what a solver is asked, and what is kept for audit.

https://smt-lib.org/papers/smt-lib-reference-v2.6-r2021-05-12.pdf
https://cvc5.github.io/docs/latest/theories/sets-and-relations.html
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from policy_engine.review.solving.alphabet import Alphabet, texts_of
from policy_engine.review.solving.symbols import Symbols
from policy_engine.review.symbolic import Operator, Sort, Term

__all__ = ["FINITE_SETS", "asked_name", "parts", "text"]

_DEEPEST = 24
"""How many levels are written into one another: neither we nor a solver's parser go deeper."""

_PLAIN = frozenset(
    {
        Operator.NOT,
        Operator.AND,
        Operator.OR,
        Operator.EQUAL,
        Operator.IF,
        Operator.LESS,
        Operator.AT_MOST,
        Operator.ADD,
        Operator.MULTIPLY,
        Operator.MODULO,
        Operator.DIVIDE,
    }
)
"""Those that SMT-LIB has under the same name."""

FINITE_SETS: Mapping[str, str] = MappingProxyType(
    {
        "empty": "(as set.empty {sort})",
        "one": "(set.singleton {0})",
        "both": "(set.union {0} {1})",
        Operator.MEMBER: "(set.member {0} {1})",
        Operator.SUBSET: "(set.subset {0} {1})",
        Operator.INTERSECTS: "(not (= (set.inter {0} {1}) (as set.empty {sort})))",
    }
)
"""How cvc5 writes sets; its sets are finite, as Cedar's are."""


def text(assertions: Sequence[Term], ask: Sequence[Term], *, sets: Mapping[str, str] = FINITE_SETS) -> str:
    """A script that asks whether all assertions can hold at once, and in which values if so.

    Args:
        assertions: formulas.
        ask: terms whose values are asked for.
        sets: how sets are written, as `FINITE_SETS` has it.

    Raises:
        AlphabetError: a text that SMT-LIB can't have.
    """
    order = list(parts(*assertions, *ask))
    writing = _Writing(order, Alphabet(texts_of(order)), sets)
    body = [*writing.definitions(order)]
    body += [f"(assert {writing.written(each)})" for each in assertions]
    for number, each in enumerate(ask):
        body.append(f"(define-fun {asked_name(number)} () {each.sort} {writing.written(each)})")
    body.append("(check-sat)")
    if ask:
        body.append(f"(get-value ({' '.join(asked_name(number) for number in range(len(ask)))}))")
    head = ["(set-option :produce-models true)", "(set-logic ALL)"] if ask else ["(set-logic ALL)"]
    return "\n".join([*head, *writing.symbols.declarations(), *body, ""])


def asked_name(number: int) -> str:
    """The name that a script gives to the term that is asked for at this place."""
    return f"a{number}"


def parts(*roots: Term) -> Iterator[Term]:
    """Every term within, each once, arguments before what is made of them."""
    seen: set[int] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        item, finished = stack.pop()
        if finished:
            yield item
        elif id(item) not in seen:
            seen.add(id(item))
            stack.append((item, True))
            stack.extend((argument, False) for argument in reversed(item.arguments))


class _Writing:
    """What has been written of one script.

    Args:
        order: all terms of it.
        alphabet: how texts are written.
        sets: how sets are.
    """

    def __init__(self, order: Sequence[Term], alphabet: Alphabet, sets: Mapping[str, str]) -> None:
        self.symbols = Symbols()
        self._alphabet = alphabet
        self._sets = sets
        self._texts: dict[int, str] = {}
        self._levels: dict[int, int] = {}
        self._uses: dict[int, int] = {}
        for each in order:
            for argument in each.arguments:
                self._uses[id(argument)] = self._uses.get(id(argument), 0) + 1

    def definitions(self, order: Sequence[Term]) -> Iterator[str]:
        """Write all terms; what several others hold, and what is deep, gets a name of its own."""
        count = 0
        for each in order:
            shown = self._show(each)
            level = 1 + max((self._levels[id(part)] for part in each.arguments), default=0)
            if each.arguments and (self._uses.get(id(each), 0) > 1 or level > _DEEPEST):
                name = f"d{count}"
                count += 1
                yield f"(define-fun {name} () {each.sort} {shown})"
                shown, level = name, 1
            self._texts[id(each)], self._levels[id(each)] = shown, level

    def written(self, item: Term) -> str:
        """A term whose parts, and which itself, were written before."""
        return self._texts[id(item)]

    def _show(self, item: Term) -> str:
        inner = [self._texts[id(argument)] for argument in item.arguments]
        if item.operator in _PLAIN:
            return f"({item.operator} {' '.join(inner)})"
        match item.operator:
            case Operator.CONSTANT:
                return self._constant(item)
            case Operator.VARIABLE | Operator.APPLY:
                symbol = self.symbols.of(item)
                return f"({symbol} {' '.join(inner)})" if inner else symbol
            case Operator.LIKE:
                return self._like(inner[0], item.value if isinstance(item.value, tuple) else ())
            case Operator.SET:
                return self._set(inner, item.sort)
            case _:
                sort = item.arguments[-1].sort
                return self._sets[item.operator].format(*inner, sort=sort)

    def _constant(self, item: Term) -> str:
        match item.value:
            case bool(value):
                return "true" if value else "false"
            case int(value):
                return str(value) if value >= 0 else f"(- {-value})"
            case str(value):
                return self._alphabet.literal(value)
            case _:
                raise TypeError("a constant is a truth value, a number or a text")

    def _set(self, inner: Sequence[str], sort: Sort) -> str:
        if not inner:
            return self._sets["empty"].format(sort=sort)
        level = [self._sets["one"].format(element, sort=sort) for element in inner]
        both = self._sets["both"]
        while len(level) > 1:  # a tree is shallow, where a chain would be as deep as the set is large
            pairs = [both.format(*pair, sort=sort) for pair in zip(level[::2], level[1::2], strict=False)]
            level = pairs + level[len(pairs) * 2 :]
        return level[0]

    def _like(self, subject: str, pattern: Sequence[str | None]) -> str:
        literal = self._alphabet.literal
        match pattern:
            case []:
                return f'(= {subject} "")'
            case [str(whole)]:
                return f"(= {subject} {literal(whole)})"
            case [None]:
                return "true"
            case [str(start), None]:
                return f"(str.prefixof {literal(start)} {subject})"
            case [None, str(end)]:
                return f"(str.suffixof {literal(end)} {subject})"
            case [None, str(middle), None]:
                return f"(str.contains {subject} {literal(middle)})"
            case _:
                pieces = ("re.all" if part is None else f"(str.to_re {literal(part)})" for part in pattern)
                return f"(str.in_re {subject} (re.++ {' '.join(pieces)}))"
