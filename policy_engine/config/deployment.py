"""What warnings may know of the configuration, as the plain values that stage 4 takes."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.config.listed import listed_ids
from policy_engine.config.loader import LoadedConfig
from policy_engine.evaluator import Deployment, IssuerFacts, ServerFacts, StaticEntities, ToolFacts
from policy_engine.mcp import Opaque, PinnedTool, Server
from policy_engine.registry import Snapshot

__all__ = ["deployment_of"]


def deployment_of(
    loaded: LoadedConfig,
    servers: Mapping[str, Server],
    static: StaticEntities,
    registries: Mapping[str, Snapshot],
) -> Deployment:
    """Servers with their pinned tools, and issuers with the machines that are listed at them.

    Args:
        loaded: the configuration.
        servers: by name.
        static: what the operator says of entities.
        registries: what is registered, by the name of the issuer, as far as it is known.
    """
    issuers = {name: _issuer(loaded, name, static, registries.get(name)) for name in loaded.config.issuers}
    return Deployment(
        servers=MappingProxyType({name: _server(loaded, server) for name, server in servers.items()}),
        issuers=MappingProxyType(issuers),
    )


def _server(loaded: LoadedConfig, server: Server) -> ServerFacts:
    place = loaded.document.place(("servers", server.name))
    tools = None if server.catalogue is None else {name: _tool(tool) for name, tool in server.tools.items()}
    items = {} if server.catalogue is None else server.catalogue.items
    # A resource that isn't listed may fit a template: that it is missing says nothing.
    exposed = {type_: frozenset(items[type_]) for type_ in ("Prompt", "ResourceTemplate") if type_ in items}
    return ServerFacts(
        tools=None if tools is None else MappingProxyType(tools),
        exposed=MappingProxyType(exposed),
        unpinned=server.unpinned,
        file=None if loaded.document.file is None else str(loaded.document.file),
        line=1 if place is None else place.line,
        column=1 if place is None else place.column,
    )


def _tool(tool: PinnedTool) -> ToolFacts:
    members = {} if tool.arguments is None else tool.arguments.members
    opaque = {name: member.type for name, member in members.items() if isinstance(member.type, Opaque)}
    return ToolFacts(
        unseen=tool.reason,
        hidden=MappingProxyType({name: type_.reason for name, type_ in opaque.items()}),
    )


def _issuer(
    loaded: LoadedConfig, name: str, static: StaticEntities, registered: Snapshot | None
) -> IssuerFacts:
    issuer = loaded.config.issuers[name]
    if issuer.registry is not None and registered is None:
        return IssuerFacts(clients=None, registered=True)

    def known(claim: str | None, type_: str, listed: frozenset[str]) -> frozenset[str] | None:
        if claim is not None:
            return None
        nested = (uid.id.partition("/") for uid in static.uids if uid.type == type_)
        return listed | {right for left, _, right in nested if left == name}

    clients = (*issuer.clients.values(), *issuer.client_prefixes.values())
    machines = () if registered is None else registered.clients.values()
    groups = frozenset(group for client in (*clients, *machines) for group in client.groups)
    roles = frozenset(role for client in clients for role in client.roles)
    return IssuerFacts(
        clients=listed_ids(loaded, name) if registered is None else registered.ids,
        prefixes=tuple(issuer.client_prefixes),
        groups=known(issuer.claims.client.groups, "ClientGroup", groups),
        roles=known(issuer.claims.client.roles, "ClientRole", roles),
        registered=registered is not None,
    )
