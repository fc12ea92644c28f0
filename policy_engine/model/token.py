"""What stage 1 proves of a token, and what of it policies may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["TokenFacts", "VerifiedToken"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class VerifiedToken:
    """A token whose signature, issuer, type, times and audience held when it was made.

    Only `tokens/` builds one: to hold it is the proof.

    Attributes:
        issuer: the configured name of the issuer (`corp`), not its URL.
        header: the JOSE header, strictly parsed.
        claims: the payload, strictly parsed (no duplicate members, no NaN, no lone surrogates).
        audiences: whom it is for, as its issuer's tokens say it.
        introspected: whether the issuer said all this when asked (RFC 7662), so that there is no header.
        memo: what stage 2 made of it, and the mark of the mapper that did; nobody else's.
    """

    issuer: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    audiences: tuple[str, ...] = ()
    introspected: bool = False
    memo: list[tuple[object, Any]] = field(default_factory=list, repr=False)

    @property
    def sender_constrained(self) -> bool:
        """Whether the token is bound to a key (`cnf`, RFC 7800) that its bearer has to prove."""
        return "cnf" in self.claims


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """The part of a token that policies see as `context.token`.

    Times are seconds since the epoch, as in RFC 7519 section 2 (NumericDate).
    """

    scopes: tuple[str, ...] = ()
    grant: str | None = None
    client_id: str | None = None
    acr: str | None = None
    amr: tuple[str, ...] | None = None
    issued_at: float | None = None
    expires_at: float | None = None
    jti: str | None = None

    def __post_init__(self) -> None:
        """Take lists as tuples: facts are compared, and nobody may change them later."""
        object.__setattr__(self, "scopes", tuple(self.scopes))
        if self.amr is not None:
            object.__setattr__(self, "amr", tuple(self.amr))
