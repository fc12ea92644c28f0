"""build: what is refused before any policy is asked."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.errors import MessageError
from policy_engine.mcp import Call

Build = Callable[..., Call]
Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]

BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "no tool": ("tools/call", {}, "name"),
    "an empty tool": ("tools/call", {"name": ""}, "name"),
    "a tool that isn't a string": ("tools/call", {"name": ["get_issue"]}, "name"),
    "no prompt": ("prompts/get", {"name": None}, "name"),
    "no resource": ("resources/read", {}, "uri"),
    "an empty resource": ("resources/read", {"uri": ""}, "uri"),
    "a resource that isn't a string": ("resources/read", {"uri": 1}, "uri"),
    "a resource with a space": ("resources/read", {"uri": "a:b c"}, "uri"),
    "a resource with a backslash": ("resources/read", {"uri": "file:\\etc"}, "uri"),
    "a resource with a line end": ("resources/subscribe", {"uri": "a:b\n"}, "uri"),
    "a resource with a NUL": ("resources/unsubscribe", {"uri": "a:\x00"}, "uri"),
    "a resource with a no-break space": ("resources/read", {"uri": "a:\u00a0"}, "uri"),
    "no task": ("tasks/get", {}, "taskId"),
    "an empty task": ("tasks/cancel", {"taskId": ""}, "taskId"),
    "no reference": ("completion/complete", {}, "ref"),
    "a reference to something else": (
        "completion/complete",
        {"ref": {"type": "ref/tool", "name": "x"}},
        "ref",
    ),
    "a reference to two things": (
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "x", "uri": "a:b"}},
        "ref",
    ),
    "a reference with a lookalike": (
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "x", "Name": "y"}},
        "ref",
    ),
    "a reference with a prototype": (
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "x", "__proto__": {"name": "y"}}},
        "lookalike",
    ),
    "an argument with a prototype": (
        "completion/complete",
        {
            "ref": {"type": "ref/prompt", "name": "x"},
            "argument": {"name": "a", "value": "", "__proto__": {}},
        },
        "lookalike",
    ),
    "a context with a prototype": (
        "completion/complete",
        {
            "ref": {"type": "ref/prompt", "name": "x"},
            "argument": {"name": "a", "value": ""},
            "context": {"__proto__": {"arguments": {}}},
        },
        "lookalike",
    ),
    "earlier arguments with a prototype": (
        "completion/complete",
        {
            "ref": {"type": "ref/prompt", "name": "x"},
            "argument": {"name": "a", "value": ""},
            "context": {"arguments": {"__proto__": "b"}},
        },
        "lookalike",
    ),
    "a reference without a name": ("completion/complete", {"ref": {"type": "ref/prompt"}}, "name"),
    "a reference with a bad uri": (
        "completion/complete",
        {"ref": {"type": "ref/resource", "uri": " "}},
        "uri",
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_a_name_that_is_missing_or_unfit_is_refused(
    case: tuple[str, dict[str, Any], str], build: Build, request_text: Make, refusal: Refusal
) -> None:
    """Nothing is asked about a thing without a name."""
    method, params, detail = case

    assert refusal(build, request_text(method, **params)) == ("invalid_params", detail)


LISTENING: dict[str, tuple[Any, str]] = {
    "nothing": (None, "notifications"),
    "a list": ([], "notifications"),
    "a filter that isn't known": ({"promptSubscriptions": ["p"]}, "notifications"),
    "a lookalike": ({"ResourceSubscriptions": ["a:b"]}, "notifications"),
    "a flag in words": ({"toolsListChanged": "yes"}, "notifications"),
    "one resource, not a list": ({"resourceSubscriptions": "a:b"}, "notifications"),
    "a resource that isn't a string": ({"resourceSubscriptions": [1]}, "uri"),
    "a bad resource": ({"resourceSubscriptions": ["a:b", "a b"]}, "uri"),
    "an empty task": ({"taskIds": [""]}, "taskId"),
    "too many at once": ({"taskIds": [str(number) for number in range(257)]}, "notifications"),
}


@pytest.mark.parametrize(("wanted", "detail"), LISTENING.values(), ids=LISTENING.keys())
def test_what_is_listened_to_must_be_known(
    wanted: Any, detail: str, build: Build, stateless: Make, refusal: Refusal
) -> None:
    """A filter that we don't know could open what nobody was asked about."""
    assert refusal(build, stateless("subscriptions/listen", notifications=wanted)) == (
        "invalid_params",
        detail,
    )


@pytest.mark.parametrize(
    "case",
    [
        ("tools/call", {"name": "get_issue", "arguments": []}, "wrong_type"),
        ("tools/call", {"name": "get_issue", "arguments": None}, "wrong_type"),
        ("tools/call", {"name": "get_issue", "arguments": {"number": "1"}}, "wrong_type"),
        ("tools/call", {"name": "delete_repo", "arguments": {"x": 1}}, "unknown_argument"),
        ("tools/call", {"name": "anything", "arguments": {"x": {"__extn": 1}}}, "reserved_name"),
        ("prompts/get", {"name": "p", "arguments": {"x": {"__entity": 1}}}, "reserved_name"),
    ],
    ids=["a list", "null", "another type", "unknown", "a reserved name", "a reserved name for a prompt"],
)
def test_arguments_that_do_not_fit_are_refused_before_any_policy(
    case: tuple[str, dict[str, Any], str], build: Build, request_text: Make, refusal: Refusal
) -> None:
    """Prompts' arguments aren't seen, but hold no reserved names either."""
    method, params, detail = case

    assert refusal(build, request_text(method, **params)) == ("invalid_arguments", detail)


def test_a_server_that_is_not_configured_is_unknown(
    build: Build, request_text: Make, refusal: Refusal
) -> None:
    """No other server stands in for it."""
    assert refusal(build, request_text("ping"), server="gitlab") == ("unknown_server", None)


def test_a_method_of_another_revision_is_unknown(build: Build, stateless: Make, refusal: Refusal) -> None:
    """Tables aren't merged."""
    assert refusal(build, stateless("ping")) == ("unknown_method", None)


def test_an_error_names_no_value(build: Build, request_text: Make) -> None:
    """What a caller sent stays out of messages and logs."""
    with pytest.raises(MessageError) as caught:
        build(request_text("tools/call", name="get_issue", arguments={"number": "s3cret"}))

    assert str(caught.value) == "invalid_arguments (wrong_type): argument `number`"
