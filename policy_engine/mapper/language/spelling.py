"""The one canonical spelling of a rule; parsing it gives the same rule again.

It names claims and quotes what the *profile* says, never what a token says, so it may stand in audit records.
"""

from typing import assert_never

from policy_engine.mapper.language.patterns import Pattern
from policy_engine.mapper.language.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Constant,
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

__all__ = ["spell", "spell_term"]

_CONSTANTS = {True: "always", False: "never", None: "never (a flag isn't set)"}


def spell(test: Test) -> str:
    """A test in the rule language; what a flag settled for good reads `always` or `never`."""
    match test:
        case Constant(value):
            return _CONSTANTS[value]
        case Comparison(left, operator, right):
            return f"{spell_term(left)} {operator} {spell_term(right)}"
        case Presence(word, read):
            return f"{word} {spell_term(read)}"
        case Registered(name, grant):
            return f"registered({name}{'' if grant is None else ', ' + _quoted(grant)})"
        case Switch(name):
            return f"flag({name})"
        case Named(name, _):
            return f"@{name}"
        case Not(inner):
            return f"not {_grouped(inner)}"
        case AllOf(parts):
            return " and ".join(map(_grouped, parts))
        case AnyOf(parts):
            return " or ".join(map(_grouped, parts))
        case _:
            assert_never(test)


def spell_term(term: Term) -> str:
    """A term in the rule language."""
    match term:
        case Text(value):
            return _quoted(value)
        case Texts(values):
            return f"[{', '.join(map(_quoted, values))}]"
        case Truth(value):
            return "true" if value else "false"
        case Read(path, _):
            return str(path)
        case Id(name):
            return name
        case Setting(name, _, _):
            return f"flag({name})"
        case Join(pieces):
            return " + ".join(map(spell_term, pieces))
        case Pattern(source):
            return _quoted(source)
        case _:
            assert_never(term)


def _grouped(test: Test) -> str:
    return f"({spell(test)})" if isinstance(test, AllOf | AnyOf) else spell(test)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
