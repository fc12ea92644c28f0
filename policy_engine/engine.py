"""`PolicyEngine`: verify → map → build → evaluate; the only file that knows this order.

Each call works on one snapshot of everything that was loaded together, so a reload never tears a decision.
What a caller sent never leaves as an exception: an expected failure becomes a refusal that carries its code,
and a bug becomes a refusal that says `internal_error`.
"""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_engine.audit import AuditTrail
from policy_engine.config import LoadedConfig, Stages, assemble, config_from_values, load_config
from policy_engine.errors import ConfigError, MappingError, PolicyEngineError, TokenError
from policy_engine.evaluator import Explanation, explain_request
from policy_engine.mcp import answer_id, parse_message
from policy_engine.model import (
    ALLOWED,
    CODES,
    AuthorizationRequest,
    Client,
    Decision,
    HttpFacts,
    Identity,
    PolicyMatch,
    Principal,
    TokenFacts,
    User,
    VerifiedToken,
)
from policy_engine.tokens import AsyncHttpFetcher, HttpFetcher, Steps, drive, drive_async

__all__ = ["Message", "PolicyEngine"]

Message = Mapping[str, Any] | bytes | str | None
"""One MCP message: parsed, or as it came; None for GET and DELETE."""

_log = logging.getLogger("policy_engine")


@dataclass(slots=True, kw_only=True)
class _Draft:
    """What is known so far of a decision; becomes one however the work ends."""

    at: float
    stages: Stages
    started: int = field(default_factory=time.perf_counter_ns)
    known: dict[str, Any] = field(default_factory=dict)
    asked: list[AuthorizationRequest] = field(default_factory=list)

    def decide(self, code: str, detail: str | None = None, **more: Any) -> Decision:  # noqa: ANN401 -- fields
        return Decision(
            code=code,
            detail=detail,
            time=self.at,
            latency_us=(time.perf_counter_ns() - self.started) // 1000,
            policy_digest=self.stages.digest,
            generation=self.stages.generation,
            **{**self.known, **more},
        )


