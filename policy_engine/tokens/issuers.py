"""Who is trusted to say who someone is, found by what a token says of itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policy_engine.errors import ConfigError, TokenError
from policy_engine.tokens.key_sources import KeySource
from policy_engine.tokens.rules import TokenRules

__all__ = ["Issuer", "IssuerIndex"]

_SPIFFE: Final = "spiffe://"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Issuer:
    """One issuer: its name here, its own keys, its own rules.

    Attributes:
        name: the configured name, as in `User::"corp/…"`.
        url: the exact `iss` of its tokens.
        rules: what its tokens must look like.
        keys: where its keys come from; they verify nobody else's tokens.
        trust_domain: of a SPIFFE issuer: tokens without `iss` whose `sub` lies in this domain are its own.
    """

    name: str
    url: str
    rules: TokenRules
    keys: KeySource
    trust_domain: str = ""


class IssuerIndex:
    """Issuers by `iss`, and SPIFFE issuers by trust domain.

    Raises:
        ConfigError: two issuers share a name, an `iss` or a trust domain.
    """

    def __init__(self, issuers: Iterable[Issuer]) -> None:
        listed = tuple(issuers)
        _unique("name", [issuer.name for issuer in listed])
        _unique("`iss`", [issuer.url for issuer in listed])
        of_domains = [issuer for issuer in listed if issuer.trust_domain]
        _unique("trust domain", [issuer.trust_domain for issuer in of_domains])
        self._by_url = {issuer.url: issuer for issuer in listed}
        self._by_domain = {issuer.trust_domain: issuer for issuer in of_domains}

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


def _trust_domain(sub: object) -> str:
    """The trust domain of a SPIFFE id with a path (SPIFFE-ID section 2); empty for anything else."""
    if not isinstance(sub, str) or not sub.startswith(_SPIFFE):
        return ""
    domain, _, path = sub.removeprefix(_SPIFFE).partition("/")
    return domain if path else ""


def _unique(what: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ConfigError(f"two issuers share one {what}", remedy="merge them, or tell them apart")
