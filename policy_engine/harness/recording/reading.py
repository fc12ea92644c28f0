"""An audit log → what it says of traffic; docs/reference/audit-record.md says what it holds."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from policy_engine.errors import ConfigError
from policy_engine.harness.recording.exchange import Exchange, Log, Problem
from policy_engine.model import EntityUid
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["read_log"]

_UID: Final = re.compile(r'([A-Za-z_]\w*)::"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(u\{([0-9a-fA-F]{1,6})\}|.)", re.DOTALL)
_CONTROLS: Final[Mapping[str, str]] = MappingProxyType({"n": "\n", "r": "\r", "t": "\t", "0": "\0"})

_BY_POLICIES: Final = frozenset({"allowed", "no_permit", "forbidden", "insufficient_scope", "policy_error"})
"""Codes of what policies decided."""

_NO_RECORD: Final = "no audit record"


def read_log(file: Path) -> Log:
    """Read a log; what repeats is kept once, and counted.

    Lines that can't be used are told in `problems`.

    Raises:
        ConfigError: no line holds a record.
        OSError: the file can't be read.
    """
    found: dict[Exchange, Exchange] = {}
    unasked: Counter[str] = Counter()
    problems: list[Problem] = []
    records = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = parse(line)
                if _is_event(record):
                    continue
                exchange = _exchange(record, number)
            except (JsonError, ValueError, KeyError, TypeError):
                problems.append(Problem(number, _NO_RECORD))
                continue
            records += 1
            if isinstance(exchange, str):
                unasked[exchange] += 1
                continue
            known = found.get(exchange)
            found[exchange] = exchange if known is None else replace(known, count=known.count + 1)
    if not records:
        raise ConfigError("it holds no audit record", remedy="name the file of `audit: {file: …}`", file=file)
    return Log(
        exchanges=tuple(found.values()),
        records=records,
        unasked=MappingProxyType(dict(sorted(unasked.items()))),
        problems=tuple(problems),
    )


def _is_event(record: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether a line is about the log itself, such as a checkpoint, or about tokens: no decision."""
    return isinstance(record, dict) and isinstance(record.get("event"), str) and "decision" not in record


def _exchange(record: Any, line: int) -> Exchange | str:  # noqa: ANN401 -- JSON
    """What a record says; the code alone, if the policies weren't asked.

    Raises:
        ValueError: it is no record; likewise KeyError and TypeError.
    """
    code = _text(record["code"])
    principal = record["principal"]
    if code not in _BY_POLICIES or record["action"] is None or principal["type"] is None:
        return code
    return Exchange(
        principal=_entity(principal),
        actor=None if record["actor"] is None else _entity(record["actor"]),
        server=_text(record["server"]),
        method=_text(record["method"]),
        action=_uid(record["action"]),
        resource=_uid(record["resource"]),
        arguments=tuple(sorted(map(_text, record["arguments"]))),
        code=code,
        detail=None if record["detail"] is None else _text(record["detail"]),
        policies=tuple(sorted(_text(policy["id"]) for policy in record["policies"])),
        errors=tuple(sorted(_text(fault["policy"]) for fault in record["errors"])),
        digest=_text(record["policy_digest"]),
        line=line,
        time=float(record["time"]),
    )


def _entity(json: Any) -> EntityUid:  # noqa: ANN401 -- JSON
    uid = EntityUid(_text(json["type"]), _text(json["id"]))
    if uid.type not in ("User", "Client") or "/" not in uid.id:
        raise ValueError("no principal")
    return uid


def _uid(text: Any) -> EntityUid:  # noqa: ANN401 -- JSON
    """`Type::"id"`, as `EntityUid` writes it."""
    found = _UID.fullmatch(_text(text))
    if found is None:
        raise ValueError("no uid")
    return EntityUid(found[1], _ESCAPE.sub(_unescaped, found[2]))


def _unescaped(match: re.Match[str]) -> str:
    if match[2] is not None:
        return chr(int(match[2], 16))
    return _CONTROLS.get(match[1], match[1])


def _text(value: Any) -> str:  # noqa: ANN401 -- JSON
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value
