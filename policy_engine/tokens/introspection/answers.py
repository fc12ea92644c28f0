"""What an issuer said of tokens lately, and who is asking it now; safe to use from many threads at once.

Kept under a digest: what is in memory can't be replayed. Answers of active and of inactive tokens are kept
apart, since anybody can invent inactive ones, and none of them shall push out another's active one. A failure
is no answer, and isn't kept.

Whoever asks while somebody asks about the same token already waits for that; how many ask and wait at once is
bounded (`flights`).
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policy_engine.tokens.introspection.flights import Flight, Runway

__all__ = ["MAX_KEPT", "Answer", "Answers"]

MAX_KEPT: Final = 1024

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an issuer said of a token.

    Attributes:
        claims: of an active token; None for one that isn't.
        at: when it was asked.
        good_for: seconds that the answer may be used from then on.
    """

    claims: Claims | None = field(repr=False)
    at: float
    good_for: float


class Answers:
    """The answers of one issuer.

    Args:
        now: the time, in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        # Steps that were given up may be closed by the garbage collector, in whatever this thread is doing.
        self._lock = threading.RLock()
        self._active: OrderedDict[bytes, Answer] = OrderedDict()
        self._inactive: OrderedDict[bytes, Answer] = OrderedDict()
        self._lately: OrderedDict[bytes, None] = OrderedDict()
        self._runway = Runway()

    def find(self, token: str) -> tuple[Answer | Flight, bool]:
        """A fresh answer, or the request that brings one; and whether it falls to this call to make it.

        Whoever is given a request has to say when he is through with it: `land` or `leave`.

        Raises:
            TokenError: `introspection_unavailable` (`busy`).
        """
        name = hashlib.sha256(token.encode("ascii")).digest()
        with self._lock:
            answer = self._kept(name)
            if answer is not None:
                return answer, False
            flight, mine = self._runway.find(name, known=name in self._lately)
            if mine and self._runway.is_cleared(flight):
                flight.cleared.set_result(None)
            return flight, mine

    def may_ask(self, flight: Flight) -> bool:
        """Whether a request has its place by now; to be looked at after a wait for it."""
        with self._lock:
            return self._runway.is_cleared(flight)

    def land(self, flight: Flight) -> None:
        """End a request, made or not: keep its answer, and tell those who wait for it, or for its place."""
        with self._lock:
            next_ones = self._runway.leave(flight)
            if isinstance(flight.outcome, Answer):
                self._keep(flight.name, flight.outcome)
        for one in next_ones:
            one.cleared.set_result(None)
        flight.landed.set_result(None)

    def leave(self) -> None:
        """Wait no longer for somebody else's request."""
        with self._lock:
            self._runway.unfollow()

    def _kept(self, name: bytes) -> Answer | None:
        for answers in (self._active, self._inactive):
            answer = answers.get(name)
            # A clock that was set back says nothing of an answer's age.
            if answer is not None and 0 <= self._now() - answer.at < answer.good_for:
                answers.move_to_end(name)
                return answer
        return None

    def _keep(self, name: bytes, answer: Answer) -> None:
        self._active.pop(name, None)
        self._inactive.pop(name, None)
        self._lately.pop(name, None)
        if answer.claims is not None:
            self._lately[name] = None
            _shorten(self._lately)
        if answer.good_for <= 0:
            return
        answers = self._inactive if answer.claims is None else self._active
        answers[name] = answer
        _shorten(answers)


def _shorten(names: OrderedDict[bytes, Any]) -> None:
    while len(names) > MAX_KEPT:
        names.popitem(last=False)
