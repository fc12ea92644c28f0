"""Headers that a tool's schema asks for: `x-mcp-header` on a property has `Mcp-Param-…` repeat its argument.

MCP 2026-07-28, "Custom Headers from Tool Parameters". They are compared for pinned tools only: of others it
isn't known which argument a header repeats. A tool whose schema breaks the rules for these annotations has no
such headers: clients have to leave it out of their lists.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.headers.values import HeaderValues

__all__ = ["Mirrored", "at_path", "check_mirrored", "mirrored_arguments"]

Mirrored = Mapping[str, tuple[str, ...]]
"""Names after `Mcp-Param-`, and the path of the argument that each repeats."""

_NONE: Mirrored = MappingProxyType({})
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}")
"""Names of headers (RFC 9110 section 5.6.2), of a length that nobody minds."""

_INTEGER = re.compile(r"-?\d{1,20}(?:\.0{1,20})?", re.ASCII)
_KINDS = frozenset({"string", "integer", "boolean"})
_DEEPEST = 32


def mirrored_arguments(schema: Any) -> Mirrored:  # noqa: ANN401 -- a server's JSON
    """What the annotations of an `inputSchema` ask for; nothing if any of them breaks a rule."""
    found: dict[str, tuple[str, ...]] = {}
    for name, path, kinds in _annotations(schema, ()):
        well_formed = isinstance(name, str) and _TOKEN.fullmatch(name) and kinds and kinds <= _KINDS
        if not well_formed or name.lower() in found:
            return _NONE
        found[name.lower()] = path
    return MappingProxyType(found)


def check_mirrored(mirrored: Mirrored, headers: HeaderValues, arguments: Mapping[str, Any]) -> None:
    """Hold a call's headers against its arguments, as they came.

    Raises:
        MessageError: `header_mismatch`; detail: `missing`, `different` or `malformed`.
    """
    for name, path in mirrored.items():
        stated, value = headers.argument(name), at_path(arguments, path)
        if stated is None and value is not None:
            raise MessageError("header_mismatch", "an argument isn't in its header", detail="missing")
        if stated is not None and not _same(stated, value):
            raise MessageError("header_mismatch", "an argument's header differs", detail="different")


def _annotations(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...], frozenset[Any]]]:  # noqa: ANN401
    """Annotations that are reached by `properties` alone, with the types that are allowed beside null."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or len(path) >= _DEEPEST:
        return
    for name, inner in properties.items():
        if isinstance(inner, dict):
            if "x-mcp-header" in inner:
                yield inner["x-mcp-header"], (*path, name), _types(inner)
            yield from _annotations(inner, (*path, name))


def _types(schema: dict[str, Any]) -> frozenset[Any]:
    stated = schema.get("type")
    listed = stated if isinstance(stated, list) else [stated]
    return frozenset(one if isinstance(one, str) else "" for one in listed) - {"null"}


def at_path(arguments: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 -- JSON
    """What stands at a path; None where nothing does."""
    for name in path:
        arguments = arguments.get(name) if isinstance(arguments, dict) else None
    return arguments


def _same(stated: str, value: Any) -> bool:  # noqa: ANN401 -- JSON
    if isinstance(value, bool):
        return stated == ("true" if value else "false")
    if isinstance(value, str):
        return stated == value
    # `42.0` is 42: integers compare as numbers.
    return isinstance(value, int) and bool(_INTEGER.fullmatch(stated)) and Decimal(stated) == value
