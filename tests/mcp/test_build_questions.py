"""build: what every other message asks for."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.mcp import Call
from policy_engine.model import HttpFacts

Build = Callable[..., Call]
Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]

QUESTIONS: dict[str, tuple[str, dict[str, Any], str, dict[str, Any] | None]] = {
    "prompts/get": (
        "prompts/get",
        {"name": "p"},
        'Action::"get_prompt" Prompt::"github/p"',
        {"name": "p", "pinned": False},
    ),
    "resources/read": (
        "resources/read",
        {"uri": "file:///a%20b/c"},
        'Action::"read_resource" Resource::"github/file:///a%20b/c"',
        {
            "uri": "file:///a%20b/c",
            "scheme": "file",
            "authority": "",
            "host": "",
            "path": "/a%20b/c",
            "pinned": False,
        },
    ),
    "resources/subscribe": (
        "resources/subscribe",
        {"uri": "a:b"},
        'Action::"subscribe_resource" Resource::"github/a:b"',
        {"uri": "a:b", "scheme": "a", "path": "b", "pinned": False},
    ),
    "resources/unsubscribe": (
        "resources/unsubscribe",
        {"uri": "a:b"},
        'Action::"subscribe_resource" Resource::"github/a:b"',
        {"uri": "a:b", "scheme": "a", "path": "b", "pinned": False},
    ),
    "completion/complete, prompt": (
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": ""}},
        'Action::"complete" Prompt::"github/p"',
        {"name": "p", "pinned": False},
    ),
    "completion/complete, template": (
        "completion/complete",
        {"ref": {"type": "ref/resource", "uri": "a:{b}"}, "argument": {"name": "b", "value": ""}},
        'Action::"complete" ResourceTemplate::"github/a:{b}"',
        {"uri_template": "a:{b}", "pinned": False},
    ),
    "tasks/result": (
        "tasks/result",
        {"taskId": "t"},
        'Action::"get_task" Task::"github/t"',
        {"task_id": "t", "owned": False},
    ),
    "tasks/cancel": (
        "tasks/cancel",
        {"taskId": "t"},
        'Action::"cancel_task" Task::"github/t"',
        {"task_id": "t", "owned": False},
    ),
    "tasks/list": ("tasks/list", {}, 'Action::"list_tasks" Server::"github"', None),
    "tools/list": ("tools/list", {"cursor": "2"}, 'Action::"list_tools" Server::"github"', None),
    "logging/setLevel": (
        "logging/setLevel",
        {"level": "info"},
        'Action::"set_log_level" Server::"github"',
        None,
    ),
}


@pytest.mark.parametrize("case", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_message_asks_for_what_its_parameters_name(
    case: tuple[str, dict[str, Any], str, dict[str, Any] | None],
    build: Build,
    request_text: Make,
    *,
    action_entity: Make,
    questions: Callable[[Call], list[str]],
    plain_context: dict[str, Any],
    server_entity: dict[str, Any],
) -> None:
    """The id is `<server>/<name>`, the name exactly as it was written, the parent the server."""
    method, params, question, attributes = case
    message = request_text(method, **params)
    call = build(message)
    (request,) = call.requests
    resource, *around = request.surroundings.whole

    assert questions(call) == [question]
    assert request.context == plain_context
    assert json.loads(call.forward) == message
    assert resource == (
        server_entity
        if attributes is None
        else {
            "uid": request.resource.to_json(),
            "attrs": attributes,
            "parents": [{"type": "Server", "id": "github"}],
        }
    )
    assert around == [*([] if attributes is None else [server_entity]), action_entity(request.action.id)]


def test_actions_of_the_session_bring_their_group(
    build: Build, request_text: Make, *, action_entity: Make, server_entity: dict[str, Any]
) -> None:
    """`action in Action::"session"` holds for what a client needs before its first call."""
    proposal = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {}}
    (request,) = build(request_text("initialize", **proposal)).requests

    assert list(request.surroundings.whole) == [
        server_entity,
        action_entity("initialize", "session"),
        action_entity("session"),
    ]


@pytest.mark.parametrize(("verb", "action"), [("GET", "open_stream"), ("DELETE", "end_session")])
def test_streams_are_asked_for_too(
    verb: str, action: str, build: Build, *, questions: Callable[[Call], list[str]]
) -> None:
    """Each HTTP request is, and nothing is forwarded but the request itself."""
    call = build(None, http=HttpFacts(method=verb))

    assert questions(call) == [f'Action::"{action}" Server::"github"']
    assert (call.method, call.forward, call.request_id) == (verb, b"", None)


def test_a_notification_waits_for_no_answer(build: Build, *, questions: Callable[[Call], list[str]]) -> None:
    """It is asked for all the same."""
    call = build({"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert questions(call) == ['Action::"notify" Server::"github"']
    assert call.request_id is None


def test_listening_is_asked_for_once_more_for_each_thing_listened_to(
    build: Build, stateless: Make, *, questions: Callable[[Call], list[str]]
) -> None:
    """Lists are seen, resources subscribed to, tasks read; what is named twice is asked for once."""
    wanted = {
        "toolsListChanged": True,
        "promptsListChanged": False,
        "resourceSubscriptions": ["a:1", "a:2", "a:1"],
        "taskIds": ["t"],
    }

    assert questions(build(stateless("subscriptions/listen", notifications=wanted))) == [
        'Action::"listen" Server::"github"',
        'Action::"list_tools" Server::"github"',
        'Action::"subscribe_resource" Resource::"github/a:1"',
        'Action::"subscribe_resource" Resource::"github/a:2"',
        'Action::"get_task" Task::"github/t"',
    ]
