"""Random worlds: requests and stores that a schema admits, with values at the edges, and entities missing."""

import random
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import CedarRequest
from policy_engine.evaluator import CedarType, EntityOf, Plain, RecordOf, SetOf, Vocabulary
from policy_engine.model import EntityUid
from policy_engine.review.symbolic import Environment

__all__ = [
    "ADDRESSES",
    "DECIMALS",
    "DURATIONS",
    "IDS",
    "LONGS",
    "MOMENTS",
    "TAGS",
    "TEXTS",
    "moment",
    "some_known",
    "world",
]

IDS = ("a", "b", "corp/a", "github/create")
TEXTS = ("", "a", "ab", "ba", "a*b", "axb", "é", "\n", "admin", "a" * 20)
TAGS = ("k", "l", "")
LONGS = (
    -(2**63),
    -(2**63) + 1,
    -1000,
    -3,
    -1,
    0,
    1,
    2,
    7,
    1000,
    2**31,
    3037000500,
    2**62,
    2**63 - 2,
    2**63 - 1,
)
DECIMALS = ("0.0", "1.0", "1.0001", "-1.5", "-0.0001", "922337203685477.5807", "-922337203685477.5808")
MOMENTS = (
    -(2**63),
    -(2**63) + 86_399_999,
    -62_167_219_200_000 - 1,
    -62_167_219_200_000,
    -86_400_001,
    -86_400_000,
    -1_999,
    -1,
    0,
    1,
    86_399_999,
    86_400_000,
    1_790_000_100_000,
    253_402_300_799_999,
    2**63 - 1,
)
DURATIONS = (
    -(2**63),
    -86_400_001,
    -60_000,
    -1_999,
    -1_000,
    -999,
    -1,
    0,
    1,
    999,
    1_000,
    3_599_999,
    86_400_000,
    2**63 - 1,
)
ADDRESSES = (
    "10.0.0.1",
    "10.0.0.1/8",
    "10.0.0.0/8",
    "10.0.0.0/24",
    "0.0.0.0/0",
    "127.0.0.1",
    "223.255.255.255",
    "224.0.0.0/4",
    "239.255.255.255",
    "240.0.0.0",
    "::1",
    "ff00::/8",
    "2001:db8::/32",
    "2001:db8::1",
)
_EPOCH = {"__extn": {"fn": "datetime", "arg": "1970-01-01"}}


def moment(milliseconds: int) -> dict[str, Any]:
    """A datetime in JSON, also beyond the years that can be written."""
    length = {"__extn": {"fn": "duration", "arg": f"{milliseconds}ms"}}
    return {"__extn": {"fn": "offset", "args": [_EPOCH, length]}}


def world(
    vocabulary: Vocabulary,
    environment: Environment,
    chance: random.Random,
    *,
    known: Sequence[dict[str, Any]] = (),
    missing: bool = True,
) -> tuple[CedarRequest, list[dict[str, Any]]]:
    """A request of a kind, and the entities that Cedar is told of.

    Args:
        vocabulary: the schema.
        environment: the kind.
        chance: where from.
        known: entities that are there as they are, whatever else is.
        missing: whether entities that something refers to may be missing.
    """
    maker = _Maker(vocabulary, chance)
    request = CedarRequest(
        EntityUid(environment.principal, maker.id_of(environment.principal)),
        EntityUid("Action", environment.action),
        EntityUid(environment.resource, maker.id_of(environment.resource)),
        maker.record(vocabulary.actions[environment.action].context),
    )
    asked = {request.principal, request.resource}
    store = maker.store(asked, keep=chance.choice((0.5, 0.85, 1.0)) if missing else 1.0)
    names = [entity["uid"] for entity in known]
    return request, [*known, *(entity for entity in store if entity["uid"] not in names)]


def some_known(
    vocabulary: Vocabulary, environment: Environment, chance: random.Random
) -> list[dict[str, Any]]:
    """Some entities of a store, and all that these are in."""
    _, store = world(vocabulary, environment, chance, missing=False)
    parents = {tuple(entity["uid"].values()): entity["parents"] for entity in store}
    rest = [uid for uid in parents if chance.random() < 0.3]
    found = set[tuple[str, ...]]()
    while rest:
        uid = rest.pop()
        if uid not in found:
            found.add(uid)
            rest += [tuple(parent.values()) for parent in parents[uid]]
    return [entity for entity in store if tuple(entity["uid"].values()) in found]


def _extension(name: str, text: str) -> dict[str, Any]:
    return {"__extn": {"fn": name, "arg": text}}


_PLAIN: Mapping[str, Callable[[random.Random], Any]] = MappingProxyType(
    {
        "Bool": lambda chance: chance.random() < 0.5,
        "Long": lambda chance: chance.choice(LONGS),
        "String": lambda chance: chance.choice(TEXTS),
        "decimal": lambda chance: _extension("decimal", chance.choice(DECIMALS)),
        "datetime": lambda chance: moment(chance.choice(MOMENTS)),
        "duration": lambda chance: _extension("duration", f"{chance.choice(DURATIONS)}ms"),
        "ipaddr": lambda chance: _extension("ip", chance.choice(ADDRESSES)),
    }
)


class _Maker:
    def __init__(self, vocabulary: Vocabulary, chance: random.Random) -> None:
        self._types = vocabulary.entity_types
        self._chance = chance

    def id_of(self, type_: str) -> str:
        choices = self._types[type_].choices
        return self._chance.choice(sorted(choices) if choices else IDS)

    def value(self, type_: CedarType) -> Any:
        match type_:
            case Plain(name):
                return _PLAIN[name](self._chance)
            case EntityOf(name):
                return {"__entity": {"type": name, "id": self.id_of(name)}}
            case SetOf(element):
                return [self.value(element) for _ in range(self._chance.randrange(4))]
            case RecordOf():
                return self.record(type_)
            case _:
                raise TypeError(type_)

    def record(self, type_: RecordOf) -> dict[str, Any]:
        return {
            name: self.value(field.type)
            for name, field in type_.fields.items()
            if field.required or self._chance.random() < 0.6
        }

    def store(self, asked: set[EntityUid], keep: float) -> list[dict[str, Any]]:
        # Parents come later in this order, so that there are no circles.
        order = [EntityUid(type_, id_) for type_ in self._types for id_ in self._ids(type_)]
        self._chance.shuffle(order)
        return [
            self._entity(uid, order[place + 1 :])
            for place, uid in enumerate(order)
            if uid in asked or self._chance.random() < keep
        ]

    def _ids(self, type_: str) -> list[str]:
        choices = self._types[type_].choices
        return sorted(choices) if choices else [*IDS]

    def _entity(self, uid: EntityUid, later: list[EntityUid]) -> dict[str, Any]:
        row = self._types[uid.type]
        found: dict[str, Any] = {
            "uid": uid.to_json(),
            "attrs": self.record(RecordOf(row.fields)),
            "parents": [
                above.to_json()
                for above in later
                if above.type in row.parents and self._chance.random() < 0.25
            ],
        }
        if row.tags is not None:
            found["tags"] = {name: self.value(row.tags) for name in TAGS if self._chance.random() < 0.5}
        return found
