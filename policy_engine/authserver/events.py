"""What happened at the token endpoint, for the audit record; no secret, token or assertion in it."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["EventSink", "IssuanceEvent", "no_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuanceEvent:
    """One request for a token, and its outcome.

    Attributes:
        time: seconds since the epoch.
        issued: whether a token was made.
        reason: why not: a key of `REFUSALS`; None if it was.
        client_id: the registered client that the request named; None where none is registered by that name,
            since the text may then be anything, a secret in the wrong place too.
        authenticated: whether the client proved that it is this one.
        method: how it authenticated, or tried to.
        kid: the key that signed the token.
        jti: the token's id.
        assertion_jti: the id of the verified assertion.
        assertion_kid: the key that the verified assertion named, if it named one.
        resource: what the token is for, once that is decided.
        scopes: what it permits, sorted, once that is decided.
        expires_at: when the token ends, seconds since the epoch.
    """

    time: float
    issued: bool = False
    reason: str | None = None
    client_id: str | None = None
    authenticated: bool = False
    method: str | None = None
    kid: str | None = None
    jti: str | None = None
    assertion_jti: str | None = None
    assertion_kid: str | None = None
    resource: str | None = None
    scopes: tuple[str, ...] = ()
    expires_at: int | None = None


EventSink = Callable[[IssuanceEvent], None]
"""Takes an event before its answer is sent; where it raises a PolicyEngineError, no token leaves."""


def no_events(_event: IssuanceEvent) -> None:
    """Take an event and forget it."""
