"""One protected MCP server, as the operator configured it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from policy_engine.errors import ConfigError
from policy_engine.mcp.catalogue import Catalogue, PinnedItem
from policy_engine.mcp.origins import is_origin, origin_of
from policy_engine.mcp.pinned import PinnedTool
from policy_engine.model import EntityUid

__all__ = ["Server"]

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_NONE: Mapping[str, PinnedTool] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What is protected.

    Attributes:
        name: the left part of the ids of all it exposes.
        resource: its canonical URI.
        catalogue: what is pinned of it, if anything is.
        unpinned: what becomes of calls of other tools.
        changed: what becomes of what the server lists otherwise than it was pinned.
        origins: of web pages that may call it, besides those of the resource's own origin.

    Raises:
        ConfigError: a name that could be mistaken for something else, or another server's catalogue.
    """

    name: str
    resource: str
    catalogue: Catalogue | None = None
    unpinned: Literal["deny", "allow"] = "deny"
    changed: Literal["deny", "warn"] = "deny"
    origins: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what would make two servers' ids collide."""
        # A slash in a name would let one server's ids reach into another's.
        if not _NAME.fullmatch(self.name):
            remedy = "use lower-case letters, digits, `_` and `-`, a letter first"
            raise ConfigError(f"`{self.name}` can't name a server", remedy=remedy)
        if self.catalogue is not None and self.catalogue.server != self.name:
            problem = f"`{self.name}` has the catalogue of `{self.catalogue.server}`"
            raise ConfigError(problem, remedy="read each catalogue under its server's own name")
        for origin in sorted(self.origins):
            if not is_origin(origin):
                remedy = (
                    "write scheme, host and port alone, in small letters, such as https://app.example.com"
                )
                raise ConfigError(f"`{origin}` isn't an origin as browsers write it", remedy=remedy)
        own = origin_of(self.resource)
        if own is not None:
            object.__setattr__(self, "origins", self.origins | {own})
        if self.unpinned not in ("deny", "allow"):
            raise ConfigError("`unpinned` is neither `deny` nor `allow`", remedy="write one of the two")
        if self.changed not in ("deny", "warn"):
            raise ConfigError("`changed` is neither `deny` nor `warn`", remedy="write one of the two")

    @property
    def uid(self) -> EntityUid:
        """`Server::"<name>"`."""
        return EntityUid("Server", self.name)

    @property
    def tools(self) -> Mapping[str, PinnedTool]:
        """The pinned tools by name; none without a catalogue."""
        return _NONE if self.catalogue is None else self.catalogue.tools

    def pinned(self, type_: str, name: str) -> PinnedItem | None:
        """The pinned prompt, resource or template of that name, URI or URI template."""
        return None if self.catalogue is None else self.catalogue.items.get(type_, {}).get(name)

    def imitates_pinned(self, name: str, type_: str = "Tool") -> bool:
        """Whether something that isn't pinned has a name that some reader takes for a pinned one."""
        return self.catalogue is not None and self.catalogue.imitates(type_, name)
