"""Messages that ask the question of a witness: of a tool, or of any other method that policies know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from policy_engine.mcp import (
    CAPABILITIES_KEY,
    HANDSHAKE,
    METHODS,
    STATELESS,
    VERSION_KEY,
    Method,
    Server,
)
from policy_engine.model import HttpFacts
from policy_engine.review.witness.realising.arguments import arguments_of
from policy_engine.review.witness.realising.call import Message
from policy_engine.review.witness.realising.uris import names_for
from policy_engine.review.witness.realising.wanted import Wanted

__all__ = ["Ask", "asks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A message for a server.

    Attributes:
        message: the JSON-RPC message; None for GET and DELETE.
        http: what is to be known of the HTTP request.
        misfits: arguments whose values the tool's own schema doesn't take.
    """

    message: Message | None
    http: HttpFacts | None = None
    misfits: tuple[str, ...] = ()


_OLDER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_EXAMPLES: Mapping[str, Any] = MappingProxyType(
    {
        "protocolVersion": HANDSHAKE,
        "capabilities": {},
        "clientInfo": {"name": "reviewer", "version": "1"},
        "level": "info",
        "argument": {"name": "name", "value": ""},
        "progressToken": 1,
        "progress": 1,
        "requestId": 1,
        "status": "working",
        "inputResponses": {},
        "taskId": "task-1",
    }
)
"""Of parameters that have to be there and that policies don't read."""

_ANSWERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "elicitation": {"action": "accept", "content": {}},
        "sampling": {"role": "assistant", "model": "some-model", "content": {"type": "text", "text": "x"}},
        "roots": {"roots": []},
        "other": {},
    }
)
"""By `context.input_responses`, an answer that counts as one of these."""


def asks(wanted: Wanted, server: Server) -> Iterator[Ask]:
    """Messages that ask for the witness' action on its resource, or on one like it; the likeliest first."""
    rows = _rows(wanted)
    for (revision, kind, name), row in rows:
        for params, misfits in _params(row, wanted, server):
            ask = _ask(kind, name, params, wanted, misfits)
            yield _stateless(ask) if revision == STATELESS else ask
    version = wanted.context.get("protocol_version")
    if not isinstance(version, str) or not _OLDER.fullmatch(version) or version in (HANDSHAKE, STATELESS):
        return
    for (revision, kind, name), row in rows:
        if revision == HANDSHAKE:
            for params, misfits in _params(row, wanted, server):
                yield _with_header(_ask(kind, name, params, wanted, misfits), version)


def _rows(wanted: Wanted) -> list[tuple[tuple[str, str, str], Method]]:
    """The methods that ask for an action, in the order of the table: sessions first."""
    action = None if wanted.resource.type == "Tool" else wanted.action.id
    return [(key, row) for key, row in METHODS.items() if row.action == action]


def _params(row: Method, wanted: Wanted, server: Server) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """What the method is to be told, and which arguments the tool's own schema doesn't take."""
    needed = {
        name: _EXAMPLES[name]
        for name, parameter in row.parameters.items()
        if parameter.required and name in _EXAMPLES
    }
    if row.action is None:
        yield from ((needed | found, misfits) for found, misfits in _tool(wanted, server))
        return
    match row.parameter:
        case None:
            yield needed, ()
        case "notifications":
            yield {**needed, "notifications": {}}, ()
        case "ref":
            named = {"Prompt": ("ref/prompt", "name"), "ResourceTemplate": ("ref/resource", "uri")}
            type_, key = named[wanted.resource.type]
            for name in names_for(wanted.resource, wanted.attributes, server):
                yield {**needed, "ref": {"type": type_, key: name}}, ()
        case parameter:
            for name in names_for(wanted.resource, wanted.attributes, server):
                yield {**needed, parameter: name}, ()


def _tool(wanted: Wanted, server: Server) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    unseen = wanted.texts("unrepresentable")
    called = wanted.action.id.removeprefix(f"{server.name}/")
    pinned = server.tools.get(called)
    if pinned is not None:
        seen = wanted.context.get("arguments", {})
        for written in arguments_of(pinned, seen, unseen):
            yield {"name": called, "arguments": written.values}, written.misfits
        return
    for name in names_for(wanted.resource, wanted.attributes, server):
        if name not in server.tools and not server.imitates_pinned(name):
            yield {"name": name, "arguments": dict.fromkeys(unseen, "x")}, ()


def _ask(kind: str, name: str, params: dict[str, Any], wanted: Wanted, misfits: tuple[str, ...]) -> Ask:
    answers = wanted.texts("input_responses")
    match kind:
        case "stream":
            return Ask(message=None, http=HttpFacts(method=name))
        case "response":
            result: dict[str, Any] = {}
            for each in answers:
                result |= _ANSWERS.get(each, {})
            return Ask(message={"jsonrpc": "2.0", "id": 1, "result": result})
        case "notification":
            return Ask(message={"jsonrpc": "2.0", "method": name, **({"params": params} if params else {})})
        case _:
            if answers:
                known = (each for each in answers if each in _ANSWERS)
                params = {**params, "inputResponses": {each: dict(_ANSWERS[each]) for each in known}}
            if wanted.context.get("has_request_state") is True:
                params = {**params, "requestState": "state"}
            body = {"jsonrpc": "2.0", "id": 1, "method": name, **({"params": params} if params else {})}
            return Ask(message=body, misfits=misfits)


def _stateless(ask: Ask) -> Ask:
    """The same, of the revision that writes its version into each message."""
    message = dict(ask.message or {})
    meta = {VERSION_KEY: STATELESS, CAPABILITIES_KEY: {}}
    message["params"] = {**message.get("params", {}), "_meta": meta}
    return Ask(message=message, http=ask.http, misfits=ask.misfits)


def _with_header(ask: Ask, version: str) -> Ask:
    """The same, of a revision that says its version in a header alone."""
    method = "POST" if ask.http is None else ask.http.method
    http = HttpFacts(method=method, headers=MappingProxyType({"MCP-Protocol-Version": version}))
    return Ask(message=ask.message, http=http, misfits=ask.misfits)
