"""A tool's `inputSchema` read into the types of its arguments."""

from typing import Any

from policy_engine.mcp.argument_types import Opaque, Record
from policy_engine.mcp.json_schema.reader import Reader, TooBigError
from policy_engine.mcp.json_schema.settle import settle

__all__ = ["read_input_schema"]

_DIALECTS = frozenset(
    {
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema",
        "http://json-schema.org/draft-06/schema",
    }
)
"""Older ones mean other things by the same keywords; from these on, what is read here means the same.

Drafts 6 and 7 ignore what stands beside a `$ref`. It is held to all the same: that only refuses more.
"""


def read_input_schema(schema: Any) -> Record | Opaque:  # noqa: ANN401 -- a server's JSON
    """The types of a tool's arguments; opaque, with the reason, where the schema as a whole is too hard."""
    if not isinstance(schema, dict):
        return Opaque("there is no inputSchema that is an object")
    if schema.get("type") != "object":
        return Opaque("the inputSchema isn't one of an object")
    if not _known(schema.get("$schema")):
        return Opaque("its `$schema` isn't known")
    try:
        type_ = settle(Reader(schema).read())
    except TooBigError:
        return Opaque("its schema has too many parts")
    if isinstance(type_, Record | Opaque):
        return type_
    return Opaque("nothing fits its schema")


def _known(dialect: Any) -> bool:  # noqa: ANN401 -- a server's JSON
    return dialect is None or (isinstance(dialect, str) and dialect.removesuffix("#") in _DIALECTS)