class PolicyEngine:
    """Decides on MCP messages.

    Built from a file (`from_config`) or, for tests and embedding, from the same values.

    Args:
        policies: Cedar text, or paths of folders and files.
        servers: by name, what is protected.
        issuers: by name, who may say who someone is.
        entities: static entities (Cedar JSON), if any.
        development: allow loopback http issuers.
        audit: takes the record of every decision; nothing is recorded if it isn't given.
        now: the clock, in seconds since the epoch.

    Raises:
        ConfigError: something can't be used; the error says where and how to mend it.
    """

    def __init__(
        self,
        *,
        policies: str | Path | list[Path],
        servers: Mapping[str, Any],
        issuers: Mapping[str, Any],
        entities: list[dict[str, Any]] | None = None,
        development: bool = False,
        audit: AuditTrail | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        text, paths = (policies, []) if isinstance(policies, str) else (None, policies)
        if text is not None and "(" not in text and text.strip():
            remedy = "give a path as one: policies=Path(…)"
            raise ConfigError("`policies` is text, and no policy is in it", remedy=remedy)
        values = {
            "version": 1,
            "development": development,
            "servers": dict(servers),
            "issuers": dict(issuers),
            "policies": [paths] if isinstance(paths, Path) else paths,
        }
        loaded = config_from_values(values, policy_text=text, entity_values=entities)
        self._start(lambda: loaded, now, audit)

    @classmethod
    def from_config(cls, file: str | Path, *, now: Callable[[], float] = time.time) -> "PolicyEngine":
        """Load `policy-engine.yaml`.

        Raises:
            ConfigError: the first problem; all others are in its `others`.
        """
        engine = cls.__new__(cls)
        engine._start(lambda: load_config(Path(file)), now, None)  # noqa: SLF001 -- our own
        return engine

    def _start(
        self, load: Callable[[], LoadedConfig], now: Callable[[], float], audit: AuditTrail | None
    ) -> None:
        self._load = load
        self._now = now
        self._reloading = threading.Lock()
        self._stages = assemble(load(), now=now)
        self._audit = audit
        self._fetcher = HttpFetcher()
        self._async_fetcher = AsyncHttpFetcher()

    def evaluate(
        self, token: str | None, message: Message, *, server: str | None = None, http: HttpFacts | None = None
    ) -> Decision:
        """Decide whether the bearer of a token may send a message to a server.

        Args:
            token: the bearer token alone, without `Bearer `; None or empty if there was none.
            message: the JSON-RPC message; None for GET and DELETE (then `http` says which).
            server: name of the server it is meant for; may be left out where only one is configured.
            http: what is known of the HTTP request; enables further checks.

        Raises:
            ConfigError: `server` was left out, and several are configured.
        """
        draft, name = self._draft(server)
        return self._record(draft, drive(self._decide(draft, name, token, message, http), self._fetcher))

    async def evaluate_async(
        self, token: str | None, message: Message, *, server: str | None = None, http: HttpFacts | None = None
    ) -> Decision:
        """The same as `evaluate`, for an event loop: fetching keys doesn't block it."""
        draft, name = self._draft(server)
        steps = self._decide(draft, name, token, message, http)
        return self._record(draft, await drive_async(steps, self._async_fetcher))

    def identify(self, token: str, server: str | None = None) -> Principal:
        """Tell who a token speaks for.

        Without a server the token may be meant for any of those configured. Whether the token is bound to a
        key is reported (`sender_constrained`), not judged.

        Raises:
            TokenError: the token opens nothing here.
            MappingError: it can't be told whether its bearer is a machine or a human.
        """
        stages = self._stages
        verified = drive(self._verify(stages, server, token), self._fetcher)
        return self._map(stages, server, verified).principal

    def authorize(
        self,
        principal: Principal,
        message: Message,
        server: str | None = None,
        token: TokenFacts | None = None,
        http: HttpFacts | None = None,
    ) -> Decision:
        """Decide for a principal that is already known: a stdio server's configured one, a test's.

        Raises:
            ConfigError: `server` was left out, and several are configured.
        """
        draft, name = self._draft(server)
        identity = Identity(principal=principal, token=token or TokenFacts())
        return self._record(draft, drive(self._decide(draft, name, identity, message, http), self._fetcher))

    def explain(
        self,
        who: str | Principal | None,
        message: Message,
        server: str | None = None,
        token: TokenFacts | None = None,
        http: HttpFacts | None = None,
    ) -> Explanation:
        """Say what `evaluate` decides of a bearer token, or `authorize` of a principal, and why.

        Nothing is recorded, since nobody is answered. Raises what those two do.
        """
        draft, name = self._draft(server)
        known = (
            Identity(principal=who, token=token or TokenFacts()) if isinstance(who, User | Client) else who
        )
        decision = drive(self._decide(draft, name, known, message, http), self._fetcher)
        questions = tuple(explain_request(draft.stages.evaluator, request) for request in draft.asked)
        return Explanation(decision=decision, questions=questions)

    def reload(self) -> None:
        """Load everything anew, and use it from the next call on.

        Raises:
            ConfigError: it can't be used; what was loaded before stays in force.
        """
        with self._reloading:
            self._stages = assemble(self._load(), now=self._now, before=self._stages)

    def close(self) -> None:
        """Give back what fetching keys took."""
        self._fetcher.close()

    async def aclose(self) -> None:
        """The same as `close`, where `evaluate_async` was used."""
        self._fetcher.close()
        await self._async_fetcher.close()

    def _record(self, draft: _Draft, decision: Decision) -> Decision:
        trail = self._audit or draft.stages.audit
        return trail.record(decision)

    def _draft(self, server: str | None) -> tuple[_Draft, str]:
        stages = self._stages
        if server is None and len(stages.servers) != 1:
            raise ConfigError("several servers are configured", remedy="say which one: server=…")
        name = next(iter(stages.servers)) if server is None else server
        known = {"server": name}
        if name in stages.servers:
            known["resource_url"] = stages.servers[name].resource
        return _Draft(at=self._now(), stages=stages, known=known), name

    def _decide(
        self, draft: _Draft, server: str, who: str | Identity | None, message: Message, http: HttpFacts | None
    ) -> Steps[Decision]:
        try:
            if isinstance(who, Identity):
                draft.known["principal"] = who.principal
                return self._judge(draft, who, message, server, http)
            if server not in draft.stages.servers:
                return draft.decide("unknown_server")
            verified = yield from self._verify(draft.stages, server, who)
            draft.known["jti"] = verified.claims.get("jti")
            identity = self._map(draft.stages, server, verified)
            draft.known["principal"] = identity.principal
            if identity.principal.sender_constrained:
                raise TokenError("proof_required", "the token has `cnf`")  # noqa: TRY301 -- told like the others
            return self._judge(draft, identity, message, server, http)
        except Exception as error:  # noqa: BLE001 -- the outermost handler
            if draft.known.keys() & {"jti", "principal"}:  # nobody else learns how a message was read
                draft.known.setdefault("request_id", answer_id(message))
            return _refusal(draft, error)

    def _verify(self, stages: Stages, server: str | None, token: str | None) -> Steps[VerifiedToken]:
        return stages.verifier.verify(token or "", stages.audiences(server).any_kind)

    def _map(self, stages: Stages, server: str | None, verified: VerifiedToken) -> Identity:
        identity = stages.mapper.map(verified)
        stages.audiences(server).require(verified, identity.principal)
        return identity

    def _judge(
        self, draft: _Draft, identity: Identity, message: Message, server: str, http: HttpFacts | None
    ) -> Decision:
        parsed = parse_message(message, http)
        draft.known |= {"method": parsed.method, "request_id": parsed.request_id}
        draft.known["checks_skipped"] = parsed.checks_skipped
        call = draft.stages.builder.build(parsed, identity, server)
        draft.known["argument_names"] = call.argument_names
        decided: dict[PolicyMatch, None] = {}
        for request in call.requests:
            verdict = draft.stages.evaluator.evaluate(request)
            draft.asked.append(request)
            draft.known |= {"action": request.action, "resource": request.resource, "errors": verdict.errors}
            if verdict.code != ALLOWED:
                return draft.decide(verdict.code, policies=verdict.policies)
            decided |= dict.fromkeys(verdict.policies)
        return draft.decide(ALLOWED, policies=tuple(decided), forward=call.forward)


def _refusal(draft: _Draft, error: Exception) -> Decision:
    """What a caller sent gets its own code; anything else is a bug, and is logged without what was sent."""
    if isinstance(error, PolicyEngineError) and error.code in CODES and error.code != "internal_error":
        evidence = error.evidence if isinstance(error, MappingError) else ()
        return draft.decide(error.code, error.detail, note=error.note, evidence=evidence)
    (*_, frame) = traceback.extract_tb(error.__traceback__)
    where = f"{frame.filename}:{frame.lineno}"
    _log.error("a bug refused a request: %s at %s", type(error).__name__, where)
    return draft.decide("internal_error")
