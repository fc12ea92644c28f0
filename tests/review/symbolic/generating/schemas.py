"""Schemas that policies and worlds are drawn for: every type of Cedar, and our own with arguments."""

from functools import cache
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import Schema
from policy_engine.evaluator import Vocabulary
from policy_engine.mcp import Catalogue, Server, full_schema

__all__ = ["SCHEMAS", "Case", "case"]


def _plain(name: str, *, required: bool = True) -> dict[str, Any]:
    if name in ("decimal", "datetime", "duration", "ipaddr"):
        return {"type": "Extension", "name": name, "required": required}
    return {"type": name, "required": required}


def _entity(name: str, *, required: bool = True) -> dict[str, Any]:
    return {"type": "Entity", "name": name, "required": required}


def _bare(type_: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in type_.items() if name != "required"}


def _set(element: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"type": "Set", "element": _bare(element), "required": required}


def _record(fields: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"type": "Record", "attributes": fields, "required": required}


def _action(
    principals: list[str], resources: list[str], context: dict[str, Any], *groups: str
) -> dict[str, Any]:
    return {
        "memberOf": [{"id": group} for group in groups],
        "appliesTo": {"principalTypes": principals, "resourceTypes": resources, "context": _shape(context)},
    }


def _shape(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Record", "attributes": fields}


_NUMBERS = {
    "": {
        "entityTypes": {
            "Account": {
                "memberOfTypes": ["Team"],
                "shape": _shape(
                    {
                        "level": _plain("Long"),
                        "score": _plain("decimal", required=False),
                        "born": _plain("datetime"),
                        "quota": _plain("duration", required=False),
                        "boss": _entity("Account", required=False),
                        "home": _record({"zip": _plain("Long", required=False), "on": _plain("Boolean")}),
                    }
                ),
                "tags": _bare(_plain("Long")),
            },
            "Team": {"memberOfTypes": ["Team"], "shape": _shape({"rank": _plain("Long", required=False)})},
            "Colour": {"enum": ["red", "green", "blue"]},
            "Doc": {
                "memberOfTypes": ["Doc", "Team"],
                "shape": _shape(
                    {
                        "owner": _entity("Account"),
                        "colour": _entity("Colour", required=False),
                        "sizes": _set(_plain("Long")),
                        "due": _plain("datetime", required=False),
                    }
                ),
            },
        },
        "actions": {
            "all": {},
            "read": _action(
                ["Account"],
                ["Doc"],
                {
                    "now": _plain("datetime"),
                    "amount": _plain("Long"),
                    "price": _plain("decimal"),
                    "wait": _plain("duration"),
                    "extra": _plain("Long", required=False),
                },
                "all",
            ),
            "paint": _action(
                ["Account", "Colour"],
                ["Doc", "Colour"],
                {
                    "shades": _set(_entity("Colour"), required=False),
                    "who": _entity("Account", required=False),
                    "box": _record(
                        {"w": _plain("Long"), "h": _plain("Long", required=False)}, required=False
                    ),
                },
                "all",
            ),
        },
    }
}

_TEXTS = {
    "": {
        "entityTypes": {
            "Person": {
                "memberOfTypes": ["Club", "Role"],
                "shape": _shape(
                    {
                        "name": _plain("String"),
                        "nick": _plain("String", required=False),
                        "langs": _set(_plain("String")),
                        "clubs": _set(_entity("Club"), required=False),
                        "ip": _plain("ipaddr", required=False),
                    }
                ),
                "tags": _bare(_set(_plain("String"))),
            },
            "Robot": {
                "memberOfTypes": ["Role"],
                "shape": _shape({"name": _plain("String"), "owner": _entity("Person", required=False)}),
                "tags": _bare(_plain("String")),
            },
            "Club": {"memberOfTypes": ["Club"]},
            "Role": {"memberOfTypes": ["Role", "Club"]},
            "Room": {
                "memberOfTypes": ["Club"],
                "shape": _shape({"open": _plain("Boolean"), "keeper": _entity("Person")}),
            },
        },
        "actions": {
            "enter": _action(
                ["Person", "Robot"],
                ["Room"],
                {
                    "from": _plain("ipaddr", required=False),
                    "words": _set(_plain("String")),
                    "token": _record(
                        {"id": _plain("String", required=False), "scopes": _set(_plain("String"))},
                    ),
                    "flags": _set(_plain("Boolean"), required=False),
                    "guest": _entity("Robot", required=False),
                },
            ),
            "leave": _action(["Person"], ["Room", "Club"], {"late": _plain("Boolean", required=False)}),
        },
    }
}


def _ours() -> dict[str, Any]:
    tool = {
        "name": "create",
        "inputSchema": {
            "type": "object",
            "properties": {
                "repo": {"type": "string"},
                "count": {"type": "integer"},
                "ratio": {"type": "number"},
                "labels": {"type": "array", "items": {"type": "string"}},
                "options": {
                    "type": "object",
                    "properties": {"force": {"type": "boolean"}, "depth": {"type": "integer"}},
                    "additionalProperties": False,
                },
            },
            "required": ["repo"],
            "additionalProperties": False,
        },
    }
    catalogue = Catalogue.from_json("github", {"tools": [tool]})
    servers = {
        "github": Server(name="github", resource="https://mcp.example.com/github", catalogue=catalogue)
    }
    schema = full_schema(servers)
    kept = {
        "github/create",
        "call_tool",
        "github/*",
        "github/?",
        "read_resource",
        "get_task",
        "ping",
        "session",
    }
    kept |= {"read_only", "destructive", "idempotent", "open_world"}
    schema[""]["actions"] = {name: row for name, row in schema[""]["actions"].items() if name in kept}
    return schema


class Case:
    """A schema, parsed for Cedar and read for us."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """Read it both ways."""
        self.vocabulary = Vocabulary(schema)
        self.schema = Schema.from_json(schema)


SCHEMAS = MappingProxyType({"numbers": lambda: _NUMBERS, "texts": lambda: _TEXTS, "ours": _ours})
"""By name."""


@cache
def case(name: str) -> Case:
    """The schema of a name; made once."""
    return Case(SCHEMAS[name]())
