"""The answer: yes or no, why, and what a proxy sends to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from policy_engine.model.codes import ALLOWED, CODES
from policy_engine.model.principal import Client, Principal, User
from policy_engine.model.uid import EntityUid

__all__ = ["Decision", "PolicyFault", "PolicyMatch", "ShadowMatch"]


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """A policy that decided: its `@id` and all its annotations."""

    id: str
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """A policy that couldn't be evaluated; Cedar's own message stays inside, since it quotes the request."""

    policy: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowMatch:
    """A policy in shadow mode that applied, and what the decision would have been if it weren't in it."""

    policy: str
    effect: Literal["permit", "forbid"]
    would: Literal["allow", "deny", "nothing"]

    def to_dict(self) -> dict[str, str]:
        """JSON types only."""
        return {"policy": self.policy, "effect": self.effect, "would": self.would}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What `evaluate` answers; also the audit record of it (`to_dict`).

    Attributes:
        code: `allowed`, or a stable reason (docs/reference/codes.md).
        detail: a finer code, where there is one.
        note: one sentence for the operator, which names claims and arguments but never their values.
        principal: who asked, where that could be told.
        policies: the policies that decided.
        errors: the policies that couldn't be evaluated.
        shadow: policies in shadow mode that applied, if the decision would be otherwise with one of them.
        forward: the message to send upstream, parsed and serialised anew; None unless allowed. Empty for GET
            and DELETE.
        forward_headers: headers that repeat what is forwarded, in place of those that came; for requests of
            2026-07-28, and empty otherwise.
        checks_skipped: checks that need `HttpFacts` and weren't made.
        evidence: what was known of the principal where none could be named.
        request_id: the JSON-RPC id to answer to; None for notifications.
        scopes: what the token lacks, where scopes are all that it lacks.
        drift: what was asked for, or listed, and is otherwise than it was pinned.
        error_data: what the protocol has the caller told beside the code of the error.
        resource_url: the server's canonical URI; its metadata goes into `WWW-Authenticate`.
        time: seconds since the epoch when it was decided.
        reused: whether the policies' answers were all given before, to the very same questions.
    """

    code: str
    detail: str | None = None
    note: str = ""
    principal: Principal | None = None
    policies: tuple[PolicyMatch, ...] = ()
    errors: tuple[PolicyFault, ...] = ()
    shadow: tuple[ShadowMatch, ...] = ()
    forward: bytes | None = field(default=None, repr=False)
    forward_headers: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), hash=False, repr=False
    )
    checks_skipped: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    server: str | None = None
    method: str | None = None
    action: EntityUid | None = None
    resource: EntityUid | None = None
    argument_names: tuple[str, ...] = ()
    request_id: str | int | None = None
    scopes: tuple[str, ...] = ()
    drift: tuple[EntityUid, ...] = ()
    error_data: Mapping[str, Any] | None = field(default=None, hash=False, repr=False)
    resource_url: str | None = None
    jti: str | None = None
    time: float = 0.0
    latency_us: int = 0
    policy_digest: str | None = None
    generation: int = 0
    reused: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Decision":
        """A decision of these fields, which becomes its own; `code` and `forward_headers` are among them.

        The same as calling the class, at an eighth of the price: there is one decision a request.
        """
        decision = object.__new__(cls)
        object.__setattr__(decision, "__dict__", fields)
        return decision

    @property
    def allowed(self) -> bool:
        """Whether the request may be forwarded."""
        return self.code == ALLOWED

    @property
    def status(self) -> int:
        """The HTTP status that a proxy answers with: 200, 400, 401, 403, 404, 502 or 503."""
        return CODES[self.code].status

    def refused(self, code: str) -> "Decision":
        """The same decision, refused for another reason; nothing of it is forwarded."""
        return replace(
            self, code=code, detail=None, scopes=(), error_data=None, forward=None, forward_headers={}
        )

    def headers(self) -> dict[str, str]:
        """Headers of the answer: `WWW-Authenticate` where due (RFC 6750 section 3, RFC 9728 section 5.1)."""
        if self.status != 401 and not self.scopes:  # noqa: PLR2004 -- an HTTP status says what it is
            return {}
        parts = []
        if self.resource_url is not None:
            parts.append(f'resource_metadata="{metadata_url(self.resource_url)}"')
        if self.scopes:
            parts.append(f'error="insufficient_scope", scope="{" ".join(self.scopes)}"')
        elif self.code != "missing_token":  # RFC 6750 section 3.1: no error code where no token was given
            parts.append('error="invalid_token"')
        return {"WWW-Authenticate": f"Bearer {', '.join(parts)}".rstrip()}

    def body(self) -> dict[str, Any] | None:
        """The JSON-RPC error for the caller; silent about policies. None if allowed."""
        if self.allowed:
            return None
        row = CODES[self.code]
        error: dict[str, Any] = {"code": row.rpc, "message": row.public}
        if self.error_data is not None:
            error["data"] = dict(self.error_data)
        answer: dict[str, Any] = {"jsonrpc": "2.0"}
        if self.request_id is not None:
            answer["id"] = self.request_id
        return {**answer, "error": error}

    def to_dict(self) -> dict[str, Any]:
        """The audit record: JSON types only, arguments by name only, no token."""
        shadow = {"shadow": [match.to_dict() for match in self.shadow]} if self.shadow else {}
        return {
            "time": self.time,
            "request_id": self.request_id,
            "decision": "allow" if self.allowed else "deny",
            "code": self.code,
            "detail": self.detail,
            "note": self.note,
            "status": self.status,
            "principal": _principal_record(self.principal, self.evidence),
            "actor": _actor_record(self.principal),
            "server": self.server,
            "method": self.method,
            "action": None if self.action is None else str(self.action),
            "resource": None if self.resource is None else str(self.resource),
            "arguments": dict.fromkeys(self.argument_names, "redacted"),
            "policies": [{"id": match.id, "annotations": dict(match.annotations)} for match in self.policies],
            "missing_scopes": list(self.scopes),
            "drift": [str(uid) for uid in self.drift],
            "errors": [{"policy": fault.policy, "code": fault.code} for fault in self.errors],
            **shadow,
            "checks_skipped": list(self.checks_skipped),
            "policy_digest": self.policy_digest,
            "generation": self.generation,
            "jti": self.jti,
            "latency_us": self.latency_us,
        }


def metadata_url(resource: str) -> str:
    """Where the metadata of a protected resource is: its path follows the well-known part (RFC 9728, 3.1)."""
    parts = urlsplit(resource)
    path = "" if parts.path == "/" else parts.path
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/.well-known/oauth-protected-resource{path}{query}"


def _principal_record(principal: Principal | None, evidence: tuple[str, ...]) -> dict[str, Any]:
    match principal:
        case None:
            return {"type": None, "id": None, "evidence": list(evidence)}
        case User() | Client():
            uid = principal.uid
            return {"type": uid.type, "id": uid.id, "evidence": list(principal.evidence)}


def _actor_record(principal: Principal | None) -> dict[str, Any] | None:
    if isinstance(principal, User) and principal.actor is not None:
        uid = principal.actor.uid
        return {"type": uid.type, "id": uid.id}
    return None
