"""What the configuration says that policies are about, as plain values: for warnings, and for mends.

Nothing here decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["Deployment", "IssuerFacts", "ServerFacts", "ToolFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """A pinned tool.

    Attributes:
        unseen: why policies see none of its arguments, if they don't.
        hidden: arguments that have no Cedar type, each with the reason.
    """

    unseen: str | None = None
    hidden: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """A server.

    Attributes:
        tools: the pinned ones by name; None if it has no catalogue.
        exposed: names of pinned prompts and templates, by entity type; without types that no list is of.
        unpinned: what becomes of calls of other tools.
        file: where it is configured, if in a file.
        line: 1-based.
        column: 1-based.
    """

    tools: Mapping[str, ToolFacts] | None = None
    exposed: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    unpinned: Literal["deny", "allow"] = "deny"
    file: str | None = None
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFacts:
    """An issuer, and the machines that are listed at it.

    Attributes:
        clients: ids of machines, and of applications that act for people; None if they aren't known.
        prefixes: what the ids of other machines begin with.
        groups: groups of machines; None if tokens bring others.
        roles: roles of machines; None if tokens bring others.
        registered: whether machines are registered at our own authorization server, and not in the
            configuration.
    """

    clients: frozenset[str] | None = frozenset()
    prefixes: tuple[str, ...] = ()
    groups: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    registered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """All of it; empty where nothing is known.

    Attributes:
        servers: by name.
        issuers: by name.
    """

    servers: Mapping[str, ServerFacts] = field(default_factory=lambda: MappingProxyType({}))
    issuers: Mapping[str, IssuerFacts] = field(default_factory=lambda: MappingProxyType({}))

    def tool(self, action: str) -> ToolFacts | None:
        """The pinned tool that an action calls."""
        server, _, name = action.partition("/")
        facts = self.servers.get(server)
        return None if facts is None or facts.tools is None else facts.tools.get(name)

    @property
    def clients(self) -> frozenset[str]:
        """`<issuer>/<client id>` of every listed machine."""
        return frozenset(
            f"{name}/{client}" for name, issuer in self.issuers.items() for client in issuer.clients or ()
        )
