"""Names that a server chose, from its list to the decision: they are only names."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine import PolicyEngine, User
from policy_engine.cedar import Schema, render
from policy_engine.errors import ConfigError
from policy_engine.mcp import Catalogue, Server, full_schema
from tests.plugins.samples import samples

ALICE = User(issuer="corp", subject="alice")
RESERVED = ("__entity", "__extn", "__expr", "__proto__")
SHOWN = ("get-sum", "files/read", "a.b", "名前")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
TOOLS = NAMES.filter(lambda name: name not in ("*", "?", "＊", "﹡", "？", "﹖"))  # noqa: RUF001 -- what folds to ours
PROPERTIES = (NAMES | st.just("")).filter(lambda name: name not in RESERVED)


def _quoted(text: str) -> str:
    """A string of Cedar, each character by its number."""
    return '"' + "".join(f"\\u{{{ord(char):x}}}" for char in text) + '"'


def _decisions(make: Callable[..., PolicyEngine], tool: str, argument: str) -> list[tuple[str, str | None]]:
    """Of a call with the argument that the policy asks for, with another, and without."""
    items = [
        {"name": tool, "inputSchema": {"type": "object", "properties": {argument: {"type": "string"}}}},
        {"name": f"_{tool}"},
    ]
    uid, member = _quoted(f"github/{tool}"), _quoted(argument)
    policy = f"""
        @id("own") permit (principal is User, action == Action::{uid}, resource == Tool::{uid})
        when {{ context.arguments has {member} && context.arguments[{member}] == "yes" }};
    """
    engine = make(
        policy, servers={"github": {"resource": "https://mcp.example.com", "catalogue": {"tools": items}}}
    )

    def call(name: str, arguments: dict[str, Any]) -> tuple[str, str | None]:
        params = {"name": name, "arguments": arguments}
        decision = engine.authorize(
            ALICE, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        )
        return decision.code, decision.detail

    return [call(tool, {argument: "yes"}), call(tool, {argument: "no"}), call(tool, {}), call(f"_{tool}", {})]


@settings(max_examples=samples(40))
@given(tool=TOOLS, argument=PROPERTIES)
@example("get-sum", "x-y")
@example("files/read", "a.b")
@example("a.b", "")
@example("名前", "名前")
@example("../github/*", "in")
@example("__cedar", "__cedar")
@example("permit", "if")
@example("back\\slash", "two\nlines")
@example('"); permit (principal, action, resource); //', '"] == "yes" || true || context["')
@example("\x00", "\u202e")
def test_a_policy_on_a_tool_of_any_name_decides_on_that_tool(
    make_engine: Callable[..., PolicyEngine], tool: str, argument: str
) -> None:
    """On its own calls, by its own argument, and on nothing else."""
    denied = ("no_permit", None)

    assert _decisions(make_engine, tool, argument) == [("allowed", None), denied, denied, denied]


def test_names_go_from_a_list_to_a_decision_and_lose_nothing(
    make_engine: Callable[..., PolicyEngine],
) -> None:
    """Catalogue, schema as text, Cedar's own parser, a policy on each tool, decisions for and against."""
    schema = {"type": "object", "properties": {"x-y": {"type": "integer"}}, "required": ["x-y"]}
    tools = {"tools": [{"name": name, "inputSchema": schema} for name in SHOWN]}
    catalogue = Catalogue.from_json("github", json.dumps(tools))
    server = Server(name="github", resource="https://mcp.example.com", catalogue=catalogue)
    text = render(full_schema({"github": server}))
    policies = "".join(
        f"""
        @id("p{limit}") permit (principal is User, action == Action::"github/{name}", resource)
        when {{ context.arguments["x-y"] < {limit} }};
        """
        for limit, name in enumerate(SHOWN)
    )
    engine = make_engine(policies, servers={"github": {"resource": server.resource, "catalogue": tools}})

    def call(name: str, value: int) -> tuple[str, list[str]]:
        params = {"name": name, "arguments": {"x-y": value}}
        decision = engine.authorize(
            ALICE, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        )
        return decision.code, [policy.id for policy in decision.policies]

    assert str(Schema.from_text(text)) == text
    assert [(call(name, limit - 1), call(name, limit)) for limit, name in enumerate(SHOWN)] == [
        (("allowed", [f"p{limit}"]), ("no_permit", [])) for limit, _ in enumerate(SHOWN)
    ]


@pytest.mark.parametrize(
    "item",
    [{"name": "a\ud800"}, {"name": "a", "inputSchema": {"type": "object", "properties": {"\ud800": {}}}}],
)
def test_half_a_character_is_no_name(item: dict[str, Any]) -> None:
    """As values, and escaped in JSON: no other reader would have the same name."""
    for data in ({"tools": [item]}, json.dumps({"tools": [item]})):
        with pytest.raises(ConfigError) as caught:
            Catalogue.from_json("demo", data)

        assert caught.value.problem.startswith("not strict JSON (")


@settings(max_examples=samples(60))
@given(names=st.lists(TOOLS, min_size=1, max_size=3, unique_by=str.casefold), argument=PROPERTIES)
@example(["get-sum", "files/read", "a.b", "名前"], "x-y")
def test_the_schema_of_any_names_is_read_by_cedars_own_parser(names: list[str], argument: str) -> None:
    """As JSON and as text, with nothing lost."""
    schema = {"type": "object", "properties": {argument: {"type": "integer"}}}
    tools = [{"name": f"{place}{name}", "inputSchema": schema} for place, name in enumerate(names)]
    catalogue = Catalogue.from_json("demo", json.dumps({"tools": tools}))
    cedar = full_schema({"demo": Server(name="demo", resource="https://demo.example", catalogue=catalogue)})
    text = render(cedar)

    assert str(Schema.from_text(text)) == text
    for tool in tools:
        action = cedar[""]["actions"][f"demo/{tool['name']}"]
        arguments = action["appliesTo"]["context"]["attributes"]["arguments"]

        assert arguments["attributes"] == {argument: {"type": "Long", "required": False}}


@pytest.fixture(scope="session")
def make_engine(shared_world: Any) -> Callable[..., PolicyEngine]:
    """Makes engines of one world."""
    made: Callable[..., PolicyEngine] = shared_world.engine
    return made
