"""Who is told of what happens, and decides nothing: metrics, traces, what an embedder counts."""

from typing import Final, Protocol

from policy_engine.model.decision import Decision
from policy_engine.model.request import HttpFacts

__all__ = ["UNOBSERVED", "Observer", "Unobserved"]


class Observer(Protocol):
    """Is told of what happens, in the thread in which it does; so it must be quick, and safe in several.

    What it raises is logged, and changes nothing. `Unobserved` does nothing, for those that care for some.
    """

    def decided(self, decision: Decision, http: HttpFacts | None, /) -> None:
        """A decision stands, recorded where it is recorded.

        Args:
            decision: what was decided.
            http: what is known of the request that it was decided on.
        """
        ...

    def reloaded(self, generation: int, seconds: float, error: Exception | None, /, *, policies: int) -> None:
        """Everything was loaded: the first time, then anew.

        Args:
            generation: what is in force now; after an error, still what was before.
            seconds: what it took.
            error: why it can't be used; None if it is in force.
            policies: how many are in force.
        """
        ...

    def token_verified(self, issuer: str, /) -> None:
        """A signature of an issuer's held; what was proven before isn't checked again, and not told."""
        ...

    def keys_refreshed(self, issuer: str, ok: bool, /) -> None:  # noqa: FBT001 -- never named
        """An issuer was asked for its keys, and gave them or didn't."""
        ...

    def audit_failed(self) -> None:
        """A decision couldn't be recorded, whatever becomes of it."""
        ...

    def stream_opened(self, server: str, /) -> None:
        """A server's answer is passed on for as long as it lasts."""
        ...

    def stream_ended(self, server: str, reason: str | None, /) -> None:
        """It is no longer.

        Args:
            server: whose answer it was.
            reason: the code of the decision that cut it; None if one of the two sides ended it.
        """
        ...


class Unobserved:
    """Cares for nothing."""

    def decided(self, _decision: Decision, _http: HttpFacts | None, /) -> None:
        """Do nothing."""

    def reloaded(
        self, _generation: int, _seconds: float, _error: Exception | None, /, *, policies: int
    ) -> None:
        """Do nothing."""

    def token_verified(self, _issuer: str, /) -> None:
        """Do nothing."""

    def keys_refreshed(self, _issuer: str, _ok: bool, /) -> None:  # noqa: FBT001 -- never named
        """Do nothing."""

    def audit_failed(self) -> None:
        """Do nothing."""

    def stream_opened(self, _server: str, /) -> None:
        """Do nothing."""

    def stream_ended(self, _server: str, _reason: str | None, /) -> None:
        """Do nothing."""


UNOBSERVED: Final[Observer] = Unobserved()
