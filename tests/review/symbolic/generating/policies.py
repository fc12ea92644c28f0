"""Random policies, typed: most of them make sense, and those that don't err in many ways."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from policy_engine.evaluator import CedarType, EntityOf, Plain, RecordOf, SetOf, Vocabulary
from policy_engine.review.symbolic import Environment
from tests.review.symbolic.generating.worlds import ADDRESSES, DECIMALS, DURATIONS, IDS, LONGS, TAGS, TEXTS

__all__ = ["policy"]

_DATES = (
    "1970-01-01",
    "0000-12-31",
    "0001-01-01",
    "9999-12-31T23:59:59.999Z",
    "1969-12-31T23:59:58.001Z",
    "2026-02-28T12:00:00+0130",
    "nonsense",
)
_PATTERNS = ("*", "a*", "*a", "*a*", "a\\**", "", "ab", "*b*a*", "é*", "a*b")
BOOL, LONG, STRING = Plain("Bool"), Plain("Long"), Plain("String")
DECIMAL, DATETIME, DURATION, ADDRESS = (Plain(name) for name in ("decimal", "datetime", "duration", "ipaddr"))


@dataclass(frozen=True)
class Path:
    """Something that can be read, and what has to be there for it."""

    text: str
    type: CedarType
    guards: tuple[str, ...] = ()


def policy(vocabulary: Vocabulary, environment: Environment, chance: random.Random) -> str:
    """A permit for about this kind of request; others may be admitted by its head, too."""
    maker = _Maker(vocabulary, environment, chance)
    conditions = " ".join(
        f"{chance.choice(('when', 'when', 'unless'))} {{ {maker.boolean(chance.randrange(1, 5))} }}"
        for _ in range(chance.choice((0, 1, 1, 1, 2)))
    )
    return f"permit ({maker.head()}) {conditions};"


def paths(vocabulary: Vocabulary, environment: Environment) -> list[Path]:
    """All that such a request has to read."""
    roots = [
        Path("principal", EntityOf(environment.principal)),
        Path("resource", EntityOf(environment.resource)),
        Path("context", vocabulary.actions[environment.action].context),
    ]
    found, rest = [], [(root, 0) for root in roots]
    while rest:
        path, depth = rest.pop()
        found.append(path)
        if depth < 3:
            rest += [(step, depth + 1) for step in _steps(path, vocabulary)]
    return found


def _steps(path: Path, vocabulary: Vocabulary) -> Iterator[Path]:
    fields: Any = {}
    if isinstance(path.type, RecordOf):
        fields = path.type.fields
    elif isinstance(path.type, EntityOf) and path.type.name in vocabulary.entity_types:
        row = vocabulary.entity_types[path.type.name]
        fields = row.fields
        if row.tags is not None:
            for name in TAGS:
                guard = f'{path.text}.hasTag("{name}")'
                yield Path(f'{path.text}.getTag("{name}")', row.tags, (*path.guards, guard))
    certain = isinstance(path.type, RecordOf)
    for name, field in fields.items():
        guards = () if field.required and certain else (f'{path.text} has "{name}"',)
        yield Path(f'{path.text}["{name}"]', field.type, (*path.guards, *guards))


def quoted(text: str) -> str:
    """A text as Cedar writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


_WRITTEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Bool": ("true", "false"),
        "String": tuple(map(quoted, (*TEXTS, *IDS, *TAGS))),
        "decimal": tuple(f'decimal("{text}")' for text in (*DECIMALS, "1.00001")),
        "ipaddr": tuple(f'ip("{text}")' for text in (*ADDRESSES, "10.0.0.1/40")),
    }
)


