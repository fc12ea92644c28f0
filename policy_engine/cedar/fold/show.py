"""Values as people read them: the text that would stand for them in a policy."""

from datetime import UTC, datetime, timedelta
from typing import assert_never

from policy_engine.cedar.fold.shapes import PartialRecord, Shape, Unknown
from policy_engine.cedar.fold.values import (
    Bool,
    Datetime,
    Decimal,
    Duration,
    Entity,
    IpAddress,
    Long,
    Record,
    SetOf,
    String,
)
from policy_engine.cedar.syntax.strings import quoted
from policy_engine.cedar.syntax.words import is_identifier

__all__ = ["show"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def show(shape: Shape) -> str:
    """A value as it could be written in a policy, sets in order; `?` for what isn't known.

    Holds no control characters, so that no value can pass for something else on a terminal.
    """
    match shape:
        case Bool():
            return "true" if shape.value else "false"
        case Long():
            return str(shape.value)
        case String():
            return quoted(shape.value)
        case Entity():
            return str(shape.uid)
        case SetOf():
            return f"[{', '.join(sorted(map(show, shape.items)))}]"
        case Record() | PartialRecord():
            return f"{{{', '.join(_fields(shape))}}}"
        case Decimal() | IpAddress() | Datetime() | Duration():
            return _extension(shape)
        case Unknown():
            return "?"
        case _:
            assert_never(shape)


def _fields(record: Record | PartialRecord) -> list[str]:
    optional = record.optional if isinstance(record, PartialRecord) else ()
    fields = [
        f"{_name(name)}{'?' if name in optional else ''}: {show(value)}"
        for name, value in sorted(record.fields.items())
    ]
    return [*fields, "…"] if isinstance(record, PartialRecord) and record.open else fields


def _extension(value: Decimal | IpAddress | Datetime | Duration) -> str:
    match value:
        case Decimal():
            whole, fraction = divmod(abs(value.units), 10_000)
            sign = "-" if value.units < 0 else ""
            return f'decimal("{sign}{whole}.{f"{fraction:04}".rstrip("0") or "0"}")'
        case IpAddress():
            range_ = "" if value.prefix == value.address.max_prefixlen else f"/{value.prefix}"
            return f'ip("{value.address}{range_}")'
        case Datetime():
            return _moment(value.milliseconds)
        case Duration():
            return f'duration("{value.milliseconds}ms")'
        case _:
            assert_never(value)


def _moment(milliseconds: int) -> str:
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return f'datetime("1970-01-01").offset(duration("{milliseconds}ms"))'
    return f'datetime("{moment.replace(tzinfo=None).isoformat(timespec="milliseconds")}Z")'


def _name(name: str) -> str:
    return name if is_identifier(name) else quoted(name)
