"""One test a row of docs/explanation/fail-closed.md, "The server's list"."""

import json
from typing import Any

import pytest

from policy_engine import FilteredList
from tests.conftest import CATALOGUE

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
EVERYTHING = '@id("people") permit (principal is User, action, resource);'
TOOLS = [{"name": "list_issues"}]
PINNED = {"tools": [CATALOGUE["tools"][0]["item"]]}


def answer(**changes: Any) -> str:
    """An answer of the server."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": TOOLS}, **changes})


ROWS = {
    "not JSON": ("<html>", "stream"),
    "cut off": (answer()[:-1], "not_json"),
    "a member twice": (answer().replace('"id": 1', '"id": 1, "id": 1'), "duplicate_member"),
    "to another request": (answer(id=2), "id"),
    "a result and an error": (answer(error={"code": 1, "message": "no"}), "answer"),
    "no list": (answer(result={}), "items"),
    "an item without a name": (answer(result={"tools": [*TOOLS, {}]}), "item"),
    "a second list": (answer(result={"tools": TOOLS, "Tools": TOOLS}), "lookalike"),
    "a stream that ends too early": (f"data: {answer()}\n", "stream"),
    "a stream with two answers": (f"data: {answer()}\n\n" * 2, "stream"),
}


@pytest.mark.parametrize(("text", "detail"), ROWS.values(), ids=ROWS.keys())
def test_a_list_that_can_not_be_read_is_not_passed_on(world: Any, text: str, detail: str) -> None:
    """The caller learns that there is none, and nothing of it."""
    found = world.engine(EVERYTHING).filter_list(world.human(), LIST, text.encode())
    decision = found.decision

    assert (decision.code, decision.detail, decision.status) == ("malformed_list", detail, 502)
    assert (decision.forward, found.shown, found.hidden) == (None, (), 0)
    assert found.body == b'{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Bad gateway"}}'


def test_whoever_may_not_ask_gets_no_list(world: Any) -> None:
    """However good the list is."""
    found = world.engine().filter_list(world.machine(), LIST, answer())

    assert found == FilteredList.refused(found.decision)
    assert (found.decision.code, found.decision.status) == ("no_permit", 403)


def test_what_can_not_be_proved_useless_is_shown(world: Any) -> None:
    """And refused when it is called."""
    policies = EVERYTHING + (
        '@id("f") @kinds("both") forbid (principal, action == Action::"github/list_issues", resource)'
        ' when { context.arguments.repo like "a*" };'
        '@id("g") @kinds("both") forbid (principal, action == Action::"github/list_issues", resource)'
        ' unless { context.arguments.repo like "a*" };'
    )
    engine = world.engine(policies)
    call = {**LIST, "method": "tools/call", "params": {"name": "list_issues", "arguments": {"repo": "a"}}}

    assert engine.filter_list(world.human(), LIST, answer(result=PINNED)).shown == ("list_issues",)
    assert engine.evaluate(world.human(), call).code == "forbidden"


def test_what_is_not_as_it_was_pinned_is_left_out(world: Any) -> None:
    """Until it is listed as it was pinned."""
    engine = world.engine(EVERYTHING)
    found = [engine.filter_list(world.human(), LIST, text) for text in (answer(), answer(result=PINNED))]

    assert [(each.shown, each.hidden, each.changed) for each in found] == [
        ((), 1, ("list_issues",)),
        (("list_issues",), 0, ()),
    ]
    assert b"list_issues" not in found[0].body
