"""Where a `$ref` leads: within the same schema, or nowhere. Nothing is ever fetched."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from policy_engine.mcp.json_schema.nodes import Unknown

__all__ = ["References"]

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_BAD_ESCAPE = re.compile(r"~(?![01])")


class References:
    """The places of one schema that can be referred to (JSON Schema 2020-12, section 8.2).

    Args:
        root: the whole schema.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root

    def find(self, reference: Any) -> Any:  # noqa: ANN401 -- a server's JSON
        """The schema that is meant, or `Unknown`."""
        if not isinstance(reference, str):
            return Unknown("its `$ref` isn't text")
        if not reference.startswith("#"):
            return Unknown("its `$ref` leads to another document")
        if self._has_documents_within:
            return Unknown("its schema has a `$ref`, and an `$id` within")
        try:
            fragment = unquote(reference[1:], errors="strict")
        except UnicodeDecodeError:
            return Unknown("its `$ref` leads to nothing")
        if not fragment:
            return self._root
        return self._at(fragment) if fragment.startswith("/") else self._anchored(fragment)

    def _at(self, pointer: str) -> Any:  # noqa: ANN401 -- a server's JSON
        """Follow a JSON pointer (RFC 6901)."""
        found: Any = self._root
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and key in found and not _BAD_ESCAPE.search(part):
                found = found[key]
            elif isinstance(found, list) and _INDEX.fullmatch(key) and int(key) < len(found):
                found = found[int(key)]
            else:
                return Unknown("its `$ref` leads to nothing")
        return found

    def _anchored(self, name: str) -> Any:  # noqa: ANN401 -- a server's JSON
        found = [part for part in self._parts if part.get("$anchor") == name]
        return found[0] if len(found) == 1 else Unknown("its `$ref` leads to no anchor, or to several")

    @cached_property
    def _has_documents_within(self) -> bool:
        return any(isinstance(part.get("$id"), str) for part in self._parts if part is not self._root)

    @cached_property
    def _parts(self) -> list[dict[str, Any]]:
        return list(_objects(self._root))


def _objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- JSON
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            yield item
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
