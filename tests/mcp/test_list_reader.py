"""Answers to list requests, read strictly and put together again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.errors import MessageError
from policy_engine.mcp import LISTS, ListReader
from policy_engine.mcp.lists.answers import read_answer, read_object, without_id

TOOLS = [{"name": "b", "x": [1, {"y": "é"}]}, {"name": "a"}]


def answer(**changes: Any) -> dict[str, Any]:
    """A good one."""
    return {"jsonrpc": "2.0", "id": 1, "result": {"tools": TOOLS, "nextCursor": "c"}, **changes}


@pytest.mark.parametrize("method", [method for method, kind in LISTS.items() if kind.member])
def test_items_are_values_by_kind(method: str) -> None:
    """In the order of the server, as the server lists them."""
    kind = LISTS[method]
    items = [{kind.key: "b", "title": "é"}, {kind.key: "a"}]
    listing = ListReader().read(method, "2025-11-25", 1, answer(result={kind.member: items}))

    assert [(item.kind, item.name, item.item) for item in listing.items] == [
        (kind, "b", items[0]),
        (kind, "a", items[1]),
    ]
    assert json.loads(listing.body(listing.items[1:]))["result"] == {kind.member: [items[1]]}
    assert json.loads(listing.body(()))["result"] == {kind.member: []}


MALFORMED: dict[str, tuple[Any, str]] = {
    "no version": ({"id": 1, "result": {}}, "answer"),
    "another version": (answer(jsonrpc="1.0"), "answer"),
    "another member": (answer(Result={}), "answer"),
    "neither": ({"jsonrpc": "2.0", "id": 1}, "answer"),
    "a result that is a list": (answer(result=[]), "answer"),
    "null": (answer(result=None), "answer"),
    "a request": ({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, "answer"),
    "an error without code": ({"jsonrpc": "2.0", "id": 1, "error": {"message": "x"}}, "answer"),
    "an error with more": (
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "x", "tools": []}},
        "answer",
    ),
    "an error whose code is true": (
        {"jsonrpc": "2.0", "id": 1, "error": {"code": True, "message": "x"}},
        "answer",
    ),
    "an error of nobody": ({"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": "x"}}, "id"),
    "no tools": (answer(result={"prompts": []}), "items"),
    "tools by name": (answer(result={"tools": {"a": {}}}), "items"),
    "a cursor that is a number": (answer(result={"tools": [], "nextCursor": 2}), "items"),
    "a tool that is text": (answer(result={"tools": ["a"]}), "item"),
    "an empty name": (answer(result={"tools": [{"name": ""}]}), "item"),
    "a name that is a number": (answer(result={"tools": [{"name": 1}]}), "item"),
    "a second list": (answer(result={"tools": [], "TOOLS": [{"name": "a"}]}), "lookalike"),
    "a second cursor": (answer(result={"tools": [], "nextcursor": "x"}), "lookalike"),
    "a second scope": (answer(result={"tools": [], "CacheScope": "public"}), "lookalike"),
    "a second name": (answer(result={"tools": [{"name": "a", "Name": "b"}]}), "lookalike"),
    "a prototype": (answer(result={"tools": [], "__proto__": {"nextCursor": "x"}}), "lookalike"),
    "a prototype of an item": (
        answer(result={"tools": [{"name": "a", "__proto__": {"name": "b"}}]}),
        "lookalike",
    ),
    "very many tools": (answer(result={"tools": [{"name": f"a{n}"} for n in range(10_001)]}), "too_many"),
    "a name in wide letters": (answer(result={"tools": [{"name": "a", "\uff4eame": "b"}]}), "lookalike"),
}


@pytest.mark.parametrize(("body", "detail"), MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("form", ["values", "text", "stream"])
def test_anything_else_is_refused(form: str, body: Any, detail: str) -> None:
    """In each form that an answer may have."""
    text = json.dumps(body)
    given = {"values": body, "text": text, "stream": f"data: {text}\n\n".encode()}[form]
    if form == "stream" and "method" in body:
        detail = "stream"

    with pytest.raises(MessageError) as error:
        ListReader().read("tools/list", "2025-11-25", 1, given)

    assert (error.value.code, error.value.detail) == ("malformed_list", detail)


def test_answers_to_all_callers_are_read_once() -> None:
    """They differ in their ids alone; each is written with its own."""
    reader = ListReader()
    first = reader.read("tools/list", "2025-11-25", 1, json.dumps(answer()))
    second = reader.read("tools/list", "2025-11-25", "x", json.dumps(answer(id="x")))
    other = reader.read("tools/list", "2026-07-28", 1, json.dumps(answer()))

    assert first.items is second.items
    assert first.items is not other.items
    assert json.loads(second.body(second.items)) == answer(id="x")
    assert json.loads(other.body(())) == answer(
        result={"tools": [], "nextCursor": "c", "cacheScope": "private"}
    )


FRAGMENTS = st.sampled_from(
    ['"jsonrpc":"2.0","id":1', '"id":1,"jsonrpc":"2.0"', '"result":{"tools":[]}', '"id":2', '"error":{}', ",",
     "{", "}", " ", '"a":"', '\\"', '"', "[", "]", '"jsonrpc":"2.0","id":"x"', '"jsonrpc": "2.0", "id": 1']
)  # fmt: skip


@given(
    parts=st.lists(FRAGMENTS, max_size=8),
    members=st.permutations(['"jsonrpc":"2.0"', '"id":1', '"result":{}']),
)
def test_leaving_the_id_out_changes_nothing(parts: list[str], members: list[str]) -> None:
    """What is left is strict JSON if, and only if, the whole is; and then it says the same."""
    for text in ("".join(parts), "{" + ",".join(members) + "}", "{" + ",".join([*members, *parts]) + "}"):
        data = text.encode()
        rest = without_id(data, 1)
        if rest is None:
            continue
        try:
            left = read_object(rest)
        except MessageError:
            left = None
        if left is not None and left.keys() == {"result"} and isinstance(left["result"], dict):
            assert read_answer(read_object(data), 1) == left["result"]
