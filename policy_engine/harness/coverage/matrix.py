"""Who was seen to call what: by server, tool or method, and kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policy_engine.harness.coverage.kinds import Counts, Kind
from policy_engine.mcp import Server

__all__ = ["Called", "Matrix"]


@dataclass(slots=True, kw_only=True, eq=False)
class Called:
    """What was asked for of one server.

    Attributes:
        server: its name.
        action: the action: `github/create_issue`, `list_tools`.
        tool: whether it is the call of a tool.
        allowed: how often policies allowed it.
        denied: how often they didn't.
    """

    server: str
    action: str
    tool: bool
    allowed: Counts = field(default_factory=Counter)
    denied: Counts = field(default_factory=Counter)

    def asked(self, kind: Kind) -> int:
        """How often it was asked for."""
        return self.allowed[kind] + self.denied[kind]


class Matrix:
    """What is asked for; the pinned tools are there before anybody asks.

    Args:
        servers: what is protected.
    """

    def __init__(self, servers: Iterable[Server]) -> None:
        self._rows: dict[tuple[str, str], Called] = {}
        for server in servers:
            for name in server.tools:
                self._row(server.name, f"{server.name}/{name}")

    def count(self, server: str, action: str, kind: Kind, *, allowed: bool) -> None:
        """Note one answer of the policies."""
        row = self._row(server, action)
        (row.allowed if allowed else row.denied)[kind] += 1

    @property
    def rows(self) -> tuple[Called, ...]:
        """By server, tools first."""
        return tuple(sorted(self._rows.values(), key=lambda row: (row.server, not row.tool, row.action)))

    @property
    def by_server(self) -> Mapping[str, tuple[Called, ...]]:
        """The same, a server each."""
        return {
            name: tuple(row for row in self.rows if row.server == name) for name in sorted(self._servers())
        }

    def _servers(self) -> Iterator[str]:
        for server, _ in self._rows:
            yield server

    def _row(self, server: str, action: str) -> Called:
        key = (server, action)
        if key not in self._rows:
            self._rows[key] = Called(server=server, action=action, tool="/" in action)
        return self._rows[key]
