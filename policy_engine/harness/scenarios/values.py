"""What stands in scenario files: names, times, lists that may be written as one, and JSON."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

__all__ = [
    "FilePath",
    "Json",
    "JsonObject",
    "Name",
    "Names",
    "OneOrMore",
    "Paths",
    "SomeTexts",
    "Text",
    "Texts",
    "Time",
    "as_version",
]

Text = Annotated[str, StringConstraints(min_length=1)]

_NAME = re.compile(r"[^\s:|](?:[^:|\r\n]{0,198}[^\s:|])?")


def _as_name(value: str) -> str:
    """A name, as ids and tables can hold it."""
    if not _NAME.fullmatch(value):
        raise ValueError("should be a few words, without `:` and `|`, and without blanks at its ends")
    return value


def _as_some(value: tuple[str, ...]) -> tuple[str, ...]:
    """At least one."""
    if not value:
        raise ValueError("should name at least one")
    return value


Name = Annotated[
    str,
    AfterValidator(_as_name),
    WithJsonSchema({"type": "string", "pattern": r"^[^\s:|]([^:|\r\n]{0,198}[^\s:|])?$"}),
]
"""What something is called: a few words, without `:` and `|`, which part names in ids and tables."""

FilePath = Annotated[Path, Field(strict=False)]


def _as_list(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return [value] if isinstance(value, str) else value


def as_version(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    """A version, if it is an integer."""
    return value if type(value) is int else str(value)  # `true` and `1.0` equal 1


def _as_time(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    """Seconds since the epoch, of a number or of a time with its zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(
                "should be a time such as `2026-03-02T09:00:00Z`, or seconds since 1970"
            ) from None
    if isinstance(value, datetime):
        # YAML has turned `Z` and offsets into UTC already, and dropped them.
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LAST_SECOND:
        raise ValueError("should be a time such as `2026-03-02T09:00:00Z`, or seconds since 1970")
    return float(value)


_LAST_SECOND = 253_402_300_800  # the end of the year 9999


def _as_json(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    """What JSON can hold; YAML has times and dates besides."""
    match value:
        case dict():
            return {name: _as_json(part) for name, part in value.items()}
        case list():
            return [_as_json(part) for part in value]
        case None | str() | bool() | int() | float():
            return value
        case _:
            raise ValueError("holds something that JSON doesn't have: put dates and times in quotes")


Json = Annotated[Any, BeforeValidator(_as_json, json_schema_input_type=Any)]
JsonObject = Annotated[dict[str, Any], BeforeValidator(_as_json, json_schema_input_type=dict[str, Any])]
Time = Annotated[float, BeforeValidator(_as_time, json_schema_input_type=str | float)]


Texts = Annotated[
    tuple[Text, ...], BeforeValidator(_as_list, json_schema_input_type=Text | list[Text]), Field(strict=False)
]
SomeTexts = Annotated[
    Annotated[tuple[Text, ...], Field(strict=False)] | None,
    BeforeValidator(_as_list, json_schema_input_type=Text | list[Text] | None),
]
Names = Annotated[
    tuple[Name, ...], BeforeValidator(_as_list, json_schema_input_type=Name | list[Name]), Field(strict=False)
]
OneOrMore = Annotated[
    Annotated[tuple[Name, ...], Field(strict=False)],
    AfterValidator(_as_some),
    BeforeValidator(_as_list, json_schema_input_type=Name | Annotated[list[Name], Field(min_length=1)]),
]
Paths = Annotated[
    tuple[FilePath, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
    Field(strict=False),
]
