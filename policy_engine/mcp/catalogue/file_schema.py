"""The shape of a catalogue file, as JSON Schema: for editors, and for programs that write one."""

import json
from typing import Any

from policy_engine.mcp.catalogue.entries import WRAPPER
from policy_engine.mcp.catalogue.kinds import ITEM_KINDS, ItemKind
from policy_engine.mcp.names import LONGEST_NAME

__all__ = ["catalogue_json_schema"]

_PARTS: dict[str, dict[str, Any]] = {
    "reviewed": {"type": "boolean", "default": False},
    "sha256": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
    "labels": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "default": {},
    },
}


def catalogue_json_schema() -> str:
    """The schema as text. A digest, and names that look alike, are beyond what a schema can check."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "catalogue of an MCP server",
        "type": "object",
        "properties": {kind.member: _list(kind) for kind in ITEM_KINDS},
        "anyOf": [{"required": [kind.member]} for kind in ITEM_KINDS],
        "$defs": {kind.type: _item(kind) for kind in ITEM_KINDS},
    }
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _list(kind: ItemKind) -> dict[str, Any]:
    # What has a key is an item, whatever else it has: as it is read.
    return {
        "description": f"The pinned {kind.noun}s.",
        "type": "array",
        "items": {
            "type": "object",
            "if": {"anyOf": [{"required": [kind.key]}, {"not": {"required": ["item"]}}]},
            "then": {"$ref": f"#/$defs/{kind.type}"},
            "else": _wrapper(kind),
        },
    }


def _item(kind: ItemKind) -> dict[str, Any]:
    key: dict[str, Any] = {"type": "string", "minLength": 1}
    if kind.folds:
        key["maxLength"] = LONGEST_NAME
    if kind.taken:
        key["not"] = {"enum": sorted(kind.taken)}
    return {
        "description": f"One {kind.noun}, exactly as the server lists it.",
        "type": "object",
        "properties": {kind.key: key},
        "required": [kind.key],
    }


def _wrapper(kind: ItemKind) -> dict[str, Any]:
    parts = {**_PARTS, "item": {"$ref": f"#/$defs/{kind.type}"}}
    return {
        "type": "object",
        "properties": {name: {**parts[name], "description": doc} for name, doc in WRAPPER.items()},
        "required": ["item"],
        "additionalProperties": False,
    }
