"""The part of a token that policies see as `context.token`, strictly typed."""

from collections.abc import Mapping
from typing import Any, Final

from policy_engine.mapper.language import NOTHING_DECODED, ClaimPath, ClaimType, Read
from policy_engine.model import TokenFacts

__all__ = ["ScopesReader", "token_facts"]

_NONE: Final = NOTHING_DECODED
_ACR, _AMR = Read(ClaimPath(("acr",)), ClaimType.STRING), Read(ClaimPath(("amr",)), ClaimType.LIST)
_IAT, _EXP = Read(ClaimPath(("iat",)), ClaimType.NUMBER), Read(ClaimPath(("exp",)), ClaimType.NUMBER)
_JTI = Read(ClaimPath(("jti",)), ClaimType.STRING)


class ScopesReader:
    """Reads the scopes of one issuer's tokens.

    Args:
        path: where they are, as a string with spaces or an array.
    """

    def __init__(self, path: ClaimPath) -> None:
        self._path = path
        self._array = Read(path, ClaimType.LIST)
        self._text = Read(path, ClaimType.SPACES)

    def read(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """The scopes, each once.

        Raises:
            MappingError: they are there in another form (`claim_type`).
        """
        in_array = isinstance(self._path.find(_NONE, claims), list)
        found = (self._array if in_array else self._text).value(_NONE, claims, _NONE)
        return tuple(dict.fromkeys(found)) if found else ()


def token_facts(
    claims: Mapping[str, Any],
    *,
    scopes: ScopesReader,
    client_id: str | None,
    grant: str | None,
    self_written: bool = False,
) -> TokenFacts:
    """Read what policies may know of a token.

    Args:
        claims: the token's claims.
        scopes: reads its scopes.
        client_id: the client that obtained it.
        grant: how, where that is known.
        self_written: whether its bearer wrote it: then how surely somebody signed in, and what it is good
            for, are left out.

    Raises:
        MappingError: one of the claims has another type than its specification says (`claim_type`).
    """
    said = _NONE if self_written else claims
    return TokenFacts(
        scopes=scopes.read(said),
        grant=grant,
        client_id=client_id,
        acr=_ACR.value(_NONE, said, _NONE),
        amr=_AMR.value(_NONE, said, _NONE),
        issued_at=_IAT.value(_NONE, claims, _NONE),
        expires_at=_EXP.value(_NONE, claims, _NONE),
        jti=_JTI.value(_NONE, claims, _NONE),
    )
