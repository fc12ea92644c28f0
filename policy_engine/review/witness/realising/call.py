"""A witness that a reviewer can type: whose token, which message, and what the engine says of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.mapper import Kind
from policy_engine.model import Decision, HttpFacts, Principal, TokenFacts, User

__all__ = ["Bearer", "Call", "Message"]

Message = Mapping[str, Any]
"""One JSON-RPC message."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whose token it is, in the words that tokens are minted with.

    Attributes:
        issuer: the configured name of who signs it.
        kind: a machine's token, or a person's.
        id: the machine's, or the person's, as the issuer writes it.
        through: the application that obtained a person's token; None for one of which nothing is known.
        claims: what stands in it besides, or otherwise, than in the example of the issuer's profile.
        header: likewise, of its header.
        scope: its scopes, separated by spaces; None where nothing is said of them.
    """

    issuer: str
    kind: Kind
    id: str
    through: str | None = None
    claims: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    header: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    scope: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "issuer": self.issuer,
            "kind": self.kind,
            "id": self.id,
            "through": self.through,
            "claims": dict(self.claims),
            "header": dict(self.header),
            "scope": self.scope,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a caller sends, and what comes of it.

    Attributes:
        principal: who asks.
        server: the name of the server that is asked.
        message: the JSON-RPC message; None for GET and DELETE.
        http: the HTTP request, where it says what the message doesn't.
        token: what policies see of the token.
        at: when it is asked, in seconds since the epoch.
        decision: what the engine decides.
        bearer: the token that makes somebody that principal; None where no token of a configured issuer does.
        reachable: whether somebody could really send it, as things are configured.
        timely: whether it can be made now; else only at the time that the witness demands.
        exact: whether it asks the policies the very question of the witness.
        note: in plain words, why nobody could; or what else is to be known of the call. May be empty.
        proved: whether a token that was really signed was seen to come to the same decision.
        command: a line for a POSIX shell that was seen to show it; empty where none is known.
    """

    principal: Principal
    server: str
    message: Message | None = field(hash=False)
    http: HttpFacts | None = None
    token: TokenFacts
    at: float
    decision: Decision = field(hash=False)
    bearer: Bearer | None = None
    reachable: bool = True
    timely: bool = True
    exact: bool = True
    note: str = ""
    proved: bool = False
    command: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON types only; there is no token in it."""
        actor = self.principal.actor if isinstance(self.principal, User) else None
        http = self.http
        return {
            "principal": str(self.principal.uid),
            "actor": None if actor is None else str(actor.uid),
            "groups": sorted(self.principal.groups),
            "roles": sorted(self.principal.roles),
            "scopes": list(self.token.scopes),
            "server": self.server,
            "message": None if self.message is None else dict(self.message),
            "http": None if http is None else {"method": http.method, "headers": dict(http.headers)},
            "at": self.at,
            "decision": self.decision.code,
            "policies": [match.id for match in self.decision.policies],
            "bearer": None if self.bearer is None else self.bearer.to_dict(),
            "reachable": self.reachable,
            "timely": self.timely,
            "exact": self.exact,
            "note": self.note,
            "proved": self.proved,
            "command": self.command,
        }
