"""Names of arguments: those that nobody may use, and those that are recorded."""

from collections.abc import Iterable, Iterator
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import RESERVED

__all__ = ["is_any_reserved", "names_of", "refuse_reserved"]

_NAMES, _NAME_LENGTH = 100, 80
"""How many argument names are kept for the record, and how much of each."""

_RESERVED = frozenset(RESERVED)


def names_of(arguments: Iterable[str]) -> tuple[str, ...]:
    """Names of arguments for the record, sorted; callers choose them, so not all of each."""
    return tuple(sorted(name[:_NAME_LENGTH] for name in arguments)[:_NAMES])


def is_any_reserved(names: Iterable[str]) -> bool:
    """Whether one of some names is a reserved one."""
    return not _RESERVED.isdisjoint(names)


def refuse_reserved(value: Any, text: bytes | None = None) -> None:  # noqa: ANN401 -- JSON values
    """Refuse names that Cedar or a server in JavaScript would read as something else, at any depth.

    They are refused even where policies can't see: what is invisible today may be visible tomorrow.

    Args:
        value: where they might be.
        text: JSON, as short as it can be written, that the value is a part of, if it is known: where no name
            begins with two underscores, none is reserved.

    Raises:
        MessageError: `invalid_arguments` (`reserved_name`).
    """
    if text is not None and b'"__' not in text:
        return
    for found in _objects(value):
        if is_any_reserved(found):
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
