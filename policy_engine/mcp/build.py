"""Stage 3: a message and an identity go in, the questions that policies have to answer come out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from policy_engine.errors import ConfigError, MessageError
from policy_engine.kept import Kept
from policy_engine.mcp.arguments import (
    Arguments,
    check_arguments,
    names_of,
    refuse_reserved,
    unseen_arguments,
)
from policy_engine.mcp.bodies import PlainCall
from policy_engine.mcp.context import Clock, build_context, token_record
from policy_engine.mcp.entities import (
    ATTRIBUTE_OF,
    around_exposed,
    around_pinned,
    around_server,
    around_unpinned,
    around_unpinned_action,
    tool_entity,
)
from policy_engine.mcp.headers import check_mirrored, repeating_headers
from policy_engine.mcp.messages import Message, Request, Stream
from policy_engine.mcp.methods import METHODS, Method, find_method
from policy_engine.mcp.parameters import NO_OWNERS, TaskOwners, check_shapes, require_owner
from policy_engine.mcp.params import Named, name_of, named_by, reference, subscriptions
from policy_engine.mcp.revisions import STATELESS
from policy_engine.mcp.servers import Server
from policy_engine.model import AuthorizationRequest, CedarJson, EntityUid, Identity, Surroundings, TokenFacts
from policy_engine.model.strict_json import canonical, dumps

__all__ = ["Call", "RequestBuilder"]

_TOKENS, _TOKEN_BYTES = 8192, 8 * 1024 * 1024
"""Of how many tokens it is kept what policies see of them, and what that may take together."""


class Call(NamedTuple):
    """One message, ready to be decided on.

    Attributes:
        method: its method; `response` for an answer, the verb for GET and DELETE.
        revision: the revision whose methods table it was found in.
        requests: the questions; the message may pass only if the answer to each is yes.
        forward: what the server gets: the message serialised anew, defaults filled in; empty for GET and
            DELETE.
        headers: headers that repeat what is forwarded, for a request of 2026-07-28; in place of the caller's.
        request_id: the id to answer to; None where nobody waits for an answer.
        argument_names: names of the arguments, for the record; never their values.
    """

    method: str
    revision: str
    requests: tuple[AuthorizationRequest, ...]
    forward: bytes
    request_id: str | int | None
    argument_names: tuple[str, ...]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Target:
    """What is done to what, and the entities around both."""

    action: EntityUid
    resource: EntityUid
    surroundings: Surroundings


class RequestBuilder:
    """Builds requests for the servers that are configured.

    What belongs to a pinned tool, or to a server as a whole, is made once; what a caller names is made anew.

    Args:
        servers: by name.
        now: seconds since the epoch.
        tasks: says whose a task is.

    Raises:
        ConfigError: a server that isn't filed under its own name.
    """

    def __init__(
        self, servers: Mapping[str, Server], now: Callable[[], float], tasks: TaskOwners = NO_OWNERS
    ) -> None:
        for name, server in servers.items():
            if name != server.name:
                raise ConfigError(f"the server `{server.name}` is filed under `{name}`")
        self._servers = dict(servers)
        self._now = now
        self._clock = Clock()
        self._tokens: Kept[TokenFacts, CedarJson] = Kept(_TOKENS, _TOKEN_BYTES)
        self._owners = tasks
        self._tools = {
            server.name: {
                name: (tool, (_Target(tool.action, tool.resource, around_pinned(server, tool)),))
                for name, tool in server.tools.items()
            }
            for server in self._servers.values()
        }
        actions = sorted({row.action for row in METHODS.values() if row.action})
        self._actions = {
            (server.name, action): _Target(
                action=EntityUid("Action", action),
                resource=server.uid,
                surroundings=around_server(server, action),
            )
            for server in self._servers.values()
            for action in actions
        }
        self._unpinned = {name: around_unpinned_action(server) for name, server in self._servers.items()}

    def build(self, message: Message, identity: Identity, server: str) -> Call:
        """Turn a message into its questions.

        Raises:
            MessageError: `unknown_server`, `unknown_method`, `unknown_notification`, `invalid_request`,
                `header_mismatch`, `invalid_params`, `invalid_arguments`, `tool_unpinned` or `foreign_task`.
        """
        found = self._servers.get(server)
        if found is None:
            raise MessageError("unknown_server")
        row = find_method(message.revision, message.kind, message.method)
        params = message.params
        given = _given(params)
        arguments: Arguments | None = None
        if row.action is None:
            arguments, targets = self._tool(found, message, params, given)
        else:
            refuse_reserved(given)
            named = self._named(row, row.action, params)
            targets = tuple(self._target(found, each, identity) for each in named)
        check_shapes(row.parameters, params)
        facts = identity.token
        token = self._tokens.get(facts)
        if token is None:
            token = token_record(facts)
            self._tokens.keep(facts, token, 1_000 + 4 * len(canonical(token)) + 200 * len(facts.scopes))
        context = build_context(identity, message, self._clock.datetime(self._now()), token, arguments)
        requests = tuple([_asked(identity, target, context) for target in targets])
        return Call(
            method=message.method,
            revision=message.revision,
            requests=requests,
            forward=_forward(message, arguments),
            request_id=message.request_id,
            argument_names=names_of(given) if arguments is None else arguments.names,
            headers=_headers(found, row, message, arguments),
        )

    def arguments(self, server: str, call: PlainCall) -> Arguments | None:
        """The arguments of a call of a pinned tool; None where it isn't pinned, or policies see none.

        Raises:
            MessageError: `invalid_arguments`.
        """
        known = self._tools[server].get(call.name)
        types = None if known is None else known[0].arguments
        return None if types is None else check_arguments(types, call.arguments, text=call.text)

    def _tool(
        self, server: Server, message: Message, params: Mapping[str, Any], given: dict[str, Any]
    ) -> tuple[Arguments, tuple[_Target, ...]]:
        name = name_of(params, "name")
        known = self._tools[server.name].get(name)
        if known is None:
            if server.unpinned == "deny":
                raise MessageError("tool_unpinned")
            if server.imitates_pinned(name):
                raise MessageError("tool_unpinned", "its name imitates a pinned tool's", detail="lookalike")
            return unseen_arguments(given), (_unpinned(server, name, self._unpinned[server.name]),)
        pinned, targets = known
        if message.headers is not None and message.revision == STATELESS:
            check_mirrored(pinned.mirrored, message.headers, given)
        types = pinned.arguments
        if types is None:
            return unseen_arguments(given, text=message.text), targets
        return check_arguments(types, given, text=message.text), targets

    @staticmethod
    def _named(row: Method, action: str, params: Mapping[str, Any]) -> Iterator[Named]:
        match row.parameter:
            case None:
                yield Named(action, "Server")
            case "notifications":
                yield Named(action, "Server")
                yield from subscriptions(params)
            case "ref":
                yield reference(action, params)
            case parameter:
                yield named_by(action, row.resources[0], name_of(params, parameter))

    def _target(self, server: Server, named: Named, identity: Identity) -> _Target:
        shared = self._actions[server.name, named.action]
        if named.type == "Server":
            return shared
        attributes, also = self._known(server, named, identity)
        resource = EntityUid(named.type, f"{server.name}/{named.name}")
        return _Target(
            action=shared.action,
            resource=resource,
            surroundings=around_exposed(server, resource, attributes, shared.surroundings, also),
        )

    def _known(
        self, server: Server, named: Named, identity: Identity
    ) -> tuple[CedarJson, tuple[CedarJson, ...]]:
        """What is known of a thing that a message names, and further entities that this speaks of."""
        if named.uri is not None:
            return named.uri.attributes, ()
        if named.type == "Prompt" and server.imitates_pinned(named.name, "Prompt"):
            raise MessageError("invalid_params", "its name imitates a pinned prompt's", detail="lookalike")
        attributes: CedarJson = {ATTRIBUTE_OF[named.type]: named.name}
        if named.type != "Task":
            return attributes, ()
        owner = self._owners.owner(server.name, named.name)
        require_owner(owner, identity.principal.uid)
        attributes["owned"] = owner is not None
        if owner is None or owner.tool is None:
            return attributes, ()
        tool = tool_entity(server, owner.tool)
        return {**attributes, "tool": {"__entity": tool["uid"]}}, (tool,)


def _asked(identity: Identity, target: _Target, context: CedarJson) -> AuthorizationRequest:
    return AuthorizationRequest(
        principal=identity.principal,
        action=target.action,
        resource=target.resource,
        context=context,
        surroundings=target.surroundings,
    )


def _unpinned(server: Server, name: str, shared: Surroundings) -> _Target:
    return _Target(
        action=EntityUid("Action", f"{server.name}/?"),
        resource=EntityUid("Tool", f"{server.name}/{name}"),
        surroundings=around_unpinned(server, name, shared),
    )


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a tool or a prompt; none is the same as an empty object."""
    given = params.get("arguments", {})
    if not isinstance(given, dict):
        raise MessageError("invalid_arguments", "`arguments` isn't an object", detail="wrong_type")
    return given


def _forward(message: Message, arguments: Arguments | None) -> bytes:
    if isinstance(message, Stream):
        return b""
    if isinstance(message, Request) and arguments is not None and arguments.forward:
        params = message.params
        if arguments.forward is not params.get("arguments"):
            return dumps({**message.body, "params": {**params, "arguments": arguments.forward}})
    return message.text or dumps(message.body)


def _headers(server: Server, row: Method, message: Message, arguments: Arguments | None) -> dict[str, str]:
    if not isinstance(message, Request) or message.revision != STATELESS:
        return {}
    named = None if row.header is None else message.params[row.header]
    tool = None if arguments is None or named is None else server.tools.get(named)
    mirrored, given = ({}, {}) if tool is None or arguments is None else (tool.mirrored, arguments.forward)
    return repeating_headers(message.version, message.method, named, mirrored, given)
