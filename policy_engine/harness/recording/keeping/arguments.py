"""Arguments in place of those that weren't recorded."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, assert_never

from policy_engine.mcp import Collection, Member, Never, Opaque, PinnedTool, Record, Scalar

__all__ = ["placeholders"]

_TEXT: Final = "redacted"
_DEEPEST: Final = 8
_VALUES: Final[Mapping[str, Any]] = MappingProxyType(
    {"string": _TEXT, "boolean": False, "integer": 0, "number": 0}
)


def placeholders(tool: PinnedTool | None, names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each argument: one that is given, or one of its type.

    Args:
        tool: the tool, if it is pinned.
        names: the arguments that were recorded.
        given: values by name.
    """
    types = tool.arguments.members if tool is not None and tool.arguments is not None else {}
    return {
        name: given[name] if name in given else _value(types[name], 0) if name in types else _TEXT
        for name in names
    }


def _value(member: Member, depth: int) -> Any:  # noqa: ANN401 -- JSON
    return _of(member.type, depth)


def _of(type_: Scalar | Collection | Record | Never | Opaque, depth: int) -> Any:  # noqa: ANN401 -- JSON
    match type_:
        case Scalar(kind=kind, choices=choices):
            return min(choices, key=repr) if choices else _VALUES[kind]
        case Collection():
            return []
        case Record(members=members):
            if depth > _DEEPEST:
                return {}
            return {name: _value(each, depth + 1) for name, each in members.items() if each.required}
        case Never():
            return None
        case Opaque():
            return _TEXT
        case _:
            assert_never(type_)
