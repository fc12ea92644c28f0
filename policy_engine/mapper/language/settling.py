"""A rule with its flags settled: what an issuer's flags decide is decided once, not at every token.

A part that flags switch off isn't there any more: its claims aren't read, so their types don't matter either.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from policy_engine.mapper.language.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    FlagValue,
    Join,
    Named,
    Not,
    Presence,
    Registered,
    Setting,
    Switch,
    Term,
    Test,
)

__all__ = ["settle"]

Flags = Mapping[str, FlagValue]


def settle(test: Test, flags: Flags) -> Test:
    """The same test for one issuer.

    Args:
        test: a test that was parsed with these flags in its vocabulary.
        flags: a value for every flag of the profile.
    """
    match test:
        case Switch(name):
            return Constant(flags[name] is True)
        case Comparison(left, operator, right):
            one, other = _settle_term(left, flags), _settle_term(right, flags)
            return Constant(None) if one is None or other is None else Comparison(one, operator, other)
        case Named(name, inner):
            settled = settle(inner, flags)
            return settled if isinstance(settled, Constant) else Named(name, settled)
        case Not(inner):
            settled = settle(inner, flags)
            if isinstance(settled, Constant):
                return Constant(None if settled.value is None else not settled.value)
            return Not(settled)
        case AllOf(parts):
            return _junction(AllOf, [settle(part, flags) for part in parts], neutral=True)
        case AnyOf(parts):
            return _junction(AnyOf, [settle(part, flags) for part in parts], neutral=False)
        case Constant() | Presence() | Registered():
            return test
        case _:
            assert_never(test)


def _junction(kind: type[AllOf] | type[AnyOf], parts: list[Test], *, neutral: bool) -> Test:
    if Constant(not neutral) in parts:
        return Constant(not neutral)
    left = tuple(part for part in parts if part != Constant(neutral))
    if not left:
        return Constant(neutral)
    return left[0] if len(left) == 1 else kind(left)


def _settle_term(term: Term, flags: Flags) -> Term | None:
    match term:
        case Setting(name):
            return None if flags[name] is None else replace(term, value=flags[name])
        case Join(pieces):
            settled = [_settle_term(piece, flags) for piece in pieces]
            return None if None in settled else Join(tuple(piece for piece in settled if piece is not None))
        case _:
            return term
