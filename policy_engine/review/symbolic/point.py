"""Terms at one request and one store: what a formula comes to there, computed without a solver."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import (
    Bool,
    CedarRequest,
    CedarValue,
    Datetime,
    Decimal,
    Duration,
    Entity,
    IpAddress,
    Long,
    Record,
    SetOf,
    String,
    read_record,
    uid_of,
)
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.simplify import matches
from policy_engine.review.symbolic.terms import Name, Operator, Sort, Term

__all__ = ["Point", "Truth", "evaluate"]

Truth = bool | int | str | frozenset[int] | frozenset[str]
"""What a term comes to."""

_DEFAULTS: Mapping[Sort, Truth] = MappingProxyType(
    {Sort.BOOL: False, Sort.INT: 0, Sort.STRING: "", Sort.INTS: frozenset(), Sort.STRINGS: frozenset()}
)
"""Of what isn't there; no formula depends on it."""

_EMPTY = Record(MappingProxyType({}))


class Point:
    """One request, and the entities that Cedar is told of.

    Args:
        request: who asks for what.
        entities: Cedar's JSON entity format.
        ids: numbers of ids, as the terms have them.
        twin: the second principal of a question about two.

    Raises:
        CedarError: Cedar couldn't read them either.
    """

    def __init__(
        self,
        request: CedarRequest,
        entities: Iterable[CedarJson],
        ids: Ids,
        twin: EntityUid | None = None,
    ) -> None:
        self._ids = ids
        self._request = request
        self._twin = twin
        self._context = read_record(request.context)
        self._attributes: dict[EntityUid, Record] = {}
        self._tags: dict[EntityUid, Record] = {}
        self._parents: dict[EntityUid, tuple[EntityUid, ...]] = {}
        for entity in entities:
            uid = uid_of(entity.get("uid"))
            if uid is not None:
                parents = map(uid_of, entity.get("parents", ()))
                self._parents[uid] = tuple(parent for parent in parents if parent is not None)
                self._attributes[uid] = read_record(entity.get("attrs", {}))
                self._tags[uid] = read_record(entity.get("tags", {}))

    def variable(self, name: Name, sort: Sort) -> Truth:
        """The value of a variable.

        Raises:
            LookupError: the request has no such thing: what isn't encoded has no value.
        """
        match name:
            case ("principal",):
                return self._ids.number(self._request.principal.id)
            case ("resource",):
                return self._ids.number(self._request.resource.id)
            case ("twin",) if self._twin is not None:
                return self._ids.number(self._twin.id)
            case ("context", *path):
                return self._value(_at(self._context, path), sort)
            case ("context?", *path):
                return _at(self._context, path) is not None
            case _:
                raise LookupError("no such variable")

    def apply(self, name: Name, sort: Sort, arguments: list[Any]) -> Truth:
        """The value of a function.

        Raises:
            LookupError: there is no such function.
        """
        text = self._ids.text(arguments[0])
        match name:
            case ("exists", type_):
                return text is not None and EntityUid(type_, text) in self._attributes
            case ("attr", type_, *path):
                return self._value(_at(self._record(self._attributes, type_, text), path), sort)
            case ("attr?", type_, *path):
                return _at(self._record(self._attributes, type_, text), path) is not None
            case ("ancestors", type_, above):
                return self._above(type_, text, above)
            case ("hastag", type_):
                return arguments[1] in self._record(self._tags, type_, text).fields
            case ("tag", type_, *path):
                return self._value(_at(self._record(self._tags, type_, text), [arguments[1], *path]), sort)
            case ("tag?", type_, *path):
                return _at(self._record(self._tags, type_, text), [arguments[1], *path]) is not None
            case _:
                raise LookupError("no such function")

    def _record(self, of: Mapping[EntityUid, Record], type_: str, text: str | None) -> Record:
        return _EMPTY if text is None else of.get(EntityUid(type_, text), _EMPTY)

    def _above(self, type_: str, text: str | None, above: str) -> frozenset[int]:
        found: set[EntityUid] = set()
        rest = [] if text is None else [*self._parents.get(EntityUid(type_, text), ())]
        while rest:
            uid = rest.pop()
            if uid not in found:
                found.add(uid)
                rest += self._parents.get(uid, ())
        return frozenset(self._ids.number(uid.id) for uid in found if uid.type == above)

    def _value(self, value: CedarValue | None, sort: Sort) -> Truth:
        match value:
            case None:
                return _DEFAULTS[sort]
            case Bool(known) | Long(known) | String(known) | Decimal(known):
                return known
            case Datetime(known) | Duration(known):
                return known
            case Entity(uid):
                return self._ids.number(uid.id)
            case SetOf(items):
                return frozenset(self._value(item, sort) for item in items)  # type: ignore[return-value]  # of one type
            case Record() | IpAddress():
                raise LookupError("a value that has no terms")


def _at(value: CedarValue | None, path: Iterable[str]) -> CedarValue | None:
    for name in path:
        value = value.fields.get(name) if isinstance(value, Record) else None
    return value


def evaluate(root: Term, point: Point, known: dict[Term, Truth] | None = None) -> Truth:
    """What a term comes to.

    Args:
        root: the term.
        point: the request and the store.
        known: what terms came to before, at the same point; is added to.

    Raises:
        LookupError: it speaks of something that isn't encoded.
    """
    known = {} if known is None else known
    rest = [root]
    while rest:
        part = rest[-1]
        if part in known:
            rest.pop()
            continue
        missing = [argument for argument in part.arguments if argument not in known]
        if missing:
            rest.extend(missing)
            continue
        rest.pop()
        known[part] = _computed(part, [known[argument] for argument in part.arguments], point)
    return known[root]


def _computed(part: Term, values: list[Any], point: Point) -> Truth:
    match part.operator:
        case Operator.CONSTANT if isinstance(part.value, bool | int | str):
            return part.value
        case Operator.VARIABLE if part.name is not None:
            return point.variable(part.name, part.sort)
        case Operator.APPLY if part.name is not None:
            return point.apply(part.name, part.sort, values)
        case Operator.LIKE if isinstance(part.value, tuple):
            return matches(part.value, values[0])
        case Operator.SET:
            return frozenset(values)
        case _:
            result: Truth = _OPERATIONS[part.operator](*values)
            return result


def _sum(*numbers: int) -> int:
    return sum(numbers)


_OPERATIONS: Mapping[Operator, Callable[..., Any]] = MappingProxyType(
    {
        Operator.NOT: lambda one: not one,
        Operator.AND: lambda *parts: all(parts),
        Operator.OR: lambda *parts: any(parts),
        Operator.EQUAL: lambda one, other: one == other,
        Operator.IF: lambda condition, then, otherwise: then if condition else otherwise,
        Operator.LESS: lambda one, other: one < other,
        Operator.AT_MOST: lambda one, other: one <= other,
        Operator.ADD: _sum,
        Operator.MULTIPLY: lambda one, other: one * other,
        Operator.MODULO: lambda one, divisor: one % divisor,
        Operator.DIVIDE: lambda one, divisor: one // divisor,
        Operator.MEMBER: lambda item, of: item in of,
        Operator.SUBSET: lambda one, other: one <= other,
        Operator.INTERSECTS: lambda one, other: not one.isdisjoint(other),
    }
)
