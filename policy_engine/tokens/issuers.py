"""Who is trusted to say who someone is, found by what a token says of itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from policy_engine.errors import ConfigError, TokenError
from policy_engine.tokens.introspection import Introspection
from policy_engine.tokens.key_sources import KeySource
from policy_engine.tokens.rules import TokenRules

__all__ = ["Asked", "Issuer", "IssuerIndex"]

_MAX_SPIFFE_ID: Final = 2048
_SPIFFE_ID: Final = re.compile(
    r"spiffe://(?P<domain>[a-z0-9._-]{1,255})(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]+)+"
)
"""SPIFFE-ID sections 2.1 to 2.4: a path has no empty segment, and none that leads elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Issuer:
    """One issuer: its name here, its own keys, its own rules.

    Attributes:
        name: the configured name, as in `User::"corp/…"`.
        url: the exact `iss` of its tokens.
        rules: what its tokens must look like.
        keys: where its keys come from; they verify nobody else's tokens.
        trust_domain: of a SPIFFE issuer: tokens without `iss` whose `sub` lies in this domain are its own.
        introspection: how it is asked about opaque tokens; None: it isn't.
    """

    name: str
    url: str
    rules: TokenRules
    keys: KeySource
    trust_domain: str = ""
    introspection: Introspection | None = None


class Asked(NamedTuple):
    """An issuer that is asked about opaque tokens, and how."""

    issuer: Issuer
    introspection: Introspection


class IssuerIndex:
    """Issuers by `iss`, SPIFFE issuers by trust domain, and issuers of opaque tokens by server or prefix.

    Args:
        issuers: whom to trust.
        introspected_at: names of the issuers that opaque tokens are asked about at, by server.

    Raises:
        ConfigError: two issuers share a name, an `iss` or a trust domain, or prefixes of opaque tokens; or a
            server's opaque tokens are to be asked about at an issuer that isn't asked.
    """

    def __init__(
        self, issuers: Iterable[Issuer], introspected_at: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        listed = tuple(issuers)
        _unique("name", [issuer.name for issuer in listed])
        _unique("`iss`", [issuer.url for issuer in listed])
        of_domains = [issuer for issuer in listed if issuer.trust_domain]
        _unique("trust domain", [issuer.trust_domain for issuer in of_domains])
        self._by_url = {issuer.url: issuer for issuer in listed}
        self._by_domain = {issuer.trust_domain: issuer for issuer in of_domains}
        self._asked = {
            issuer.name: Asked(issuer, issuer.introspection) for issuer in listed if issuer.introspection
        }
        self._prefixes = _prefixes(self._asked.values())
        self._asked_for = {server: self._asked_at(name) for server, name in introspected_at.items()}

    def find(self, claims: Mapping[str, Any]) -> Issuer:
        """The one issuer that these claims name, compared exactly.

        Raises:
            TokenError: `unknown_issuer`: they name none of ours.
        """
        if "iss" in claims:
            iss = claims["iss"]
            found = self._by_url.get(iss) if isinstance(iss, str) else None
        else:
            found = self._by_domain.get(_trust_domain(claims.get("sub")))
        if found is None:
            raise TokenError("unknown_issuer", "no configured issuer has this `iss`")
        return found

    def confirm(self, claims: Mapping[str, Any], issuer: Issuer) -> None:
        """Check that signed claims name the issuer whose keys proved them.

        Raises:
            TokenError: `unknown_issuer`.
        """
        if self.find(claims) is not issuer:
            raise TokenError("unknown_issuer", "the signed claims name another issuer")

    def of_opaque(self, token: str, server: str | None) -> Asked | None:
        """The one issuer that may be asked about an opaque token; None: nobody may.

        The one that the server names, or else the one whose prefix the token has. What has an issuer's prefix
        is that issuer's, and is sent to no other; where an issuer's prefixes are known, what has none of them
        isn't sent to it.

        Args:
            token: opaque.
            server: that it should open; None for any: then a single issuer that is asked needs no rule.
        """
        found = next((asked for prefix, asked in self._prefixes.items() if token.startswith(prefix)), None)
        named = self._asked_for.get(server) if server is not None else self._only_asked()
        if found is None:
            return None if named is None or named.introspection.prefixes else named
        return found if named is None or named is found else None

    def _only_asked(self) -> Asked | None:
        return next(iter(self._asked.values())) if len(self._asked) == 1 else None

    def _asked_at(self, name: str) -> Asked:
        if name not in self._asked:
            problem = f"opaque tokens can't be asked about at `{name}`: it has no introspection"
            raise ConfigError(problem, remedy="configure it there, or take the rule out")
        return self._asked[name]


def _prefixes(issuers: Iterable[Asked]) -> dict[str, Asked]:
    """Issuers by the prefixes of their opaque tokens; no token begins with those of two."""
    found: dict[str, Asked] = {}
    for asked in issuers:
        for prefix in asked.introspection.prefixes:
            for other, whose in found.items():
                if whose is not asked and (prefix.startswith(other) or other.startswith(prefix)):
                    names = f"`{whose.issuer.name}` and `{asked.issuer.name}`"
                    raise ConfigError(
                        f"opaque tokens of {names} can't be told apart by their prefixes",
                        remedy="give prefixes of which none begins another, or leave them out",
                    )
            found[prefix] = asked
    return found


def _trust_domain(sub: object) -> str:
    """The trust domain of a SPIFFE id with a path (SPIFFE-ID section 2); empty for anything else."""
    found = _SPIFFE_ID.fullmatch(sub) if isinstance(sub, str) and len(sub) <= _MAX_SPIFFE_ID else None
    return found["domain"] if found else ""


def _unique(what: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ConfigError(f"two issuers share one {what}", remedy="merge them, or tell them apart")
