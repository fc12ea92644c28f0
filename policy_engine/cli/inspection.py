"""What a token is taken for: its issuer, what stage 1 and stage 2 say, and the entity that policies see."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policy_engine.config import LoadedConfig, Stages, assemble
from policy_engine.errors import JoseError, PolicyEngineError
from policy_engine.evaluator import principal_entity
from policy_engine.jose import peek
from policy_engine.mapper import Clause
from policy_engine.model import CODES, CedarJson, Identity, User, VerifiedToken
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens import HttpFetcher, drive

__all__ = ["Inspection", "inspect_token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Everything there is to say of a token but the token.

    Attributes:
        issuer: the configured name of its issuer: by its own word, or with its profile once that was proven.
        error: why it was refused.
        client: clauses of the rule for machines, and what each says.
        user: clauses of the rule for humans.
        identity: whom it stands for.
        entity: that principal as policies see it (Cedar JSON).
    """

    issuer: str | None
    error: PolicyEngineError | None
    client: tuple[Clause, ...] = ()
    user: tuple[Clause, ...] = ()
    identity: Identity | None = None

    @property
    def entity(self) -> CedarJson | None:
        """The principal in Cedar's JSON entity format, if the token stands for somebody."""
        return None if self.identity is None else principal_entity(self.identity.principal)

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        principal = None if self.identity is None else self.identity.principal
        actor = principal.actor if isinstance(principal, User) else None
        return {
            "issuer": self.issuer,
            "accepted": self.identity is not None,
            "code": None if self.error is None else self.error.code,
            "detail": None if self.error is None else self.error.detail,
            "problem": None if self.error is None else self.error.note or CODES[self.error.code].meaning,
            "evidence": {
                "client": [{"clause": clause.text, "holds": clause.holds} for clause in self.client],
                "user": [{"clause": clause.text, "holds": clause.holds} for clause in self.user],
            },
            "kind": None if self.identity is None else self.identity.kind,
            "sender_constrained": None if principal is None else principal.sender_constrained,
            "entity": self.entity,
            "actor": None if actor is None else principal_entity(actor),
        }

    def lines(self) -> Iterator[tuple[str, str]]:
        """For people: a label and a text, one a line."""
        yield "issuer", self.issuer or "none that is configured"
        for kind, clauses in (("machine", self.client), ("human", self.user)):
            for clause in clauses:
                yield kind, f"{_SIGNS[clause.holds]} {clause.text}"
        if self.error is not None:
            detail = f" ({self.error.detail})" if self.error.detail else ""
            yield "REFUSED", f"{self.error.code}{detail}: {self.error.note or CODES[self.error.code].meaning}"
        if self.identity is not None:
            principal = self.identity.principal
            yield "accepted", f"{principal.uid}{', bound to a key' if principal.sender_constrained else ''}"
            if isinstance(principal, User) and principal.actor is not None:
                yield "actor", str(principal.actor.uid)
            yield "scopes", " ".join(self.identity.token.scopes) or "none"


_SIGNS = {True: "yes", False: "no ", None: "-  "}
"""`-`: a claim that the clause needs is absent."""


def inspect_token(loaded: LoadedConfig, token: str, server: str | None) -> Inspection:
    """Verify and map a token, and keep what was learnt on the way.

    Raises:
        ConfigError: the configuration can't be used, or has no such server.
    """
    stages = assemble(loaded, now=time.time)
    audiences = stages.audiences(server)
    fetcher = HttpFetcher()
    try:
        verified = drive(stages.verifier.verify(token, audiences.any_kind), fetcher)
    except PolicyEngineError as error:
        return Inspection(issuer=_claimed_issuer(loaded, token), error=error)
    finally:
        fetcher.close()
    return _examined(stages, verified, server)


def _examined(stages: Stages, verified: VerifiedToken, server: str | None) -> Inspection:
    found = stages.mapper.examine(verified)
    error: PolicyEngineError | None = found.error
    if found.identity is not None:
        try:
            stages.audiences(server).require(verified, found.identity.principal)
        except PolicyEngineError as refusal:
            error = refusal
    return Inspection(
        issuer=f"{found.issuer} (profile {found.profile})",
        error=error,
        client=found.client,
        user=found.user,
        identity=None if error else found.identity,
    )


def _claimed_issuer(loaded: LoadedConfig, token: str) -> str | None:
    """The issuer that a token names, whether or not that could be verified."""
    try:
        claims = parse(peek(token).payload)
    except (JoseError, JsonError):
        return None
    iss = claims.get("iss") if isinstance(claims, dict) else None
    names = [name for name, issuer in loaded.config.issuers.items() if issuer.issuer == iss]
    return f"{names[0]}, by its own word" if names else None
