"""The part of a token that policies see as `context.token`, strictly typed."""

from collections.abc import Mapping
from typing import Any

from policy_engine.mapper.language import ClaimPath, ClaimType, read_claim
from policy_engine.model import TokenFacts

__all__ = ["token_facts"]

_ACR, _AMR, _JTI = ClaimPath(("acr",)), ClaimPath(("amr",)), ClaimPath(("jti",))
_IAT, _EXP = ClaimPath(("iat",)), ClaimPath(("exp",))


def token_facts(
    claims: Mapping[str, Any],
    *,
    scopes: ClaimPath,
    client_id: str | None,
    grant: str | None,
    self_written: bool = False,
) -> TokenFacts:
    """Read what policies may know of a token.

    Args:
        claims: the token's claims.
        scopes: where its scopes are, as a string with spaces or an array.
        client_id: the client that obtained it.
        grant: how, where that is known.
        self_written: whether its bearer wrote it: then how surely somebody signed in, and what it is good
            for, are left out.

    Raises:
        MappingError: one of the claims has another type than its specification says (`claim_type`).
    """
    said = {} if self_written else claims
    return TokenFacts(
        scopes=_scopes(scopes, said),
        grant=grant,
        client_id=client_id,
        acr=_read(_ACR, ClaimType.STRING, said),
        amr=_read(_AMR, ClaimType.LIST, said),
        issued_at=_read(_IAT, ClaimType.NUMBER, claims),
        expires_at=_read(_EXP, ClaimType.NUMBER, claims),
        jti=_read(_JTI, ClaimType.STRING, claims),
    )


def _scopes(path: ClaimPath, claims: Mapping[str, Any]) -> tuple[str, ...]:
    in_array = isinstance(path.find({}, claims), list)
    found: tuple[str, ...] | None = _read(path, ClaimType.LIST if in_array else ClaimType.SPACES, claims)
    return tuple(dict.fromkeys(found or ()))


def _read(path: ClaimPath, claim_type: ClaimType, claims: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- as asked
    return read_claim(path, claim_type, {}, claims)