class _Maker:
    def __init__(self, vocabulary: Vocabulary, environment: Environment, chance: random.Random) -> None:
        self.vocabulary = vocabulary
        self.environment = environment
        self.chance = chance
        self.guarded = chance.choice((0.5, 0.9, 1.0))
        self.paths = paths(vocabulary, environment)
        self.types = sorted(vocabulary.entity_types)
        self.guards: list[str] = []

    def head(self) -> str:
        pick = self.chance.choice
        who, what = self.environment.principal, self.environment.resource
        other = pick(self.types)
        principal = pick(
            (
                "principal",
                "principal",
                f"principal is {who}",
                f"principal == {self.entity(who)}",
                f"principal in {self.entity(self.above(who))}",
                f"principal is {who} in {self.entity(self.above(who))}",
                f"principal in {self.entity(other)}",
                f"principal is {other}",
            )
        )
        resource = pick(
            (
                "resource",
                "resource",
                f"resource is {what}",
                f"resource in {self.entity(self.above(what))}",
                f"resource == {self.entity(other)}",
            )
        )
        return f"{principal}, {self.action()}, {resource}"

    def action(self) -> str:
        name = quoted(self.environment.action)
        groups = sorted(self.vocabulary.actions[self.environment.action].groups)
        group = quoted(self.chance.choice(groups))
        any_ = quoted(self.chance.choice(sorted(self.vocabulary.actions)))
        return self.chance.choice(
            (
                "action",
                "action",
                f"action == Action::{name}",
                f"action in Action::{group}",
                f"action in [Action::{any_}, Action::{name}]",
            )
        )

    def above(self, type_: str) -> str:
        return self.chance.choice(sorted(self.vocabulary.entity_types[type_].ancestors))

    def entity(self, type_: str) -> str:
        choices = self.vocabulary.entity_types[type_].choices
        ids = [*sorted(choices)] if choices else [*IDS]
        return f"{type_}::{quoted(self.chance.choice(ids))}"

    def boolean(self, depth: int) -> str:
        """A truth value; what it reads is asked for before, mostly."""
        outer, self.guards = self.guards, []
        text = self._boolean(depth)
        guards = [guard for guard in dict.fromkeys(self.guards) if self.chance.random() < self.guarded]
        self.guards = outer
        return " && ".join([*guards, f"({text})"])

    def _boolean(self, depth: int) -> str:
        chance, pick = self.chance, self.chance.choice
        if chance.random() < 0.01:
            return self.any(depth)
        if depth > 0 and chance.random() < 0.5:
            one, other = self.boolean(depth - 1), self.boolean(depth - 1)
            return pick(
                (
                    f"{one} && {other}",
                    f"({one}) || ({other})",
                    f"({one}) || ({other})",
                    f"!({one})",
                    f"if {one} then {other} else {self.boolean(0)}",
                )
            )
        kind = pick(
            (self.compared, self.compared, self.equal, self.membership, self.sets, self.asked, self.texts)
        )
        return kind(depth)

    def compared(self, depth: int) -> str:
        type_ = self.chance.choice((LONG, LONG, DATETIME, DURATION, DECIMAL, ADDRESS))
        one, other = self.of(type_, depth), self.of(type_, depth)
        if type_ == DECIMAL:
            name = self.chance.choice(("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"))
            return f"{one}.{name}({other})"
        if type_ == ADDRESS:
            name = self.chance.choice(("isIpv4", "isIpv6", "isLoopback", "isMulticast"))
            return self.chance.choice((f"{one}.{name}()", f"{one}.isInRange({other})"))
        return f"{one} {self.chance.choice(('<', '<=', '>', '>='))} {other}"

    def equal(self, depth: int) -> str:
        path = self.chance.choice(self.paths)
        type_ = path.type if self.chance.random() < 0.7 else LONG
        one, other = self.of(type_, depth), self.of(type_, depth)
        if self.chance.random() < 0.05:
            other = self.any(depth)
        return f"{one} {self.chance.choice(('==', '==', '!='))} {other}"

    def membership(self, depth: int) -> str:
        type_ = self.chance.choice(self.types)
        one = self.of(EntityOf(type_), depth)
        above = EntityOf(self.above(type_) if self.chance.random() < 0.9 else self.chance.choice(self.types))
        name = self.chance.choice((type_, self.chance.choice(self.types)))
        return self.chance.choice(
            (
                f"{one} in {self.of(above, depth)}",
                f"{one} in {self.of(SetOf(above), depth)}",
                f"{one} in [{self.of(above, depth)}, {self.of(above, depth)}]",
                f"{one} is {name}",
                f"{one} is {name} in {self.of(above, depth)}",
                f"action in {self.action_set()}",
            )
        )

    def action_set(self) -> str:
        names = [f"Action::{quoted(self.chance.choice(sorted(self.vocabulary.actions)))}" for _ in range(2)]
        return self.chance.choice((names[0], f"[{', '.join(names)}]"))

    def sets(self, depth: int) -> str:
        sets = [path.type for path in self.paths if isinstance(path.type, SetOf)]
        type_ = self.chance.choice([*sets, SetOf(LONG), SetOf(STRING)])
        one, other = self.of(type_, depth), self.of(type_, depth)
        element = self.of(type_.element, depth)
        return self.chance.choice(
            (
                f"{one}.contains({element})",
                f"{one}.contains({element})",
                f"{one}.containsAll({other})",
                f"{one}.containsAny({other})",
                f"{one}.isEmpty()",
                f"[].containsAll({one})",
                f"{one} == []",
            )
        )

    def asked(self, depth: int) -> str:
        path = self.chance.choice(self.paths)
        names: list[str] = ["nonsense"]
        if isinstance(path.type, RecordOf):
            names += path.type.fields
        if isinstance(path.type, EntityOf) and path.type.name in self.vocabulary.entity_types:
            names += self.vocabulary.entity_types[path.type.name].fields
            if self.vocabulary.entity_types[path.type.name].tags and self.chance.random() < 0.5:
                return f"{self.read(path)}.hasTag({self.of(STRING, 0)})"
        if self.chance.random() < 0.2:
            return self.of(BOOL, depth)
        return f"{self.read(path)} has {quoted(self.chance.choice(names))}"

    def texts(self, depth: int) -> str:
        return f'{self.of(STRING, depth)} like "{self.chance.choice(_PATTERNS)}"'

    def any(self, depth: int) -> str:
        """Anything at all."""
        return self.of(self.chance.choice((*(path.type for path in self.paths), LONG, STRING, BOOL)), depth)

    def read(self, path: Path) -> str:
        self.guards += path.guards
        return path.text

    def of(self, type_: CedarType, depth: int) -> str:
        """Something of a type."""
        known = [path for path in self.paths if path.type == type_]
        if known and self.chance.random() < 0.7:
            return self.read(self.chance.choice(known))
        if depth > 0 and self.chance.random() < 0.15:
            return f"(if {self.boolean(0)} then {self.of(type_, depth - 1)} else {self.of(type_, 0)})"
        return self.made(type_, depth)

    def made(self, type_: CedarType, depth: int) -> str:
        match type_:
            case Plain("Long"):
                return self.long(depth)
            case Plain("datetime"):
                return self.datetime(depth)
            case Plain("duration"):
                return self.duration(depth)
            case Plain(name):
                return self.chance.choice(_WRITTEN[name])
            case EntityOf(name):
                return self.entity(name)
            case SetOf(element):
                items = (self.of(element, depth - 1) for _ in range(self.chance.randrange(4)))
                return f"[{', '.join(items)}]"
            case RecordOf(fields):
                parts = (
                    f"{quoted(name)}: {self.of(field.type, depth - 1)}"
                    for name, field in fields.items()
                    if field.required or self.chance.random() < 0.5
                )
                return f"{{{', '.join(parts)}}}"
            case _:
                raise TypeError(type_)

    def long(self, depth: int) -> str:
        if depth <= 0 or self.chance.random() < 0.4:
            number = self.chance.choice(LONGS)
            return f"({number})" if number > -(2**63) else f"(-{2**63 - 1} - 1)"
        one, other = self.of(LONG, depth - 1), self.of(LONG, depth - 1)
        length = self.of(DURATION, depth - 1)
        name = self.chance.choice(("toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"))
        return self.chance.choice(
            (
                f"({one} + {other})",
                f"({one} - {other})",
                f"({one} * {other})",
                f"(-{one})",
                f"{length}.{name}()",
            )
        )

    def datetime(self, depth: int) -> str:
        if depth <= 0 or self.chance.random() < 0.4:
            return f'datetime("{self.chance.choice(_DATES)}")'
        one = self.of(DATETIME, depth - 1)
        return self.chance.choice((f"{one}.toDate()", f"{one}.offset({self.of(DURATION, depth - 1)})"))

    def duration(self, depth: int) -> str:
        if depth <= 0 or self.chance.random() < 0.4:
            return f'duration("{self.chance.choice(DURATIONS)}ms")'
        one, other = self.of(DATETIME, depth - 1), self.of(DATETIME, depth - 1)
        return self.chance.choice((f"{one}.toTime()", f"{one}.durationSince({other})"))
