"""Names of arguments: those that nobody may use, and those that are recorded."""

from collections.abc import Iterable, Iterator
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import RESERVED

__all__ = ["names_of", "refuse_reserved"]

_NAMES, _NAME_LENGTH = 100, 80
"""How many argument names are kept for the record, and how much of each."""

_RESERVED = frozenset(RESERVED)


def names_of(arguments: Iterable[str]) -> tuple[str, ...]:
    """Names of arguments for the record, sorted; callers choose them, so not all of each."""
    return tuple(sorted(name[:_NAME_LENGTH] for name in arguments)[:_NAMES])


def refuse_reserved(value: Any) -> None:  # noqa: ANN401 -- JSON values
    """Refuse names that Cedar or a server in JavaScript would read as something else, at any depth.

    They are refused even where policies can't see: what is invisible today may be visible tomorrow.

    Raises:
        MessageError: `invalid_arguments` (`reserved_name`).
    """
    for found in _objects(value):
        if not _RESERVED.isdisjoint(found):
            note = f"`{min(_RESERVED.intersection(found))}` is no argument's name"
            raise MessageError("invalid_arguments", note, detail="reserved_name")


def _objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- JSON values
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            yield item
            left.extend(inner for inner in item.values() if isinstance(inner, dict | list))
        elif isinstance(item, list):
            left.extend(inner for inner in item if isinstance(inner, dict | list))
