"""Servers, people and machines that the tests of stage 3 share, and real Cedar to ask."""

import json
from collections.abc import Callable
from typing import Any

import cedarpy
import pytest

from policy_engine.errors import MessageError
from policy_engine.mcp import Call, Catalogue, RequestBuilder, Server, entity_schema, parse_message
from policy_engine.model import (
    AuthorizationRequest,
    CedarJson,
    Client,
    EntityUid,
    HttpFacts,
    Identity,
    Principal,
    TokenFacts,
    User,
)

NOW = 1_800_000_000.123

TOOLS = [
    {
        "item": {
            "name": "create_issue",
            "description": "Open an issue.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "repo": {"type": "string"},
                    "labels": {"type": "array", "items": {"type": "string"}},
                    "priority": {"type": "integer", "default": 3},
                    "weight": {"type": "number"},
                    "body": {"$ref": "#/$defs/body"},
                },
                "required": ["repo"],
            },
            "annotations": {"readOnlyHint": False, "destructiveHint": False, "openWorldHint": True},
        },
        "reviewed": True,
    },
    {
        "item": {
            "name": "get_issue",
            "inputSchema": {"type": "object", "properties": {"number": {"type": "integer"}}},
            "annotations": {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": False},
        },
        "reviewed": True,
    },
    {"name": "delete_repo", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}},
    {"name": "anything", "inputSchema": {"type": "object", "allOf": []}},
]

Asker = Callable[..., bool]


@pytest.fixture
def user() -> Identity:
    """Alice, by herself."""
    token = TokenFacts(scopes=("issues:write", "issues:read"), issued_at=1.5, expires_at=NOW + 60)
    return Identity(principal=User(issuer="corp", subject="alice"), token=token)


@pytest.fixture
def bot() -> Client:
    """A machine."""
    return Client(issuer="machines", client_id="ci-bot")


@pytest.fixture
def servers() -> dict[str, Server]:
    """One server that denies what isn't pinned, and one that allows it."""
    catalogue = Catalogue.from_json("github", {"tools": TOOLS})
    return {
        "github": Server(name="github", resource="https://mcp.example.com/github", catalogue=catalogue),
        "open": Server(name="open", resource="https://mcp.example.com/open", unpinned="allow"),
    }


@pytest.fixture
def builder(servers: dict[str, Server]) -> RequestBuilder:
    """A builder whose clock stands still."""
    return RequestBuilder(servers, now=lambda: NOW)


@pytest.fixture
def request_text() -> Callable[..., dict[str, Any]]:
    """Makes a request of the handshake revision."""

    def make(method: str, **params: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}

    return make


@pytest.fixture
def stateless() -> Callable[..., dict[str, Any]]:
    """Makes a request of the stateless revision."""

    def make(method: str, **params: Any) -> dict[str, Any]:
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        return {"jsonrpc": "2.0", "id": 7, "method": method, "params": {**params, "_meta": meta}}

    return make


@pytest.fixture
def build(builder: RequestBuilder, user: Identity) -> Callable[..., Call]:
    """Parses a message and builds its call, for Alice unless somebody else is named."""

    def run(
        message: Any, *, server: str = "github", http: HttpFacts | None = None, who: Identity = user
    ) -> Call:
        return builder.build(parse_message(message, http), who, server)

    return run


@pytest.fixture
def refusal() -> Callable[..., tuple[str, str | None]]:
    """The code and detail of the MessageError that a call raises."""

    def run(call: Callable[..., Any], *args: Any, **named: Any) -> tuple[str, str | None]:
        with pytest.raises(MessageError) as caught:
            call(*args, **named)
        return caught.value.code, caught.value.detail

    return run


@pytest.fixture
def questions() -> Callable[[Call], list[str]]:
    """Action and resource of each question of a call."""
    return lambda call: [f"{request.action} {request.resource}" for request in call.requests]


@pytest.fixture
def plain_context() -> dict[str, Any]:
    """The context of Alice's messages that call no tool."""
    token = {
        "scopes": ["issues:read", "issues:write"],
        "issued_at": {"__extn": {"fn": "datetime", "arg": "1970-01-01T00:00:01.500Z"}},
        "expires_at": {"__extn": {"fn": "datetime", "arg": "2027-01-15T08:01:00.123Z"}},
    }
    return {
        "token": token,
        "time": {"__extn": {"fn": "datetime", "arg": "2027-01-15T08:00:00.123Z"}},
        "protocol_version": "2025-11-25",
        "input_responses": [],
        "has_request_state": False,
        "unrepresentable": [],
    }


@pytest.fixture
def server_entity() -> CedarJson:
    """The server `github`, for Cedar."""
    resource = "https://mcp.example.com/github"
    return {"uid": {"type": "Server", "id": "github"}, "attrs": {"resource": resource}, "parents": []}


@pytest.fixture
def action_entity() -> Callable[..., CedarJson]:
    """Makes an action, and names its groups."""

    def make(name: str, *parents: str) -> CedarJson:
        groups = [{"type": "Action", "id": parent} for parent in parents]
        return {"uid": {"type": "Action", "id": name}, "attrs": {}, "parents": groups}

    return make


@pytest.fixture
def ask() -> Asker:
    """Whether real Cedar allows a request; a request or policy error fails the test."""

    def run(policies: str, request: AuthorizationRequest, schema: CedarJson | None = None) -> bool:
        base = cedarpy.Entities.from_json_str(json.dumps(list(request.surroundings.whole)))
        entities = base.with_added_json_str(json.dumps(_principals(request.principal)), entity_schema())
        answer = cedarpy.is_authorized(
            {
                "principal": request.principal.uid.to_json(),
                "action": request.action.to_json(),
                "resource": request.resource.to_json(),
                "context": request.context,
            },
            policies,
            entities,
            schema,
        )
        assert answer.diagnostics.errors == []
        return bool(answer.allowed)

    return run


def _principals(principal: Principal) -> list[CedarJson]:
    if isinstance(principal, User):
        human = _entity(principal.uid, {"issuer": principal.issuer, "subject": principal.subject})
        return [human] if principal.actor is None else [human, *_principals(principal.actor)]
    attributes = {
        "issuer": principal.issuer,
        "client_id": principal.client_id,
        "category": principal.category,
    }
    return [_entity(principal.uid, attributes)]


def _entity(uid: EntityUid, attributes: dict[str, str]) -> CedarJson:
    return {"uid": uid.to_json(), "attrs": attributes, "parents": []}
