"""What leads to each detail of a list that can't be passed on."""

from collections.abc import Mapping
from typing import Any

from tests.plugins.provoking import LIST, Provocation, Room, told
from tests.plugins.raised_codes import Pair

__all__ = ["BY_LISTS"]

CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "list_issues", "arguments": {"repo": "a"}},
}
EVERYTHING = '@id("all") permit (principal is User, action, resource);'


def answered(answer: Any, message: Mapping[str, Any] = LIST) -> Provocation:
    """A server answers a person's request."""

    def provoke(room: Room) -> Pair:
        engine = room.world.engine(EVERYTHING)
        return told(engine.filter_list(room.world.human(), message, answer, "github").decision)

    return provoke


def result(**members: Any) -> dict[str, Any]:
    """An answer."""
    return {"jsonrpc": "2.0", "id": 1, "result": members}


ANSWERS: Mapping[str, Any] = {
    "not_utf8": b'{"\xff": 1}',
    "not_json": b'{"id": 1,}',
    "duplicate_member": b'{"id": 1, "id": 2}',
    "not_finite": b'{"id": 1e999}',
    "inexact_number": b'{"id": 0.30000000000000000001}',
    "lone_surrogate": b'{"id": "\\ud83d"}',
    "too_deep": b'{"a": ' + b"[" * 65 + b"]" * 65 + b"}",
    "too_large": b"{" + b" " * (16 * 1024 * 1024),
    "not_plain": result(tools=object()),
    "not_an_object": b"data: []\n\n",
    "answer": {**result(tools=[]), "error": {}},
    "id": {**result(tools=[]), "id": "1"},
    "items": result(tools={}),
    "too_many": result(tools=[{"name": f"a{n}"} for n in range(10_001)]),
    "item": result(tools=[{"title": "Issues"}]),
    "lookalike": result(tools=[], Tools=[{"name": "delete_repository"}]),
    "stream": b": nothing yet\n\n",
}
BY_LISTS: Mapping[Pair, Provocation] = {
    **{("malformed_list", detail): answered(answer) for detail, answer in ANSWERS.items()},
    ("malformed_list", "no_list"): answered(result(tools=[]), CALL),
}
