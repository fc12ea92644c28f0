"""JSON as RFC 8259 writes it and RFC 7493 (I-JSON) narrows it: one text, one meaning.

Parsers differ on duplicate members, NaN, lone surrogates and numbers beyond a double. Each of these could
make the engine and the server behind it read two different messages, so each is refused. Numbers with a
fraction come out as `float` only where the float says exactly what the text said.

A text that a fast parser and writer bring back byte by byte can be none of these: a member that was there
twice, a number that was rounded, an escape that wasn't needed would come back otherwise. Most texts are like
that, and take this road; all others take the slow one, which alone refuses. A property test holds the two to
one value.
"""

import json
import math
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final

import orjson

__all__ = [
    "MAX_DEPTH",
    "JsonError",
    "canonical",
    "dumps",
    "parse",
    "read",
    "require_plain",
    "settled",
    "written",
]

_SAFE = 2**53
"""Integers up to here are doubles (RFC 7493 section 2.2)."""

MAX_DEPTH = 64
"""Levels of nesting; deeper texts serve only to exhaust parsers."""


class JsonError(ValueError):
    """A text that isn't strict JSON.

    Attributes:
        code: `not_json`, `duplicate_member`, `not_finite`, `inexact_number`, `lone_surrogate`, `too_deep`,
            `not_utf8`, `not_plain`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse(data: bytes | str) -> Any:  # noqa: ANN401 -- JSON holds any of its own types
    """Parse one JSON text.

    Raises:
        JsonError: it isn't strict JSON.
    """
    return read(data)[0]


def read(data: bytes | str) -> tuple[Any, bytes | None]:
    """Parse one JSON text, and give it without what says nothing (spaces, escapes), if that is how it came.

    Raises:
        JsonError: it isn't strict JSON.
    """
    try:
        raw = data if isinstance(data, bytes) else data.encode()
        # Texts with spaces don't come back as they are; it isn't worth trying.
        value = orjson.loads(raw) if b'": ' not in raw and _is_shallow(raw) else _OTHERWISE
        if value is not _OTHERWISE and orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER) == raw:
            return value, raw
    except (TypeError, ValueError):
        pass  # the slow road says what is wrong, if anything is
    return _parse_slowly(data), None


def settled(value: Any) -> tuple[Any, bytes | None]:  # noqa: ANN401 -- checks what it is
    """Copy a value that a program handed over, so that its owner can't change it; and its text, if known.

    A member of an enumeration counts as the string or the integer that it is.

    Raises:
        JsonError: it isn't what `parse` could have returned; see `require_plain`.
    """
    try:
        raw = orjson.dumps(value, option=_EXACT)
        copy = orjson.loads(raw) if _is_shallow(raw) else _OTHERWISE
        if copy == value:  # a tuple, or NaN, comes back as something else
            return copy, raw
    except (TypeError, ValueError, RecursionError):
        pass
    require_plain(value)
    return _parse_slowly(dumps(value)), None


_EXACT: Final = orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_SUBCLASS

_OTHERWISE: Final = object()
"""What isn't tried: it can neither be written nor equals anything."""


def _is_shallow(raw: bytes) -> bool:
    return raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH


def _parse_slowly(data: bytes | str) -> Any:  # noqa: ANN401 -- JSON holds any of its own types
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError:
        raise JsonError("not_utf8") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_exact_float,
            parse_int=_exact_int,
        )
    except JsonError:
        raise
    except RecursionError:
        raise JsonError("too_deep") from None
    except ValueError:  # also: an integer of more digits than Python converts
        raise JsonError("not_json") from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value, MAX_DEPTH)
    if "\\u" in text or not text.isascii():
        _check_encodable(value)
    return value


def require_plain(value: Any) -> None:  # noqa: ANN401 -- checks what it is
    """Check that a value a program handed over is what `parse` could have returned.

    Raises:
        JsonError: it holds another type, a member name that isn't a string, a non-finite number, a lone
            surrogate, or nests too deep.
    """
    _check_depth(value, MAX_DEPTH)
    _check_plain(value)
    _check_encodable(value)


def dumps(value: Any) -> bytes:  # noqa: ANN401 -- JSON holds any of its own types
    """Serialise compactly, as UTF-8, members in the order they have."""
    return _WRITER.encode(value).encode()


def written(value: Any) -> bytes:  # noqa: ANN401 -- checks what it is
    """Serialise as `dumps` does, and check that it is what `parse` could have returned; faster, as a rule.

    Raises:
        JsonError: see `require_plain`.
    """
    copy, text = settled(value)
    return dumps(copy) if text is None else text


_WRITER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def canonical(value: Any) -> bytes:  # noqa: ANN401 -- JSON holds any of its own types
    """One text for one value: members sorted. Of what `parse` returned, and integers of 64 bits."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("duplicate_member")
    return members


def _refuse_constant(_text: str) -> Any:  # noqa: ANN401 -- never returns
    raise JsonError("not_finite")


def _exact_int(text: str) -> int:
    number = int(text)
    if not _is_double(number):
        raise JsonError("inexact_number")
    return number


def _is_double(number: int) -> bool:
    """Whether a reader whose numbers are doubles (JavaScript's are) reads this one as it is."""
    try:
        return -_SAFE <= number <= _SAFE or int(float(number)) == number
    except OverflowError:
        return False


def _exact_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise JsonError("not_finite")
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent of more digits than any machine counts with
        raise JsonError("inexact_number") from None
    # 0.30000000000000000001 would reach the server as 0.3: what was decided on isn't what would be done.
    if exact != Decimal(repr(number)):
        raise JsonError("inexact_number")
    return number


def _check_depth(value: Any, left: int) -> None:  # noqa: ANN401
    level = _containers([value])
    while level:
        if left == 0:
            raise JsonError("too_deep")
        left -= 1
        inner = [item.values() if isinstance(item, dict) else item for item in level]
        level = _containers([member for members in inner for member in members])


def _containers(values: list[Any]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]


def _check_plain(value: Any) -> None:  # noqa: ANN401
    if isinstance(value, dict):
        for name, member in value.items():
            if type(name) is not str:
                raise JsonError("not_plain")
            _check_plain(member)
    elif isinstance(value, list):
        for item in value:
            _check_plain(item)
    elif type(value) in (int, float) or (isinstance(value, Enum) and isinstance(value, int | float)):
        _check_number(value)
    elif value is not None and type(value) not in (str, bool) and not _is_named_text(value):
        raise JsonError("not_plain")


def _is_named_text(value: object) -> bool:
    return isinstance(value, Enum) and isinstance(value, str)


def _check_number(value: float) -> None:
    if isinstance(value, int) and not _is_double(value):
        raise JsonError("inexact_number")
    if not math.isfinite(value):
        raise JsonError("not_finite")


def _check_encodable(value: Any) -> None:  # noqa: ANN401
    try:
        dumps(value)
    except UnicodeEncodeError:
        raise JsonError("lone_surrogate") from None
    except ValueError:  # an integer of more digits than Python writes
        raise JsonError("not_json") from None
