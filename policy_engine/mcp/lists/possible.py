"""What a listed item is good for: every request that there could be for it, as stage 4 looks at them."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import cedar_type
from policy_engine.mcp.entities import (
    ATTRIBUTE_OF,
    around_exposed,
    around_pinned,
    around_server,
    around_unpinned,
    around_unpinned_action,
)
from policy_engine.mcp.lists.kinds import ListKind
from policy_engine.mcp.params import name_of, named_by, reference
from policy_engine.mcp.pinned import PinnedTool
from policy_engine.mcp.schema import base_schema
from policy_engine.mcp.servers import Server
from policy_engine.model import CedarJson, EntityUid, Possibility, Surroundings

__all__ = ["Possibilities"]

_KEPT = 16_384
_READING = ("read_resource", "subscribe_resource")


class Possibilities:
    """Says what items of lists are good for; safe to share between threads.

    What is made for an item is kept, so that stage 4 knows it again.

    Args:
        servers: by name.
    """

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self._servers = dict(servers)
        common = base_schema()[""]["commonTypes"]
        context = common["Context"]
        attributes = {name: _inlined(type_, common) for name, type_ in context["attributes"].items()}
        self._context: CedarJson = {"type": "Record", "attributes": attributes}
        self._around: Callable[[str, str], Surroundings] = lru_cache(None)(self._of_action)
        self._anything: Callable[[str], tuple[Possibility, ...]] = lru_cache(None)(self._of_unknown)
        self._of: Callable[[str, ListKind, str], tuple[Possibility, ...]] = lru_cache(_KEPT)(self._made)

    def of(self, server: str, kind: ListKind, names: Iterable[str]) -> list[tuple[Possibility, ...]]:
        """Of each item, all that could be asked for with it; nothing where every request would be refused.

        Args:
            server: the server that listed them.
            kind: in which list.
            names: the names of the items.
        """
        return [self._of(server, kind, name) for name in names]

    def _made(self, server: str, kind: ListKind, name: str) -> tuple[Possibility, ...]:
        found = self._servers[server]
        try:
            if kind.type == "Tool":
                return self._tool(found, name_of({"name": name}, "name"))
            made = [self._exposed(found, action, kind.type, name) for action in kind.actions]
        except MessageError:  # whoever asks for it is refused, before any policy
            made = []
        if kind.type == "ResourceTemplate":
            made += self._anything(server)
        return tuple(made)

    def _tool(self, server: Server, name: str) -> tuple[Possibility, ...]:
        pinned = server.tools.get(name)
        if pinned is not None:
            return (self._pinned(server, pinned),)
        if server.unpinned == "deny" or server.imitates_pinned(name):
            return ()
        shared = self._around(server.name, "?")
        return (
            Possibility(
                action=EntityUid("Action", f"{server.name}/?"),
                type="Tool",
                resource=EntityUid("Tool", f"{server.name}/{name}"),
                server=server.uid,
                surroundings=around_unpinned(server, name, shared),
                context=self._with_arguments({"type": "Record", "attributes": {}}),
            ),
        )

    def _pinned(self, server: Server, tool: PinnedTool) -> Possibility:
        nothing: CedarJson = {"type": "Record", "attributes": {}}
        return Possibility(
            action=tool.action,
            type="Tool",
            resource=tool.resource,
            server=server.uid,
            surroundings=around_pinned(server, tool),
            context=self._with_arguments(nothing if tool.arguments is None else cedar_type(tool.arguments)),
        )

    def _exposed(self, server: Server, action: str, type_: str, name: str) -> Possibility:
        """A prompt, a resource or a template that has to be named in a request as it is listed."""
        if type_ == "ResourceTemplate":
            named = reference(action, {"ref": {"type": "ref/resource", "uri": name}})
        else:
            parameter = "uri" if type_ == "Resource" else "name"
            named = named_by(action, type_, name_of({parameter: name}, parameter))
        attributes = {ATTRIBUTE_OF[type_]: name} if named.uri is None else named.uri.attributes
        resource = EntityUid(type_, f"{server.name}/{name}")
        shared = self._around(server.name, action)
        return Possibility(
            action=EntityUid("Action", action),
            type=type_,
            resource=resource,
            server=server.uid,
            surroundings=around_exposed(server, resource, attributes, shared),
            context=self._context,
        )

    def _of_unknown(self, server: str) -> tuple[Possibility, ...]:
        """Whatever fits a template: which URIs do, isn't told from the template."""
        return tuple(
            Possibility(
                action=EntityUid("Action", action),
                type="Resource",
                resource=None,
                server=self._servers[server].uid,
                surroundings=self._around(server, action),
                context=self._context,
            )
            for action in _READING
        )

    def _of_action(self, server: str, action: str) -> Surroundings:
        found = self._servers[server]
        return around_unpinned_action(found) if action == "?" else around_server(found, action)

    def _with_arguments(self, arguments: CedarJson) -> CedarJson:
        attributes = {**self._context["attributes"], "arguments": arguments}
        return {"type": "Record", "attributes": attributes}


def _inlined(type_: CedarJson, common: Mapping[str, CedarJson]) -> CedarJson:
    named = common.get(type_.get("type", ""))
    return type_ if named is None else {**type_, **named}
