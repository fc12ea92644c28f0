"""How a value is written as another type, for authors who wrote it as the wrong one."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from policy_engine.cedar import Expression, Value
from policy_engine.evaluator.inference import CedarType, Constant, EntityOf, Plain, SetOf

__all__ = ["example_of", "rewritten", "written_as"]

Scalar = bool | int | str
"""What a literal may be."""

_NUMBER = re.compile(r"(-?\d{1,15})(?:\.(\d{1,4}))?")

_MOMENT = r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d{4}))?"

_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "Long": "5",
        "String": '"text"',
        "Bool": "true",
        "decimal": 'decimal("3.5")',
        "datetime": 'datetime("2026-05-31")',
        "duration": 'duration("1h30m")',
        "ipaddr": 'ip("192.0.2.1")',
    }
)


def example_of(type_: CedarType) -> str | None:
    """A value of a type, as Cedar writes it."""
    match type_:
        case Plain(name):
            return _EXAMPLES.get(name)
        case Constant():
            return _EXAMPLES["Bool"]
        case EntityOf(name):
            return f'{name}::"…"'
        case SetOf(element):
            inner = example_of(element)
            return None if inner is None else f"[{inner}]"
        case _:
            return None


def written_as(node: Expression, wanted: CedarType) -> str | None:
    """The literal alone, as another type; None for what is no literal, or can't be rewritten."""
    advice = rewritten(node, wanted)
    return None if advice is None else advice.split("`")[1]


def rewritten(node: Expression, wanted: CedarType) -> str | None:
    """An advice how a literal is written as another type; None for what is no literal."""
    if not isinstance(node, Value):
        return None
    match wanted:
        case Plain(name) if name in _WAYS:
            return _WAYS[name](node.value)
        case Constant():
            return _as_bool(node.value)
        case EntityOf(name) if isinstance(node.value, str):
            text = node.value if "/" in node.value or name == "Server" else f"…/{node.value}"
            return f'name an entity: `{name}::"{text}"`'
        case _:
            return None


def _as_string(value: Scalar) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f'put it in quotes: `"{text}"`'


def _as_long(value: Scalar) -> str:
    number = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    return (
        f"write it without quotes: `{number[1]}`"
        if number and not number[2]
        else "write a number, such as `5`"
    )


def _as_bool(value: Scalar) -> str:
    truth = isinstance(value, str) and value in {"true", "false"}
    return f"write it without quotes: `{value}`" if truth else "write `true` or `false`"


def _as_decimal(value: Scalar) -> str:
    number = _NUMBER.fullmatch(str(value))
    text = f"{number[1]}.{number[2] or '0'}" if number and not isinstance(value, bool) else "3.5"
    return f'write `decimal("{text}")`'


def _called(function: str, form: str, example: str) -> Callable[[Scalar], str]:
    def written(value: Scalar) -> str:
        text = value if isinstance(value, str) and re.fullmatch(form, value) else example
        return f'write `{function}("{text}")`'

    return written


_WAYS: Mapping[str, Callable[[Scalar], str]] = MappingProxyType(
    {
        "String": _as_string,
        "Long": _as_long,
        "Bool": _as_bool,
        "decimal": _as_decimal,
        "datetime": _called("datetime", _MOMENT, "2026-05-31"),
        "duration": _called("duration", r"-?(\d+(d|h|ms|m|s))+", "1h30m"),
        "ipaddr": _called("ip", r"[\d.]+(/\d+)?|[\da-f:]+(/\d+)?", "192.0.2.1"),
    }
)
