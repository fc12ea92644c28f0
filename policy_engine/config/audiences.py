"""Which audiences open a server, by issuer and by the kind of principal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policy_engine.config.models import IssuerConfig, ServerConfig
from policy_engine.errors import TokenError
from policy_engine.mapper import TokenContent
from policy_engine.model import Principal, User

__all__ = ["Audiences", "audiences_of"]

ByIssuer = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audiences:
    """Audiences by the name of the issuer that writes them.

    Attributes:
        user: what people's tokens carry.
        client: what machines' tokens carry.
        any_kind: what a token may carry before it is known whose it is.
    """

    user: ByIssuer
    client: ByIssuer
    any_kind: ByIssuer = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Join the two once; every request asks for it."""
        object.__setattr__(self, "any_kind", _union([self.user, self.client]))

    @classmethod
    def of_server(cls, server: ServerConfig, issuers: Mapping[str, IssuerConfig]) -> "Audiences":
        """The server's canonical URI, unless the configuration names others for an issuer."""
        own = frozenset([server.resource])
        user, client = dict.fromkeys(issuers, own), dict.fromkeys(issuers, own)
        for issuer, audience in server.audiences.items():
            user[issuer], client[issuer] = frozenset(audience.user), frozenset(audience.client)
        return cls(user=user, client=client)

    @classmethod
    def union(cls, several: Iterable["Audiences"]) -> "Audiences":
        """Whatever opens at least one of several servers."""
        listed = list(several)
        return cls(
            user=_union([each.user for each in listed]), client=_union([each.client for each in listed])
        )

    def require(self, token: TokenContent, principal: Principal) -> None:
        """Check that a token that opens the server does so for its kind of principal.

        Raises:
            TokenError: `invalid_audience`.
        """
        user, client = self.user[token.issuer], self.client[token.issuer]
        kind = user if isinstance(principal, User) else client
        if user is not client and user != client and kind.isdisjoint(token.audiences):
            raise TokenError("invalid_audience", "the audience is one for the other kind of principal")


def _union(maps: list[ByIssuer]) -> dict[str, frozenset[str]]:
    names = {name for each in maps for name in each}
    return {
        name: frozenset().union(*(each.get(name, frozenset()) for each in maps)) for name in sorted(names)
    }


def audiences_of(server: ServerConfig, issuer: str) -> frozenset[str]:
    """Every audience that a token of an issuer may carry for a server, whatever its kind."""
    own = server.audiences.get(issuer)
    return frozenset([server.resource]) if own is None else frozenset((*own.user, *own.client))
