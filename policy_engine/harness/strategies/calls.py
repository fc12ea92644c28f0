"""Calls of tools: such as clients send, and such as only somebody with bad intentions does."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from policy_engine.errors import ConfigError
from policy_engine.harness.strategies.arguments import fitting_arguments
from policy_engine.harness.strategies.vocabulary import Vocabulary
from policy_engine.harness.world import World
from policy_engine.mcp import RESERVED, PinnedTool, Server

__all__ = ["calls", "hostile_calls"]

Message = dict[str, Any]

_TOO_LARGE = 2**63


def calls(world: World, *, server: str | None = None) -> st.SearchStrategy[Message]:
    """Calls of pinned tools with arguments that fit, so that policies decide.

    Args:
        world: whose tools.
        server: of which server; needed where several are configured.

    Raises:
        ConfigError: it isn't known which server is meant, or nothing is pinned of it.
    """
    pinned = _server(world, server)
    vocabulary = Vocabulary.of(world)
    return st.sampled_from([*pinned.tools.values()]).flatmap(lambda tool: _calls_of(tool, vocabulary))


def _calls_of(tool: PinnedTool, vocabulary: Vocabulary) -> st.SearchStrategy[Message]:
    if tool.arguments is None:
        return st.just(_call(tool.name, {}))
    return fitting_arguments(tool.arguments, vocabulary).map(lambda given: _call(tool.name, given))


def hostile_calls(world: World, *, server: str | None = None) -> st.SearchStrategy[Message | bytes]:
    """Calls that no policy should get to allow: what isn't pinned, what doesn't fit, and what isn't JSON-RPC.

    Every one of them has to be refused, except at a server with `unpinned: allow`, where calls of tools that
    aren't pinned are for policies to decide.

    Args:
        world: whose tools.
        server: of which server; needed where several are configured.

    Raises:
        ConfigError: as for `calls`.
    """
    pinned = _server(world, server)
    good = calls(world, server=server)
    return st.one_of(
        good.flatmap(lambda call: st.sampled_from([*_misfits(pinned, call)])),
        good.map(lambda call: json.dumps([call]).encode()),
        good.map(lambda call: json.dumps({**call, "jsonrpc": "1.0"}).encode()),
        good.map(_twice),
        good.flatmap(lambda call: st.integers(1, len(_text(call)) - 1).map(lambda at: _text(call)[:at])),
        st.binary(max_size=40),
        st.text(min_size=1, max_size=20).filter(lambda name: name not in pinned.tools).map(_unpinned),
    )


def _misfits(server: Server, call: Message) -> Iterator[Message]:
    """A good call, made bad in one way each."""
    name, arguments = call["params"]["name"], call["params"]["arguments"]
    for reserved in RESERVED:
        yield _call(name, {**arguments, reserved: {"type": "User", "id": "corp/alice"}})
    yield _call(f"{name}\u200b", arguments)
    yield _call(f"{server.name}/{name}", arguments)
    yield {**call, "params": {**call["params"], "name": [name]}}
    yield {**call, "params": {**call["params"], "arguments": [arguments]}}
    yield {**call, "method": "tools/callx"}
    yield {name: value for name, value in call.items() if name != "jsonrpc"}
    record = server.tools[name].arguments
    if record is None:
        return
    if record.others is None:
        yield _call(name, {**arguments, "not-an-argument": 1})
    for member, type_ in record.members.items():
        if type_.required:
            yield _call(name, {key: value for key, value in arguments.items() if key != member})
        if type_.plain is str:
            yield _call(name, {**arguments, member: {"$ne": ""}})
            yield _call(name, {**arguments, member: [""]})
        if type_.plain is int:
            yield _call(name, {**arguments, member: _TOO_LARGE})
            yield _call(name, {**arguments, member: "1"})
        if type_.plain is bool:
            yield _call(name, {**arguments, member: "yes"})


def _call(name: str, arguments: Mapping[str, Any]) -> Message:
    params = {"name": name, "arguments": dict(arguments)}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def _unpinned(name: str) -> Message:
    return _call(name, {})


def _text(call: Message) -> bytes:
    return json.dumps(call).encode()


def _twice(call: Message) -> bytes:
    """A member that is there twice: readers differ on which of the two counts."""
    return b'{"method": "ping", ' + _text(call)[1:]


def _server(world: World, name: str | None) -> Server:
    servers = world.engine.stages.servers
    if name is None and len(servers) == 1:
        name = next(iter(servers))
    if name is None or name not in servers:
        known = ", ".join(servers)
        raise ConfigError("it isn't known which server is meant", remedy=f"name one, as `server`: {known}")
    if not servers[name].tools:
        raise ConfigError(f"nothing is pinned of `{name}`", remedy="pin its tools in a catalogue")
    return servers[name]
