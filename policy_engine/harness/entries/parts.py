"""A principal, or a call, as a scenario file says it."""

import json
from collections.abc import Mapping
from typing import Any

from policy_engine.harness.cases import Asked
from policy_engine.mcp import Server
from policy_engine.model import Client, Identity, TokenFacts, User

__all__ = ["call_entry", "json_text", "principal_entry"]


def json_text(value: object) -> str:
    """A value in YAML, on one line: what is JSON is YAML, and none of it is read as a date or a number."""
    return json.dumps(value, ensure_ascii=False)


def principal_entry(identity: Identity) -> dict[str, Any]:
    """Somebody, given as an entity; only what isn't as it is by default."""
    principal = identity.principal
    said: dict[str, Any] = {"entity": str(principal.uid)}
    match principal:
        case User():
            if principal.actor is not None:
                said["through_entity"] = str(principal.actor.uid)
            if principal.email is not None:
                said["email"] = principal.email
        case Client(category=category):
            if category != "service":
                said["category"] = category
    for name, held in (("groups", principal.groups), ("roles", principal.roles)):
        if held:
            said[name] = sorted(held)
    attributes = {**principal.attributes, **principal.typed_attributes}
    if attributes:
        said["attributes"] = {
            name: list(value) if isinstance(value, tuple) else value for name, value in attributes.items()
        }
    facts = _facts(identity.token)
    return {**said, "facts": facts} if facts else said


def call_entry(asked: Asked, servers: Mapping[str, Server]) -> dict[str, Any]:
    """Something that is asked.

    Args:
        asked: what, and of which server.
        servers: by name; one alone needn't be named.
    """
    said: dict[str, Any] = {"server": asked.server} if len(servers) > 1 else {}
    if asked.http is not None:
        http = asked.http
        known = {"method": http.method, "url": http.url, "headers": dict(http.headers)}
        said["http"] = {name: value for name, value in known.items() if value and value != "POST"}
    message = asked.message
    if message is None:
        return said
    if not isinstance(message, Mapping):
        return {**said, "message": message.decode("utf-8", "surrogateescape")}
    method, params = message.get("method"), message.get("params")
    if method == "tools/call" and isinstance(params, Mapping) and set(params) <= {"name", "arguments"}:
        tool = str(params.get("name"))
        pinned = servers[asked.server]
        loose = {} if pinned.catalogue is None or tool in pinned.tools else {"unpinned": True}
        return {**said, "tool": tool, "arguments": params.get("arguments", {}), **loose}
    if not isinstance(method, str) or ("id" not in message) is not method.startswith("notifications/"):
        return {**said, "message": json_text(dict(message))}
    return {**said, "method": method, **({"params": params} if params else {})}


def _facts(token: TokenFacts) -> dict[str, Any]:
    facts = {
        "scopes": list(token.scopes),
        "grant": token.grant,
        "client_id": token.client_id,
        "acr": token.acr,
        "amr": list(token.amr or ()),
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}
