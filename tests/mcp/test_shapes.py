"""shapes: parameters that policies don't read have to be what the protocol says all the same."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.mcp import Call

Build = Callable[..., Call]
Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "x", "version": "1"},
}
COMPLETE = {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": ""}}

GOOD: dict[str, tuple[str, dict[str, Any]]] = {
    "a page": ("tools/list", {"cursor": "2"}),
    "the first page": ("prompts/list", {"cursor": None}),
    "a beginning": ("initialize", INITIALIZE),
    "a level": ("logging/setLevel", {"level": "emergency"}),
    "a task": ("tools/call", {"name": "get_issue", "task": {"ttl": 60000}}),
    "a task for ever": ("tools/call", {"name": "get_issue", "task": {}}),
    "arguments of a prompt": ("prompts/get", {"name": "p", "arguments": {"a": "b"}}),
    "a completion": ("completion/complete", COMPLETE),
    "a completion with others": ("completion/complete", {**COMPLETE, "context": {"arguments": {"b": "c"}}}),
    "a completion with none": ("completion/complete", {**COMPLETE, "context": {}}),
}
BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "a page by number": ("tools/list", {"cursor": 2}),
    "a page in a list": ("resources/templates/list", {"cursor": ["2"]}),
    "tasks by number": ("tasks/list", {"cursor": 2}),
    "a beginning without a version": ("initialize", {**INITIALIZE, "protocolVersion": None}),
    "a beginning with capabilities in a list": ("initialize", {**INITIALIZE, "capabilities": []}),
    "a beginning by nobody": ("initialize", {**INITIALIZE, "clientInfo": "x"}),
    "no level": ("logging/setLevel", {}),
    "a level by number": ("logging/setLevel", {"level": 7}),
    "a level in a list": ("logging/setLevel", {"level": ["debug"]}),
    "an unknown level": ("logging/setLevel", {"level": "Debug"}),
    "a task that is true": ("tools/call", {"name": "get_issue", "task": True}),
    "a task that lasts for words": ("tools/call", {"name": "get_issue", "task": {"ttl": "1h"}}),
    "a task that lasts true": ("tools/call", {"name": "get_issue", "task": {"ttl": True}}),
    "arguments of a prompt by number": ("prompts/get", {"name": "p", "arguments": {"a": 1}}),
    "state in an object": ("tools/call", {"name": "get_issue", "requestState": {}}),
    "state of a resource": ("resources/read", {"uri": "a:b", "requestState": 1}),
    "state of a task": ("tasks/cancel", {"taskId": "t", "requestState": []}),
    "a completion of nothing": ("completion/complete", {**COMPLETE, "argument": None}),
    "a completion by number": ("completion/complete", {**COMPLETE, "argument": {"name": "a", "value": 1}}),
    "a completion without a name": ("completion/complete", {**COMPLETE, "argument": {"value": "x"}}),
    "a completion with others in a list": ("completion/complete", {**COMPLETE, "context": []}),
    "a completion with other types": (
        "completion/complete",
        {**COMPLETE, "context": {"arguments": {"b": {"c": "d"}}}},
    ),
}


@pytest.mark.parametrize(("method", "params"), GOOD.values(), ids=GOOD.keys())
def test_what_the_protocol_has_passes(
    method: str, params: dict[str, Any], build: Build, request_text: Make
) -> None:
    """Null is the same as nothing."""
    assert build(request_text(method, **params)).method == method


@pytest.mark.parametrize(("method", "params"), BAD.values(), ids=BAD.keys())
def test_what_the_protocol_has_not_is_refused(
    method: str, params: dict[str, Any], build: Build, request_text: Make, refusal: Refusal
) -> None:
    """Servers would read it in as many ways as there are."""
    assert refusal(build, request_text(method, **params)) == ("invalid_params", "parameter")


def test_a_task_is_asked_for_only_where_there_is_that(build: Build, stateless: Make) -> None:
    """In 2026-07-28 the server decides; an old hint is its own business, whatever it is."""
    assert build(stateless("tools/call", name="get_issue", task=[])).method == "tools/call"


def test_a_task_gets_answers(build: Build, stateless: Make, refusal: Refusal) -> None:
    """They are what `tasks/update` is for."""
    for params in ({}, {"inputResponses": None}):
        message = stateless("tasks/update", taskId="t", **params)
        assert refusal(build, message) == ("invalid_params", "parameter")


NOTICES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "cancelled": ("cancelled", {"requestId": 1, "reason": "late"}, True),
    "cancelled, by a task": ("cancelled", {}, True),
    "cancelled, of a list": ("cancelled", {"requestId": [1]}, False),
    "cancelled, of true": ("cancelled", {"requestId": True}, False),
    "progress": ("progress", {"progressToken": "a", "progress": 0.5, "total": 1}, True),
    "progress of nothing": ("progress", {"progress": 1}, False),
    "progress in words": ("progress", {"progressToken": 1, "progress": "half"}, False),
    "a task's status": ("tasks/status", {"taskId": "t", "status": "working"}, True),
    "no task's status": ("tasks/status", {"status": "working"}, False),
    "a beginning": ("initialized", {}, True),
}


@pytest.mark.parametrize(("name", "params", "good"), NOTICES.values(), ids=NOTICES.keys())
def test_notifications_have_shapes_too(
    name: str, params: dict[str, Any], *, good: bool, build: Build, refusal: Refusal
) -> None:
    """Nobody is told of an error, but nothing is forwarded."""
    message = {"jsonrpc": "2.0", "method": f"notifications/{name}", "params": params}

    if good:
        assert build(message).request_id is None
    else:
        assert refusal(build, message) == ("invalid_params", "parameter")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, False),
        ({"requestState": None}, False),
        ({"requestState": ""}, True),
        ({"requestState": "v1"}, True),
    ],
)
def test_policies_learn_whether_a_call_goes_on(
    params: dict[str, Any], *, expected: bool, build: Build, stateless: Make
) -> None:
    """The state itself is the server's, and in the caller's hands."""
    (request,) = build(stateless("tools/call", name="get_issue", **params)).requests

    assert request.context["has_request_state"] is expected


@pytest.mark.parametrize(
    "name", ["Task", "REQUESTSTATE", "reque\u017ftState", "Argument", "Context", "Level", "taskID"]
)
def test_a_parameter_that_looks_like_one_that_is_read_is_refused(
    name: str, build: Build, request_text: Make, refusal: Refusal
) -> None:
    """Some servers would read it as that one."""
    message = request_text("tools/call", name="get_issue", **{name: None})

    assert refusal(build, message) == ("invalid_params", "lookalike")
