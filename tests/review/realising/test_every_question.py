"""Whatever the engine asks its policies can be asked again: the question leads back to the call."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings

from policy_engine.cedar import CedarRequest
from policy_engine.engine import decided
from policy_engine.harness import World
from policy_engine.harness.strategies import calls
from policy_engine.mcp import METHODS
from policy_engine.model import CedarJson, HttpFacts
from policy_engine.review.subject import Subject
from policy_engine.review.witness import Realiser
from tests.plugins.samples import samples
from tests.plugins.witnesses import NOW, TOKENS, project

WORLD = World.of(project(), now=NOW)
SUBJECT = Subject.of_engine(WORLD.engine)
REALISER = Realiser(SUBJECT, now=NOW)

_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
_PARAMS: Mapping[str, Any] = MappingProxyType(
    {
        "initialize": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {}},
        "prompts/get": {"name": "summary"},
        "resources/read": {"uri": "https://example.com:8080/a%20b?q=1#f"},
        "resources/subscribe": {"uri": "memo://notes/1"},
        "resources/unsubscribe": {"uri": "mailto:someone"},
        "completion/complete": {
            "ref": {"type": "ref/prompt", "name": "another"},
            "argument": {"name": "a", "value": ""},
        },
        "logging/setLevel": {"level": "info"},
        "tasks/get": {"taskId": "t-1"},
        "tasks/result": {"taskId": "t-1"},
        "tasks/cancel": {"taskId": "t-1"},
        "tasks/update": {"taskId": "t-1", "inputResponses": {}},
        "notifications/cancelled": {"requestId": 1},
        "notifications/progress": {"progressToken": 1, "progress": 1},
        "notifications/tasks/status": {"taskId": "t-1", "status": "working"},
        "subscriptions/listen": {"notifications": {}},
    }
)


def message_of(key: tuple[str, str, str]) -> tuple[Mapping[str, Any] | None, HttpFacts | None]:
    """A message of one row of the methods table."""
    revision, kind, name = key
    if kind == "stream":
        return None, HttpFacts(method=name)
    if kind == "response":
        return {"jsonrpc": "2.0", "id": 1, "result": {"action": "accept"}}, None
    params = dict(_PARAMS.get(name, {}))
    if revision == "2026-07-28":
        params["_meta"] = _META
    body = {"jsonrpc": "2.0", "method": name, "params": params}
    return body if kind == "notification" else {**body, "id": 1}, None


def alike(entities: Any) -> Any:
    """Entities in an order of their own: neither members of objects nor of sets have one in Cedar."""
    match entities:
        case dict():
            return {name: alike(value) for name, value in entities.items()}
        case list() | tuple():
            return sorted(
                (alike(value) for value in entities), key=lambda value: json.dumps(value, sort_keys=True)
            )
        case _:
            return entities


def back(
    token: str, message: Mapping[str, Any] | None, server: str, http: HttpFacts | None = None
) -> tuple[Any, Any]:
    """What is decided of a call, and of the call that its question is made into."""
    WORLD.clock.set(NOW)
    stages = WORLD.engine.stages
    decision, asked = decided(stages, token, message, server, http, at=NOW)
    (request,) = asked
    entities = REALISER.bench.entities(request)
    question = CedarRequest(request.principal.uid, request.action, request.resource, request.context)

    def same(other: CedarRequest, others: tuple[CedarJson, ...]) -> bool:
        return other == question and alike(others) == alike(entities)

    call = REALISER.realise(question, entities, allowed=decision.allowed, holds=same)
    return decision, call


KEYS = sorted(key for key in METHODS if key[2] != "tools/call")


@pytest.mark.parametrize("key", KEYS, ids=" ".join)
@pytest.mark.parametrize("kind", ["client", "user"])
def test_every_method_is_asked_again(key: tuple[str, str, str], kind: Any) -> None:
    """The question of each method leads back to a message that asks it, of a person and of a machine."""
    issuer, id_ = ("machines", "ci-bot") if kind == "client" else ("corp", "alice")
    token = WORLD.mint(issuer=issuer, kind=kind, id=id_, server="github")
    message, http = message_of(key)

    decision, call = back(token, message, "github", http)

    assert (call.reachable, call.exact, call.timely, call.note) == (True, True, True, "")
    assert (call.decision.code, call.principal) == (decision.code, decision.principal)


@given(words=TOKENS, message=calls(WORLD, server="github"))
@settings(max_examples=samples(120))
def test_every_call_of_a_tool_is_made_again(words: dict[str, Any], message: dict[str, Any]) -> None:
    """Who asks, with all that their token says, and every argument that policies see, come back."""
    token = WORLD.mint(**words, server="github")

    decision, call = back(token, message, "github")

    assert (call.reachable, call.exact) == (True, True)
    assert (call.decision.code, call.principal.uid) == (decision.code, decision.principal.uid)
    assert call.bearer is not None


def test_a_tool_that_is_not_pinned_is_called_by_its_name() -> None:
    """Where the server lets them through, policies see the name, and what was given unseen."""
    token = WORLD.mint(issuer="corp", kind="user", id="alice", server="github")
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": 'ev"il', "arguments": {"y": 1}},
    }

    _, call = back(token, message, "github")

    assert call.message == {
        **message,
        "params": {"name": 'ev"il', "arguments": {"y": "x"}},
    }
