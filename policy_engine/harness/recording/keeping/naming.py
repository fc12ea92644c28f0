"""Principals and calls, as a scenario file says and calls them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from policy_engine.errors import PolicyEngineError
from policy_engine.harness.entries import json_text
from policy_engine.harness.recording.exchange import Exchange
from policy_engine.harness.recording.keeping.arguments import placeholders
from policy_engine.harness.recording.messages import message_of
from policy_engine.harness.world import World
from policy_engine.mapper import Kind

__all__ = ["Names", "call_of", "caller_of"]

_UNFIT: Final = re.compile(r"[:|\x00-\x1f\x7f]")
_LONGEST: Final = 120


class Names:
    """Gives names, each to one thing, and the same thing the same name."""

    def __init__(self) -> None:
        self.said: dict[str, Mapping[str, Any]] = {}

    def name(self, wanted: str, said: Mapping[str, Any]) -> str:
        """What something is called.

        Args:
            wanted: the name that it should have.
            said: what the file says of it.
        """
        plain = " ".join(_UNFIT.sub("-", wanted).split())[:_LONGEST] or "x"
        name, number = plain, 1
        while name in self.said and json_text(self.said[name]) != json_text(said):
            number += 1
            name = f"{plain} {number}"
        self.said[name] = said
        return name


def caller_of(world: World, exchange: Exchange, *, by_token: bool) -> tuple[str, dict[str, Any]]:
    """A principal: the name that it should have, and what a file says of it.

    With a token, where the engine takes one of the issuer's for the same principal; else as an entity.
    """
    issuer, _, name = exchange.principal.id.partition("/")
    called = f"{exchange.role if exchange.role != 'agent' else 'agent of'} {name}"
    if by_token:
        token = _token(exchange, issuer, name)
        if token is not None and _is_taken(world, exchange, token):
            return called, token
    said = {"entity": str(exchange.principal)}
    if exchange.actor is not None:
        said["through_entity"] = str(exchange.actor)
    return called, said


def call_of(world: World, exchange: Exchange, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """A call, likewise; None where a log doesn't tell enough of it."""
    servers = world.engine.stages.servers
    where = {"server": exchange.server} if len(servers) > 1 else {}
    at = f"{exchange.server} " if where else ""
    about = exchange.resource.id.partition("/")[2]
    if exchange.method == "tools/call":
        server = servers[exchange.server]
        tool = server.tools.get(about)
        loose = {} if tool is not None or server.catalogue is None else {"unpinned": True}
        arguments = placeholders(tool, exchange.arguments, given)
        names = f" with {', '.join(exchange.arguments)}" if exchange.arguments else ""
        return f"{at}{about}{names}", {**where, "tool": about, "arguments": arguments, **loose}
    message = message_of(exchange)
    if message is None:
        return None
    called = f"{at}{exchange.method}{f' {about}' if about else ''}"
    if exchange.method in ("GET", "DELETE"):
        return called, {**where, "http": {"method": exchange.method}}
    if "method" not in message:
        return called, {**where, "message": json_text(dict(message))}
    params = message.get("params")
    return called, {
        **where,
        "method": exchange.method,
        **({"params": dict(params)} if params else {}),
    }


def _token(exchange: Exchange, issuer: str, name: str) -> dict[str, Any] | None:
    match exchange.role:
        case "machine":
            return {"client": name, "issuer": issuer}
        case "person":
            return {"user": name, "issuer": issuer}
        case _:
            acting, _, agent = exchange.actor.id.partition("/") if exchange.actor else ("", "", "")
            return {"user": name, "through": agent, "issuer": issuer} if acting == issuer else None


def _is_taken(world: World, exchange: Exchange, said: Mapping[str, Any]) -> bool:
    """Whether the engine takes such a token for the principal that was recorded."""
    kind: Kind = "client" if "client" in said else "user"
    try:
        token = world.mint(
            issuer=said["issuer"],
            kind=kind,
            id=said.get("client") or said.get("user"),
            through=said.get("through"),
            server=exchange.server,
        )
        found = world.engine.identify(token, exchange.server)
    except PolicyEngineError:
        return False
    actor = getattr(found, "actor", None)
    return (found.uid, None if actor is None else actor.uid) == (exchange.principal, exchange.actor)
