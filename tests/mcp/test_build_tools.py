"""build: a call of a tool becomes one question."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from policy_engine.mcp import Call, Catalogue, RequestBuilder, Server, parse_message
from policy_engine.model import Identity, TokenFacts, User

Build = Callable[..., Call]
Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]


def test_a_call_of_a_pinned_tool_is_one_question(
    build: Build,
    request_text: Make,
    user: Identity,
    *,
    action_entity: Make,
    plain_context: dict[str, Any],
    server_entity: dict[str, Any],
) -> None:
    """With everything around it, arguments typed, and defaults filled in for policies and server alike."""
    arguments = {"repo": "acme/app", "weight": 1.5, "body": {"any": "thing"}}
    message = request_text("tools/call", name="create_issue", arguments=arguments)
    call = build(message)
    (request,) = call.requests

    assert (call.method, call.revision, call.request_id) == ("tools/call", "2025-11-25", 7)
    assert call.argument_names == ("body", "priority", "repo", "weight")
    assert (request.principal, str(request.action), str(request.resource)) == (
        user.principal,
        'Action::"github/create_issue"',
        'Tool::"github/create_issue"',
    )
    assert request.context == {
        **plain_context,
        "arguments": {
            "repo": "acme/app",
            "weight": {"__extn": {"fn": "decimal", "arg": "1.5"}},
            "priority": 3,
        },
        "unrepresentable": ["body"],
    }
    assert list(request.surroundings.whole) == [
        {
            "uid": {"type": "Tool", "id": "github/create_issue"},
            "attrs": {
                "name": "create_issue",
                "pinned": True,
                "read_only": False,
                "destructive": False,
                "idempotent": False,
                "open_world": True,
            },
            "parents": [{"type": "Server", "id": "github"}],
        },
        server_entity,
        action_entity("github/create_issue", "github/*", "open_world"),
        action_entity("github/*", "call_tool"),
        action_entity("call_tool"),
        action_entity("open_world"),
    ]
    assert json.loads(call.forward) == {
        **message,
        "params": {"name": "create_issue", "arguments": {**arguments, "priority": 3}},
    }


def test_the_surroundings_of_a_pinned_tool_are_made_once(build: Build, request_text: Make) -> None:
    """Two calls share them, whatever their arguments."""
    one, two = (
        build(request_text("tools/call", name="get_issue", arguments={"number": number})) for number in (1, 2)
    )

    assert one.requests[0].surroundings is two.requests[0].surroundings


def test_defaults_are_filled_in_where_there_are_no_arguments_at_all(servers: dict[str, Server]) -> None:
    """The message gets the member it lacked."""
    item = {
        "name": "t",
        "inputSchema": {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}},
    }
    catalogue = Catalogue.from_json("github", {"tools": [item]})
    builder = RequestBuilder({"github": replace(servers["github"], catalogue=catalogue)}, now=lambda: 0)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t"}}
    identity = Identity(principal=User(issuer="corp", subject="alice"), token=TokenFacts())
    call = builder.build(parse_message(body), identity, "github")

    assert json.loads(call.forward)["params"] == {"name": "t", "arguments": {"n": 1}}
    assert call.requests[0].context["arguments"] == {"n": 1}
    assert call.requests[0].context["token"] == {"scopes": []}


def test_a_message_without_arguments_is_forwarded_without(build: Build, request_text: Make) -> None:
    """Nothing is added that the caller didn't mean."""
    message = request_text("tools/call", name="get_issue")

    assert json.loads(build(message).forward) == message


def test_an_unpinned_tool_is_refused_where_the_operator_says_deny(
    build: Build, request_text: Make, refusal: Refusal
) -> None:
    """Names compare exactly."""
    for name in ("create_issue2", "Create_Issue", "*", "?"):
        assert refusal(build, request_text("tools/call", name=name)) == ("tool_unpinned", None)


def test_an_unpinned_tool_is_called_by_one_action_where_the_operator_says_allow(
    build: Build, request_text: Make, *, action_entity: Make, questions: Callable[[Call], list[str]]
) -> None:
    """It is destructive and reaches out; its arguments are named and never seen."""
    message = request_text("tools/call", name="no/such tool", arguments={"b": 1, "a": {"c": [2]}})
    call = build(message, server="open")
    (request,) = call.requests

    assert questions(call) == ['Action::"open/?" Tool::"open/no/such tool"']
    assert (request.context["arguments"], request.context["unrepresentable"]) == ({}, ["a", "b"])
    assert [entity["attrs"] for entity in request.surroundings.whole[:1]] == [
        {
            "name": "no/such tool",
            "pinned": False,
            "read_only": False,
            "destructive": True,
            "idempotent": False,
            "open_world": True,
        }
    ]
    assert list(request.surroundings.whole[2:]) == [
        action_entity("open/?", "open/*", "destructive", "open_world"),
        action_entity("open/*", "call_tool"),
        action_entity("call_tool"),
        action_entity("destructive"),
        action_entity("open_world"),
    ]
    assert json.loads(call.forward) == message


def test_an_unpinned_tool_that_imitates_a_pinned_one_is_refused_all_the_same(
    servers: dict[str, Server], user: Identity, request_text: Make, refusal: Refusal
) -> None:
    """A server that ignores case would run the pinned one, past the policies about it."""
    builder = RequestBuilder({"github": replace(servers["github"], unpinned="allow")}, now=lambda: 0)
    message = parse_message(request_text("tools/call", name="Delete_Repo"))

    assert refusal(builder.build, message, user, "github") == ("tool_unpinned", "lookalike")


def test_a_pinned_tool_with_unknown_argument_types_is_called_unseen(build: Build, request_text: Make) -> None:
    """By its own action."""
    (request,) = build(request_text("tools/call", name="anything", arguments={"a": 1})).requests

    assert str(request.action) == 'Action::"github/anything"'
    assert (request.context["arguments"], request.context["unrepresentable"]) == ({}, ["a"])


def test_names_of_arguments_are_kept_short_for_the_record(build: Build, request_text: Make) -> None:
    """A caller who chooses them can't flood it."""
    arguments: dict[str, Any] = {f"{number:03}" + "x" * 200: number for number in range(200)}
    names = build(request_text("tools/call", name="anything", arguments=arguments)).argument_names

    assert names == tuple(f"{number:03}" + "x" * 77 for number in range(100))
