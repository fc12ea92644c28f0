"""Requests on their way to one issuer: how many at once, and whose turn it is next.

Anybody can invent tokens that the issuer has to be asked about, and must not keep out those who have good
ones. So whoever finds all places taken waits for one, and some places in the air and in the queue are kept
for tokens that the issuer called active lately: nobody can invent those.
"""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

from policy_engine.tokens.introspection.answer import introspection_unavailable

__all__ = ["Flight", "Runway"]

MAX_FLIGHTS: Final = 16
MAX_WAITING: Final = 64
"""For a place, or for somebody else's request about the same token."""

KEPT_FLIGHTS: Final = 4
KEPT_WAITING: Final = 16
"""Beyond those that anybody may have, for tokens that were active lately."""


def _new_signal() -> Future[None]:
    """A future that nobody who waits can cancel for the others."""
    signal: Future[None] = Future()
    signal.set_running_or_notify_cancel()
    return signal


@dataclass(slots=True, eq=False)
class Flight:
    """One request, on its way or waiting for a place.

    Attributes:
        name: of the token.
        known: whether the token was active lately.
        cleared: done when the request may be made.
        landed: done when there is an outcome.
        outcome: what came of it; None if nothing did.
        problem: detail and note of why nothing did.
    """

    name: bytes
    known: bool
    cleared: Future[None] = field(default_factory=_new_signal)
    landed: Future[None] = field(default_factory=_new_signal)
    outcome: object = None
    problem: tuple[str, str] = ("fetch_failed", "the request was given up")


class Runway:
    """Who may ask now, and who is next; whoever holds one sees to it that one thread at a time uses it."""

    def __init__(self) -> None:
        self._flights: dict[bytes, Flight] = {}
        self._airborne: set[Flight] = set()
        self._queue: dict[Flight, None] = {}
        self._followers = 0

    def find(self, name: bytes, *, known: bool) -> tuple[Flight, bool]:
        """The request about a token, and whether it is a new one; it waits if it isn't cleared.

        Whoever is given a new one has to `leave` it at its end; whoever is given another, to `unfollow`.

        Raises:
            TokenError: `introspection_unavailable` (`busy`): too many wait.
        """
        there = self._flights.get(name)
        if there is not None:
            self._refuse_if_full(known=known)
            self._followers += 1
            return there, False
        flight = Flight(name, known)
        if self._has_place(flight):
            self._airborne.add(flight)
        else:
            self._refuse_if_full(known=known)
            self._queue[flight] = None
        self._flights[name] = flight
        return flight, True

    def leave(self, flight: Flight) -> list[Flight]:
        """End a request, made or not; those are returned whose turn it is now: they are to be told."""
        del self._flights[flight.name]
        self._queue.pop(flight, None)
        self._airborne.discard(flight)
        cleared = []
        for one in sorted(self._queue, key=lambda waiting: not waiting.known):  # else by when they came
            # A request that was given up may be closed by the garbage collector, even in here.
            if one in self._queue and self._has_place(one):
                del self._queue[one]
                self._airborne.add(one)
                cleared.append(one)
        return cleared

    def unfollow(self) -> None:
        """Wait no longer for somebody else's request."""
        self._followers -= 1

    def is_cleared(self, flight: Flight) -> bool:
        """Whether a request may be made, though whoever waits for that may not have been told yet."""
        return flight in self._airborne

    def _has_place(self, flight: Flight) -> bool:
        return len(self._airborne) < MAX_FLIGHTS + (KEPT_FLIGHTS if flight.known else 0)

    def _refuse_if_full(self, *, known: bool) -> None:
        if self._followers + len(self._queue) >= MAX_WAITING + (KEPT_WAITING if known else 0):
            raise introspection_unavailable("busy", "too many tokens are being asked about")
