"""Rules bound to one issuer: closures over a frame, the list of all values that its rules read.

Answers are those of Kleene's logic: yes, no, and None for what can't be told because a claim is absent.
A rule holds only if the answer is yes.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from policy_engine.mapper.language.claim_path import NOTHING_DECODED
from policy_engine.mapper.language.claim_types import Value
from policy_engine.mapper.language.operators import OPERATORS
from policy_engine.mapper.language.patterns import Pattern
from policy_engine.mapper.language.settling import settle
from policy_engine.mapper.language.spelling import spell
from policy_engine.mapper.language.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    FlagValue,
    Id,
    Join,
    Named,
    Not,
    Presence,
    Read,
    Registered,
    Setting,
    Switch,
    Term,
    Test,
    Text,
    Texts,
    Truth,
)

__all__ = ["Check", "Clause", "Frame", "Grants", "Layout", "Rule", "bind"]

Frame = list[Value | None]
"""Client id, machine's id, user id, then the values of a `Layout`; None is an absent one."""

Check = Callable[[Frame], bool | None]
"""A test as a function."""

Grants = Callable[[str], Collection[str] | None]
"""The grants that an id is listed with, and their kinds (`machine`, `people`); None for unlisted."""

_IDS = {"client_id": 0, "machine_id": 1, "user_id": 2}


class Layout:
    """Which claims the rules of one issuer mention, and where in a frame each one's value is."""

    def __init__(self) -> None:
        self._slots: dict[Read, int] = {}

    def slot(self, read: Read) -> int:
        """The index of a claim's value; the claim is read from now on."""
        return self._slots.setdefault(read, len(_IDS) + len(self._slots))

    def fill(
        self,
        header: Mapping[str, Any],
        claims: Mapping[str, Any],
        decoded: Mapping[str, Any] = NOTHING_DECODED,
        *,
        client_id: str | None,
        machine_id: str | None,
        user_id: str | None,
    ) -> Frame:
        """Read all of them from a token.

        Raises:
            MappingError: one is there with a type that the profile doesn't say (`claim_type`).
        """
        return [
            client_id,
            machine_id,
            user_id,
            *[read.value(header, claims, decoded) for read in self._slots],
        ]


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a rule and what it says of a token: yes, no, or None where a claim it needs is absent."""

    text: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule bound to an issuer.

    Attributes:
        alternatives: its alternatives, named ones opened, spelt and compiled.
        clauses: every part of it, outer ones first.
    """

    alternatives: tuple[tuple[str, Check], ...]
    clauses: tuple[tuple[str, Check], ...]

    def holding(self, frame: Frame) -> str | None:
        """The first alternative that holds, or None: then the rule doesn't."""
        for text, check in self.alternatives:
            if check(frame):
                return text
        return None

    def explain(self, frame: Frame) -> tuple[Clause, ...]:
        """What each part says."""
        return tuple(Clause(text, check(frame)) for text, check in self.clauses)


def bind(test: Test, flags: Mapping[str, FlagValue], layout: Layout, grants: Grants) -> Rule:
    """Settle a rule's flags and compile it for one issuer."""
    settled = settle(test, flags)
    compiler = _Compiler(layout, grants)
    clauses: dict[str, Check] = {}
    _collect(settled, compiler, clauses)
    return Rule(
        alternatives=tuple((spell(part), compiler.test(part)) for part in _alternatives(settled)),
        clauses=tuple(clauses.items()),
    )


def _alternatives(test: Test) -> Iterator[Test]:
    match test:
        case AnyOf(parts):
            for part in parts:
                yield from _alternatives(part)
        case Named(_, inner):
            yield from _alternatives(inner)
        case _:
            yield test


def _collect(test: Test, compiler: "_Compiler", into: dict[str, Check]) -> None:
    if not isinstance(test, AllOf | AnyOf):
        into.setdefault(spell(test), compiler.test(test))
    match test:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                _collect(part, compiler, into)
        case Named(_, inner):
            _collect(inner, compiler, into)
        case _:
            pass


