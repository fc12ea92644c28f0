"""What a method of client authentication is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policy_engine.authserver.client_auth.replay import ReplayStore
from policy_engine.authserver.clients import RegisteredClient, Secret
from policy_engine.authserver.web import Form, HttpRequest
from policy_engine.jose import UnverifiedJws

__all__ = ["Credentials", "Method", "Proof", "Terms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a request brings to prove who sent it; nothing of it is proven yet.

    Attributes:
        client_id: who the sender claims to be.
        value: the secret, or the assertion as text.
        assertion: the assertion, taken apart, with its claims.
    """

    client_id: str
    value: Secret
    assertion: tuple[UnverifiedJws, Mapping[str, Any]] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a proof has to hold against.

    Attributes:
        audiences: the texts that an assertion's audience may be, alone.
        now: seconds since the epoch.
        replays: where used assertions are kept.
    """

    audiences: frozenset[str]
    now: float
    replays: ReplayStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is known after a proof held, for the audit record.

    Attributes:
        assertion_jti: the id of the assertion, if one was used.
        assertion_kid: the key that the assertion named, if it named one.
    """

    assertion_jti: str | None = None
    assertion_kid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to authenticate; every refusal is a RefusedError.

    Attributes:
        offered: whether a request uses this method, rightly or wrongly.
        read: take the credentials out of a request that uses it.
        prove: check them against the client that is registered by that id and for this method.
        pretend: do the work of `prove` where there is no such client, so that time doesn't tell.
    """

    offered: Callable[[HttpRequest, Form], bool]
    read: Callable[[HttpRequest, Form], Credentials]
    prove: Callable[[Credentials, RegisteredClient, Terms], Proof]
    pretend: Callable[[Credentials], None]
