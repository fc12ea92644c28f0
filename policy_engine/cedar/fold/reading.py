"""Cedar's JSON value format → values (docs.cedarpolicy.com, "Entities JSON format")."""

from types import MappingProxyType
from typing import Any

from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.fold.extensions import call
from policy_engine.cedar.fold.shapes import PartialRecord, Unknown
from policy_engine.cedar.fold.values import LONGS, Bool, CedarValue, Entity, Long, Record, SetOf, String
from policy_engine.cedar.literals import uid_of

__all__ = ["read_record", "read_value"]

_NO_VALUE = "not a value of Cedar"


def read_value(json: Any) -> CedarValue:  # noqa: ANN401 -- checks what it is
    """Read one value; entities and extension values in their explicit forms, `__entity` and `__extn`.

    Raises:
        CedarError: `cedar_request`: Cedar couldn't read it either.
    """
    match json:
        case bool():
            return Bool(json)
        case int() if json in LONGS:
            return Long(json)
        case str():
            return String(json)
        case list() | tuple():
            return SetOf(frozenset(map(read_value, json)))
        case {"__expr": _}:
            raise CedarError("cedar_request", _NO_VALUE)
        case {"__entity": _, **rest} if not rest and (uid := uid_of(json)) is not None:
            return Entity(uid)
        case {"__extn": {"fn": str(name), "arg": argument, **more}, **rest} if not rest and not more:
            return _extension(name, [argument])
        case {"__extn": {"fn": str(name), "args": list(arguments), **more}, **rest} if not rest and not more:
            return _extension(name, arguments)
        case dict():
            return read_record(json)
        case _:
            raise CedarError("cedar_request", _NO_VALUE)


def read_record(json: Any) -> Record:  # noqa: ANN401 -- checks what it is
    """Read a record.

    Raises:
        CedarError: `cedar_request`: it isn't one, or holds what isn't a value.
    """
    if not isinstance(json, dict) or not all(isinstance(name, str) for name in json):
        raise CedarError("cedar_request", _NO_VALUE)
    return Record(MappingProxyType({name: read_value(value) for name, value in json.items()}))


def _extension(name: str, arguments: list[Any]) -> CedarValue:
    value = call(name, *map(read_value, arguments)).value
    if value is None or isinstance(value, Unknown | PartialRecord):
        raise CedarError("cedar_request", _NO_VALUE)
    return value