class _Compiler:
    def __init__(self, layout: Layout, grants: Grants) -> None:
        self.layout = layout
        self.grants = grants

    def test(self, test: Test) -> Check:
        match test:
            case Constant(value):
                return lambda _frame: value
            case Comparison():
                return self.comparison(test)
            case Presence():
                return self.presence(test)
            case Registered(name, grant):
                return self.registered(_IDS[name], grant)
            case Named(_, inner):
                return self.test(inner)
            case Not(inner):
                return _contrary(self.test(inner))
            case AllOf(parts):
                return _junction(tuple(map(self.test, parts)), decisive=False)
            case AnyOf(parts):
                return _junction(tuple(map(self.test, parts)), decisive=True)
            case Switch(name):
                raise AssertionError(f"flag {name} isn't settled")
            case _:
                assert_never(test)

    def comparison(self, test: Comparison) -> Check:
        answer = OPERATORS[test.operator].answer
        if isinstance(test.left, Read | Id) and isinstance(test.right, Text | Texts | Truth):
            return _to_constant(self.slot(test.left), answer, _constant(test.right))
        left, right = self.term(test.left), self.term(test.right)

        def compare(frame: Frame) -> bool | None:
            one, other = left(frame), right(frame)
            return None if one is None or other is None else answer(one, other)

        return compare

    def presence(self, test: Presence) -> Check:
        slot = self.layout.slot(test.read)
        match test.word:
            case "present":
                return lambda frame: frame[slot] is not None
            case "absent":
                return lambda frame: frame[slot] is None
            case _:
                return lambda frame: None if (value := frame[slot]) is None else bool(value)

    def registered(self, slot: int, grant: str | None) -> Check:
        grants = self.grants

        def check(frame: Frame) -> bool | None:
            listed_id = frame[slot]
            if listed_id is None:
                return None
            listed = grants(str(listed_id))
            return listed is not None and (grant is None or grant in listed)

        return check

    def term(self, term: Term) -> Callable[[Frame], Any]:
        match term:
            case Text(value) | Texts(value) | Truth(value) | Setting(value=value):
                return lambda _frame: value
            case Pattern():
                return lambda _frame: term
            case Read() | Id():
                slot = self.slot(term)
                return lambda frame: frame[slot]
            case Join(pieces):
                return _joined(tuple(map(self.term, pieces)))
            case _:
                assert_never(term)

    def slot(self, term: Read | Id) -> int:
        return _IDS[term.name] if isinstance(term, Id) else self.layout.slot(term)


def _constant(term: Text | Texts | Truth) -> Value:
    return term.values if isinstance(term, Texts) else term.value


def _to_constant(slot: int, answer: Callable[[Any, Any], bool], constant: Value) -> Check:
    """The comparison that most rules are made of, without a call for each of its sides."""

    def compare(frame: Frame) -> bool | None:
        value = frame[slot]
        return None if value is None else answer(value, constant)

    return compare


def _joined(pieces: tuple[Callable[[Frame], Any], ...]) -> Callable[[Frame], str | None]:
    def join(frame: Frame) -> str | None:
        texts = [piece(frame) for piece in pieces]
        return None if None in texts else "".join(texts)

    return join


def _contrary(check: Check) -> Check:
    def contrary(frame: Frame) -> bool | None:
        answer = check(frame)
        return None if answer is None else not answer

    return contrary


def _junction(checks: tuple[Check, ...], *, decisive: bool) -> Check:
    """`or` is decided by a yes and `and` by a no, whatever else can't be told."""

    def junction(frame: Frame) -> bool | None:
        answer: bool | None = not decisive
        for check in checks:
            part = check(frame)
            if part is decisive:
                return decisive
            if part is None:
                answer = None
        return answer

    return junction
