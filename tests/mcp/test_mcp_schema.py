"""schema and vocabulary: one ordinary Cedar schema, whatever servers name their tools."""

import json
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.mcp import (
    ENTITY_TYPES,
    HEADER,
    PRINCIPALS,
    Catalogue,
    Server,
    base_schema,
    entity_schema,
    full_schema,
)
from policy_engine.model import AttributeType
from tests.plugins.samples import samples

FILE = Path(__file__).parents[2] / "schemas" / "mcp.cedarschema"

HOSTILE = [
    "get-sum", "files/read", "a.b", "名前", 'say "hi"', "two\nlines", "back\\slash", "call_tool", "session",
    "list_tools", "read_only", "../other/*", "__entity", "\x00", " ", "*?", "${name}", "*/ permit",
]  # fmt: skip


def _load(schema: dict[str, Any]) -> cedarpy.Schema:
    return cedarpy.Schema.from_json_str(json.dumps(schema))


def _in_cedar(schema: cedarpy.Schema) -> str:
    """Cedar's own rendering; its long names of built-in types say no more than the short ones."""
    return str(schema).replace("__cedar::", "")


def _server(*items: dict[str, Any], name: str = "demo") -> dict[str, Server]:
    catalogue = Catalogue.from_json(name, {"tools": [{"item": item, "reviewed": True} for item in items]})
    return {name: Server(name=name, resource="https://demo.example", catalogue=catalogue)}


def test_the_schema_file_is_current() -> None:
    """`schemas/mcp.cedarschema` is what the tables say, and reads back as the same schema."""
    rendered = _in_cedar(_load(base_schema()))

    assert FILE.read_text("utf-8") == HEADER + rendered
    assert _in_cedar(cedarpy.Schema.from_str(HEADER + rendered)) == rendered


def test_humans_and_machines_have_no_parent_type_in_common() -> None:
    """Neither directly nor through nesting: no group can hold both."""

    def ancestors(name: str) -> set[str]:
        found: set[str] = set()
        left = [name]
        while left:
            parents = set(ENTITY_TYPES[left.pop()].parents) - found
            found |= parents
            left.extend(parents)
        return found

    human, machine = (ancestors(name) for name in PRINCIPALS)

    assert (human, machine) == ({"Group", "Role"}, {"ClientGroup", "ClientRole"})


def test_entity_types_load_without_any_action() -> None:
    """The schema that principals are checked against is the same for any number of tools."""
    assert entity_schema()[""]["actions"] == {}
    assert _load(entity_schema()) is not None


def test_declared_attributes_are_added_and_replace_nothing() -> None:
    """Each optional, of its Cedar type, for its own kind only; the rest of the schema is as before."""
    declared = {"User": {"email": AttributeType.LONG, "tags": AttributeType.STRINGS}}
    types, before = entity_schema(declared)[""]["entityTypes"], entity_schema()[""]["entityTypes"]
    added = {
        "type": "Set",
        "element": {"type": "String"},
        "required": False,
        "annotations": {"doc": "Declared in the configuration."},
    }

    assert types["User"]["shape"]["attributes"] == before["User"]["shape"]["attributes"] | {"tags": added}
    assert {name: row for name, row in types.items() if name != "User"} == {
        name: row for name, row in before.items() if name != "User"
    }
    assert full_schema({}, declared)[""]["entityTypes"] == types


def test_every_part_of_the_schema_explains_itself() -> None:
    """Entity types, attributes, common types and actions have a sentence each."""
    schema = base_schema()[""]
    shapes = [row["shape"] for row in schema["entityTypes"].values()]
    attributes = [
        attribute
        for shape in (*shapes, *schema["commonTypes"].values())
        for attribute in shape["attributes"].values()
    ]
    parts = [*attributes, *(row for kind in schema.values() for row in kind.values())]

    assert [part for part in parts if not part["annotations"]["doc"]] == []


def test_a_pinned_tool_is_an_action_with_its_groups_and_typed_arguments() -> None:
    """Beside the group of its server, and the action for tools that aren't pinned."""
    item = {
        "name": "get",
        "inputSchema": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
        "annotations": {"readOnlyHint": True, "openWorldHint": False},
    }
    actions = full_schema(_server(item))[""]["actions"]
    arguments = actions["demo/get"]["appliesTo"]["context"]["attributes"]["arguments"]

    assert actions.keys() - base_schema()[""]["actions"].keys() == {"demo/get", "demo/*", "demo/?"}
    assert actions["demo/get"]["memberOf"] == [{"id": "demo/*"}, {"id": "read_only"}]
    assert actions["demo/get"]["appliesTo"]["resourceTypes"] == ["Tool"]
    assert arguments["attributes"] == {"id": {"type": "Long", "required": True}}
    assert actions["demo/*"]["memberOf"] == [{"id": "call_tool"}]
    assert actions["demo/?"]["memberOf"] == [{"id": "demo/*"}, {"id": "destructive"}, {"id": "open_world"}]


def test_a_tool_whose_arguments_are_not_visible_says_why() -> None:
    """Authors who look for `context.arguments.x` read the reason."""
    actions = full_schema(_server({"name": "odd", "inputSchema": {"type": "object", "oneOf": []}}))[""][
        "actions"
    ]

    assert actions["demo/odd"]["annotations"] == {
        "doc": "Arguments unseen: its `oneOf` isn't a list of schemas."
    }
    assert actions["demo/odd"]["appliesTo"]["context"]["attributes"]["arguments"]["attributes"] == {}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_names(name: str) -> None:
    """The schema loads, reads back, and lets policies name the tool and its arguments."""
    properties = {name: {"type": "string"}, "x-y": {"type": "string"}, "__entity": {"type": "string"}}
    item = {"name": name, "inputSchema": {"type": "object", "properties": properties}}
    schema = _load(full_schema(_server(item)))
    policy = {
        "effect": "permit",
        "principal": {"op": "All"},
        "action": {"op": "==", "entity": {"type": "Action", "id": f"demo/{name}"}},
        "resource": {"op": "All"},
        "conditions": [
            {
                "kind": "when",
                "body": {
                    "has": {"left": {".": {"left": {"Var": "context"}, "attr": "arguments"}}, "attr": "x-y"}
                },
            }
        ],
    }
    text = cedarpy.policies_from_json_str(
        json.dumps({"staticPolicies": {"p": policy}, "templates": {}, "templateLinks": []})
    )

    assert _in_cedar(cedarpy.Schema.from_str(_in_cedar(schema))) == _in_cedar(schema)
    assert cedarpy.validate_policies(text, schema).errors == []


@settings(max_examples=samples(60))
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_no_tool_has_the_name_of_an_action_of_ours(name: str) -> None:
    """Whatever a server calls its tool, our actions, and those of other servers, stay as they were."""
    servers = {**_server(name="other"), **_server({"name": f"_{name}"}, name="demo")}
    actions = full_schema(servers)[""]["actions"]
    without = full_schema({**_server(name="other"), **_server(name="demo")})[""]["actions"]

    assert {action: row for action, row in actions.items() if action in without} == without
    assert actions.keys() - without.keys() == {f"demo/_{name}"}
