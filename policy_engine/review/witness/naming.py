"""Numbers of ids, as ids: those that formulas name, and likely ones for all others."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from types import MappingProxyType

from policy_engine.model import EntityUid
from policy_engine.review.symbolic import EXPOSED, HALVES, Ids, Operator, Sort, Term, World
from policy_engine.review.witness.defaults import WORDS
from policy_engine.review.witness.model import Model

__all__ = ["Naming", "numbers_of"]

_ANYBODY = "any"
"""The left half of an id of which nothing is known."""

_ANY_LEFT: Mapping[str, str] = MappingProxyType({})
_NO_LIST: Mapping[str, frozenset[str]] = MappingProxyType({})


def numbers_of(terms: Iterable[Term], world: World) -> frozenset[int]:
    """The numbers that formulas name as ids: what entities are compared with, and asked of.

    Args:
        terms: the formulas.
        world: says which of their terms are entities.
    """
    found: set[int] = set()
    seen: set[Term] = set()
    rest = [*terms]
    while rest:
        item = rest.pop()
        if item in seen:
            continue
        seen.add(item)
        rest += item.arguments
        if item.operator in _COMPARING:
            compared = [*_compared(item.arguments)]
            if any(_is_entity(each, world) for each in compared):
                found.update(_constants(compared))
        elif item.operator is Operator.APPLY:
            found.update(_constants(_compared(item.arguments)))
    return frozenset(found)


_COMPARING = frozenset({Operator.EQUAL, Operator.MEMBER, Operator.SUBSET, Operator.INTERSECTS})


def _compared(operands: Iterable[Term]) -> Iterator[Term]:
    """What operands may come to: the choices among them, and the elements of sets that are written."""
    rest = [*operands]
    while rest:
        item = rest.pop()
        if item.operator is Operator.IF:
            rest += item.arguments[1:]
        elif item.operator is Operator.SET:
            rest += item.arguments
        else:
            yield item


def _is_entity(item: Term, world: World) -> bool:
    """Whether a term is the number of an id, or may be a set of them."""
    if item.name is None or item.operator is Operator.CONSTANT:
        return False
    return item.sort is Sort.INTS or item.name[0] == "twin" or world.entity_type_of(item) is not None


def _constants(terms: Iterable[Term]) -> Iterator[int]:
    for item in terms:
        if item.operator is Operator.CONSTANT and item.sort is Sort.INT and isinstance(item.value, int):
            yield item.value


class Naming:
    """Gives each number of a type one id: that which formulas name, or a likely one.

    Of two types, a number may be two ids, since nothing compares them; only of the principals of a question
    about two it is one.

    Args:
        ids: numbers of ids that are known.
        model: what a solver chose.
        named: the numbers that the formulas name; any other stands for whatever id it may. None where the
            formulas aren't known: then each number that has an id stands for that.
        listed: by type, the only ids that there are, where those are known.
        lefts: by type: what ids of it begin with.
        twins: the types of both principals, if there are two.
    """

    def __init__(
        self,
        ids: Ids,
        model: Model,
        named: frozenset[int] | None,
        *,
        listed: Mapping[str, frozenset[str]] = _NO_LIST,
        lefts: Mapping[str, str] = _ANY_LEFT,
        twins: frozenset[str] = frozenset(),
    ) -> None:
        self._ids = ids
        self._model = model
        self._named = named
        self._listed = listed
        self._servers = listed.get("Server", frozenset())
        self._lefts = lefts
        self._twins = twins
        self._taken = {text: number for number in range(len(ids)) if (text := ids.text(number)) is not None}
        self._given: dict[tuple[str, int], str] = {}

    def uid(self, type_: str, number: int) -> EntityUid:
        """The entity of a type and a number."""
        return EntityUid(type_, self.text(type_, number))

    def text(self, type_: str, number: int) -> str:
        """The id of a number."""
        known = self._ids.text(number) if self._named is None or number in self._named else None
        if known is not None and self._may_be(type_, known):
            return known
        key = ("twins" if type_ in self._twins else type_, number)
        found = self._given.get(key)
        if found is None:
            found = self._given[key] = self._fresh(type_, number)
            self._taken.setdefault(found, number)
        return found

    def _may_be(self, type_: str, text: str) -> bool:
        """Whether a policy can name an entity of that type so: ids in policies are checked as they load."""
        if type_ in self._listed:
            return text in self._listed[type_]
        if not self._servers or type_ not in HALVES:
            return True
        left, slash, _ = text.partition("/")
        return bool(slash) and (left in self._servers or type_ not in EXPOSED)

    def _fresh(self, type_: str, number: int) -> str:
        """An id that says what the attributes of the entity say, as every real one does."""
        if listed := self._listed.get(type_):
            return min(
                (name for name in listed if self._free(self._taken.get(name, -1))), default=min(listed)
            )
        first, second = HALVES.get(type_, (None, ""))
        right = self._attribute(type_, second, number)
        text = WORDS.get(type_, "something") if right is None else right
        if type_ != "Server":
            left = self._server(type_, number) if first is None else self._attribute(type_, first, number)
            text = f"{self._left(type_) if left is None else left}/{text}"
        # Where the model says both halves, there is no choice but what another formula calls so.
        if text not in self._taken or (right is not None and self._free(self._taken[text])):
            return text
        return next(other for place in count(2) if (other := f"{text}-{place}") not in self._taken)

    def _left(self, type_: str) -> str:
        servers = self._servers if type_ in EXPOSED else ()
        return self._lefts.get(type_, min(servers, default=_ANYBODY))

    def _free(self, number: int) -> bool:
        return self._named is not None and number not in self._named

    def _attribute(self, type_: str, name: str, number: int) -> str | None:
        value = self._model.get(("attr", type_, name), (number,))
        return value if isinstance(value, str) else None

    def _server(self, type_: str, number: int) -> str | None:
        servers = self._model.get(("ancestors", type_, "Server"), (number,))
        chosen = min(servers, default=None) if isinstance(servers, frozenset) else None
        return self.text("Server", chosen) if isinstance(chosen, int) else None
