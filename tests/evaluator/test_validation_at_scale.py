"""Thousands of tools and policies: what it costs to load them, and how mistakes in many tools are told."""

import pytest

from policy_engine.cedar import Schema, parse_policies, tree_of, validate
from policy_engine.config import config_from_values, examine, protected_servers
from policy_engine.evaluator import KnownNames, PolicySource, examine_policies
from policy_engine.evaluator.grouping import Grouping
from policy_engine.mcp import full_schema
from policy_engine.model import CedarJson
from tests.benchmarks.loading import policies_for, values

TOOLS = 2_000
STRING: CedarJson = {"type": "String"}
NAMES = KnownNames(issuers=frozenset({"corp"}), servers=frozenset({"github"}))


def record(attributes: CedarJson) -> CedarJson:
    """A record type."""
    return {"type": "Record", "attributes": attributes}


def applies(arguments: CedarJson) -> CedarJson:
    """What a tool applies to."""
    context = record({"arguments": record(arguments), "actor": {**STRING, "required": False}})
    return {"principalTypes": ["User", "Client"], "resourceTypes": ["Tool"], "context": context}


@pytest.fixture(scope="module")
def schema() -> CedarJson:
    """Tools each with an argument of its own; some with arguments that others have, too."""
    actions: CedarJson = {"call_tool": {}, "github/*": {"memberOf": [{"id": "call_tool"}]}}
    for number in range(TOOLS):
        arguments: CedarJson = {f"own_{number}": STRING}
        if number % 54 == 3:
            arguments["labels"] = {"type": "Set", "element": STRING, "required": False}
        if number % 2 == 0:
            arguments["count"] = {"type": "Long"} if number % 500 else STRING
        row = {"memberOf": [{"id": "github/*"}], "appliesTo": applies(arguments)}
        actions[f"github/tool_{number}"] = row
    someone: CedarJson = {"shape": record({"name": STRING})}
    types: CedarJson = {
        "User": someone,
        "Client": someone,
        "Server": {},
        "Tool": {"memberOfTypes": ["Server"]},
    }
    return {"": {"entityTypes": types, "actions": actions}}


def told(schema: CedarJson, condition: str) -> list[str]:
    """What is wrong with a forbid on all tools."""
    text = f'@id("a")\nforbid (principal, action in Action::"github/*", resource)\nwhen {{ {condition} }};'
    found = examine_policies([PolicySource(text=text)], schema, NAMES, placeholder=applies({}))
    return [str(error) for error in found.errors]


def test_an_argument_that_may_be_missing_is_told_once(schema: CedarJson) -> None:
    """With its type, the number of tools that have it, and the first of them; and those that lack it."""
    assert told(schema, 'context.arguments.labels.contains("x")') == [
        "<values>:3:26: `context.arguments` has no `labels` in 1,963 of 2,000 tools, first `github/tool_0` "
        "(guard it: `context.arguments has labels && …`, or name those that have it: "
        '`Action::"github/tool_3"`, `Action::"github/tool_57"`, `Action::"github/tool_111"` and 34 more)'
    ]
    head = 'action in [Action::"github/tool_3", Action::"github/tool_57"]'
    text = f'@id("a") forbid (principal, {head}, resource) when {{ context.arguments.labels.isEmpty() }};'
    found = examine_policies([PolicySource(text=text)], schema, NAMES, placeholder=applies({}))
    assert [str(error) for error in found.errors] == [
        "<values>:1:127: `context.arguments.labels`, a set of Strings, may be missing in both tools "
        "(guard it: `context.arguments has labels && …`)"
    ]


def test_a_type_that_differs_between_tools_is_told_once(schema: CedarJson) -> None:
    """At the argument, with the tools in which it is of the other type."""
    assert told(schema, 'context.arguments has count && context.arguments.count == "x"') == [
        '<values>:3:66: `context.arguments.count` is an integer (Long), `"x"` is a String: they are never '
        "equal in 996 of 2,000 tools, first `github/tool_2` (write a policy of its own for github/tool_2, "
        "github/tool_4, github/tool_6 and 993 more)"
    ]
    assert told(schema, "context.arguments has count && context.arguments.count < 3") == [
        "<values>:3:65: `context.arguments.count` is a String, `3` is an integer (Long): `<` can't compare "
        "them in 4 of 2,000 tools: github/tool_0, github/tool_500, github/tool_1000 and github/tool_1500 "
        "(write a policy of its own for github/tool_0, github/tool_500, github/tool_1000 and "
        "github/tool_1500)"
    ]


def test_what_no_tool_has_is_told_with_what_they_have(schema: CedarJson) -> None:
    """Of all tools, also of those that nothing was asked about."""
    (error,) = told(schema, 'context.arguments.own_1999x == "x"')

    assert error.startswith(
        "<values>:3:26: `context.arguments` has no `own_1999x` in all 2,000 tools (did you mean `own_1999`? "
    )


def test_each_cause_is_an_error_of_its_own(schema: CedarJson) -> None:
    """At its own place."""
    assert [
        error.partition(": ")[0] for error in told(schema, 'context.nope == 1 || context.actor == "x"')
    ] == [
        "<values>:3:16",
        "<values>:3:37",
    ]


@pytest.mark.parametrize(
    ("condition", "classes"),
    [
        ("principal == principal", 1),
        ("context has arguments", 1),
        ("context.arguments has labels", 2),
        ("context.arguments has count", 2),
        ("context.arguments has count && context.arguments.count == 1", 3),
        ("context.arguments has own_7 || context.arguments has labels", 3),
        ('action == Action::"github/tool_7" || context.arguments has labels', 3),
        ('action in Action::"github/*"', 1),
        ("context.arguments == context.arguments", TOOLS),
    ],
)
def test_there_are_as_many_classes_as_differences(schema: CedarJson, condition: str, classes: int) -> None:
    """Between the tools, to a policy; and each tool is in one of them."""
    text = f'permit (principal, action in Action::"call_tool", resource) when {{ {condition} }};'
    (policy,) = parse_policies(text)
    grouping = Grouping(schema)

    alike = grouping.alike(tree_of(policy.est))

    assert len(alike.classes) == classes
    assert sum(alike.classes.values()) == grouping.index.everything == 2**TOOLS - 1


def test_two_thousand_tools_are_looked_at_with_all_that_validate_says() -> None:
    """Valid for Cedar on the whole schema, and here; what it costs is shown by the benchmark of loading."""
    texts = "\n".join(policies_for(TOOLS, 40))
    loaded = config_from_values(values(TOOLS), policy_text=texts)
    servers = protected_servers(loaded)
    whole = Schema.from_json(full_schema(servers))
    sources, names = [PolicySource(text=texts)], KnownNames(issuers={"corp"}, servers=servers.keys())

    found = examine_policies(sources, full_schema(servers), names, placeholder=applies({}))

    assert validate(parse_policies(texts), whole) == ()
    assert found.errors == ()
    # A server's forty tools may lack what a policy on all of them asks about.
    warnings = found.store().warnings
    assert {(warning.code, "never has" in warning.message) for warning in warnings} <= {("PS003", True)}


@pytest.mark.long
def test_two_thousand_tools_and_a_thousand_policies_validate() -> None:
    """All that `validate` does."""
    loaded = config_from_values(values(TOOLS), policy_text="\n".join(policies_for(TOOLS, 1_000)))

    assert examine(loaded).errors == ()
