"""Which cases are meant: `--filter 'principal=ci-*;expect=deny'`, and `-k 'deploy and not staging'`."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, Final

from policy_engine.errors import ConfigError
from policy_engine.harness import Case
from policy_engine.model import ALLOWED
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["KEYS", "Takes", "chosen_by"]

Takes = Callable[[Case], bool]


def chosen_by(filters: Iterable[str], words: str) -> Takes:
    """What says of a case whether it is meant.

    Args:
        filters: each `KEY=GLOB[,GLOB];KEY=…`; of one key any glob may fit, and of all keys one has to.
        words: an expression over parts of ids; empty for all.

    Raises:
        ConfigError: one of them can't be read.
    """
    wanted = _wanted(filters)
    has_words = _expression(words)
    return lambda case: (
        has_words(case.id.lower())
        and all(
            any(fnmatchcase(text, glob) for text in KEYS[key](case) for glob in globs)
            for key, globs in wanted.items()
        )
    )


def _wanted(filters: Iterable[str]) -> Mapping[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for part in (part for written in filters for part in written.split(";") if part.strip()):
        key, sign, globs = (piece.strip() for piece in part.partition("="))
        if not sign or not globs:
            raise ConfigError(f"--filter: `{part.strip()}` isn't KEY=GLOB", remedy="as in: principal=ci-*")
        if key not in KEYS:
            raise ConfigError(f"--filter: no key is called `{key}`", remedy=f"keys are: {', '.join(KEYS)}")
        wanted.setdefault(key, []).extend(glob.strip() for glob in globs.split(","))
    return wanted


def _principals(case: Case) -> Iterator[str]:
    yield case.who.name
    if case.who.identity is not None:
        yield str(case.who.identity.principal.uid)
    if case.expect.principal is not None:
        yield case.expect.principal


def _message(case: Case) -> Mapping[str, Any]:
    message = case.asked.message
    if isinstance(message, bytes):
        try:
            message = parse(message)
        except JsonError:
            return {}
    return message if isinstance(message, Mapping) else {}


def _method(case: Case) -> Iterator[str]:
    method = _message(case).get("method", case.asked.http.method if case.asked.http else None)
    if isinstance(method, str):
        yield method


def _tool(case: Case) -> Iterator[str]:
    message = _message(case)
    params = message.get("params")
    name = params.get("name") if isinstance(params, Mapping) else None
    if message.get("method") == "tools/call" and isinstance(name, str):
        yield name


def _expected(case: Case) -> Iterator[str]:
    expect = case.expect
    allowed = expect.code == ALLOWED if expect.allowed is None and expect.code else expect.allowed
    if allowed is not None:
        yield "allow" if allowed else "deny"
    if expect.code is not None:
        yield expect.code


def _file(case: Case) -> Iterator[str]:
    yield (file := case.id.partition("::")[0])
    yield file.rpartition("/")[2]


KEYS: Final[Mapping[str, Callable[[Case], Iterable[str]]]] = MappingProxyType(
    {
        "file": _file,
        "group": lambda case: (*case.group, "/".join(case.group)),
        "principal": _principals,
        "call": lambda case: (case.asked.name,),
        "tool": _tool,
        "method": _method,
        "server": lambda case: (case.asked.server,),
        "issuer": lambda case: (case.who.issuer or "",),
        "profile": lambda case: (case.who.profile or "",),
        "kind": lambda case: (case.who.kind or "none",),
        "expect": _expected,
    }
)
"""What a filter may name, and the texts that a glob may fit."""

Holds = Callable[[str], bool]

_TOKENS: Final = re.compile(r"\s*([()]|[^\s()]+)")


def _expression(words: str) -> Holds:
    """`or` binds least, then `and`, then `not`; each other word is looked for in the id."""
    waiting = _TOKENS.findall(words)
    if not waiting:
        return lambda _: True
    holds = _either(waiting)
    if waiting:
        raise _unreadable()
    return holds


def _either(waiting: list[str]) -> Holds:
    parts = [_both(waiting)]
    while waiting and waiting[0] == "or":
        waiting.pop(0)
        parts.append(_both(waiting))
    return lambda text: any(part(text) for part in parts)


def _both(waiting: list[str]) -> Holds:
    parts = [_single(waiting)]
    while waiting and waiting[0] == "and":
        waiting.pop(0)
        parts.append(_single(waiting))
    return lambda text: all(part(text) for part in parts)


def _single(waiting: list[str]) -> Holds:
    word = waiting.pop(0) if waiting else ")"
    if word == "not":
        inner = _single(waiting)
        return lambda text: not inner(text)
    if word == "(":
        inner = _either(waiting)
        if not waiting or waiting.pop(0) != ")":
            raise _unreadable()
        return inner
    if word in {")", "and", "or"}:
        raise _unreadable()
    return lambda text: word.lower() in text


def _unreadable() -> ConfigError:
    return ConfigError("-k can't be read", remedy="write words with `and`, `or`, `not` and parentheses")
