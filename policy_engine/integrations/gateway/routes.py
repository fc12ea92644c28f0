"""Which server a request is for: by its path, and by the host where two have one path."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from policy_engine.integrations.exchange import Admitted, Answer, Request
from policy_engine.integrations.gateway.slots import Slots
from policy_engine.integrations.gateway.upstream import Upstream

__all__ = ["Guarding", "Route", "Routes"]


class Guarding(Protocol):
    """What the gateway asks about each request: `exchange.Guard` is one.

    Attributes:
        most: bytes of a body that may come.
    """

    most: int

    def at_once(self, request: Request) -> Answer | None:
        """What is answered whatever the body is."""
        ...

    async def decide(self, request: Request) -> Answer | Admitted:
        """Decide on a request, of which that was asked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way to one server.

    Attributes:
        name: its name in the configuration.
        guard: decides.
        upstream: where it goes.
        slots: how much of it one principal may have.
        hosts: what `Host` may say, in small letters; None for anything.
        paths: at which paths of the gateway it answers, its metadata included.
    """

    name: str
    guard: Guarding
    upstream: Upstream
    slots: Slots
    hosts: Collection[str] | None
    paths: Collection[str]


class Routes:
    """All ways there are.

    Args:
        routes: one a server.
    """

    __slots__ = ("_by_path", "all")

    def __init__(self, routes: Iterable[Route]) -> None:
        self.all = tuple(routes)
        self._by_path: dict[str, list[Route]] = {}
        for route in self.all:
            for path in route.paths:
                self._by_path.setdefault(path, []).append(route)

    def find(self, path: str, host: str) -> Route | None:
        """The way that a request takes; None if there is none. Whether its host is right, the guard says."""
        found = self._by_path.get(path)
        if found is None:
            return None
        lower = host.lower()
        return next((route for route in found if route.hosts is None or lower in route.hosts), found[0])
