"""What is asked, and what a server answers to it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from policy_engine.harness import Case, World
from policy_engine.harness.running import decide
from policy_engine.model import HttpFacts

Load = Callable[..., tuple[Case, ...]]


def case_of(load: Load, call: str, expect: str = "{status: 200}", scope: str = "") -> Case:
    """A machine that asks for one thing."""
    text = f"principals: {{bot: {{client: ci-bot{scope}}}}}\ncalls: {{c: {call}}}\n"
    (case,) = load(f"{text}tests: [{{who: bot, asks: c, expect: {expect}}}]\n")
    return case


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "{tool: list_issues}",
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "list_issues", "arguments": {}},
            },
        ),
        (
            "{tool: nothing, unpinned: true, arguments: {a: [1, null]}}",
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "nothing", "arguments": {"a": [1, None]}},
            },
        ),
        ("{method: ping}", {"jsonrpc": "2.0", "id": 1, "method": "ping"}),
        ("{method: notifications/initialized}", {"jsonrpc": "2.0", "method": "notifications/initialized"}),
        ("{message: '{\"a\": '}", b'{"a": '),
        ("{http: {method: DELETE}}", None),
    ],
)
def test_a_call_becomes_a_message(load: Load, call: str, message: Mapping[str, Any] | bytes | None) -> None:
    """As a client would send it, or as it is written."""
    assert case_of(load, call).asked.message == message


def test_headers_are_those_of_the_request(load: Load, world: World) -> None:
    """With them, what is checked of requests is checked."""
    case = case_of(
        load,
        "{method: ping, http: {headers: {MCP-Protocol-Version: '2024-01-01'}}}",
        "{code: unsupported_version, status: 400}",
    )

    assert case.asked.http == HttpFacts(headers={"MCP-Protocol-Version": "2024-01-01"})
    assert decide(world, case).failures == ()


@pytest.mark.parametrize(
    ("call", "visible"),
    [
        ("{method: tools/list}", "list_issues, create_issue"),
        ("{method: tools/list, lists: [create_issue, delete_repository]}", "create_issue"),
        (
            "{method: tools/list, lists: {tools: [{name: list_issues, inputSchema: {type: object}}]}}",
            "list_issues",
        ),
    ],
)
def test_what_is_visible_of_a_list_is_tested(load: Load, world: World, call: str, visible: str) -> None:
    """Of all that is pinned, of some of it, or of what the file says that the server lists."""
    case = case_of(load, call, f"{{visible: [{visible}]}}", ", scope: 'issues:write'")
    result = decide(world, case)

    if "inputSchema" in call:  # it isn't listed as it was pinned
        assert result.visible == ()
    else:
        assert (result.failures, result.visible) == ((), tuple(visible.split(", ")))


def test_a_list_is_asked_for_without_being_looked_at(load: Load) -> None:
    """What is left of it costs more than whether it may be asked for."""
    assert case_of(load, "{method: tools/list}").asked.listed is None


def test_a_challenge_is_tested(load: Load, world: World) -> None:
    """By the scopes that it names."""
    case = case_of(load, "{tool: create_issue}", "{scopes: 'issues:write'}")

    assert (case.expect.code, decide(world, case).failures) == ("insufficient_scope", ())
