"""Tokens as the issuers of a configuration sign them, with keys of the test's own."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from policy_engine.config import LoadedConfig, issuer_profile, listed_client
from policy_engine.errors import ConfigError
from policy_engine.harness.tampering import TAMPERINGS, Draft, Tampering
from policy_engine.jose import ALGORITHMS, SigningKey
from policy_engine.mapper import Kind, example_token

__all__ = ["APPLICATION", "Minter", "key_sets", "keys_of"]

APPLICATION: Final = "some-application"
"""What obtained a person's token, where nothing is said of it."""

_QUICK: Final = ("ES256", "EdDSA", "ES384", "ES512")
"""Algorithms whose keys are made in no time, the best one first."""

_WORDS: Final[Mapping[Kind, str]] = {"client": "a machine", "user": "a person"}


class Minter:
    """Signs tokens; the same words at the same time give the same token, signed once.

    Args:
        loaded: the configuration.
        keys: private keys, by the name of the issuer.
        now: the clock.
    """

    def __init__(
        self, loaded: LoadedConfig, keys: Mapping[str, SigningKey], now: Callable[[], float]
    ) -> None:
        self._loaded = loaded
        self._keys = keys
        self._now = now
        self._signed: dict[str, str] = {}

    def mint(
        self,
        *,
        issuer: str | None,
        kind: Kind,
        id: str | None,  # noqa: A002 -- the word that profiles have for it
        through: str | None,
        claims: Mapping[str, Any],
        header: Mapping[str, Any],
        scope: str | None,
        lifetime: float,
        server: str | None,
        tamper: Tampering | None,
    ) -> str:
        """Sign a token; `World.mint` says what the arguments are.

        Raises:
            ConfigError: nobody signs such tokens, or several do.
        """
        name = issuer if issuer is not None else self.issuer_of(kind, id if kind == "client" else through)
        said = [name, kind, id, through, dict(claims), dict(header), scope, lifetime, server, tamper]
        words = json.dumps([*said, self._now()], sort_keys=True, default=str)
        if words not in self._signed:
            draft = self._draft(
                name,
                kind,
                id,
                through or APPLICATION,
                scope=scope,
                lifetime=int(lifetime),
                audience=self._audience(server, name, kind),
                jti=base64.urlsafe_b64encode(hashlib.sha256(words.encode()).digest())[:22].decode("ascii"),
            )
            _lay_over(draft.claims, claims)
            _lay_over(draft.header, header)
            if tamper is not None:
                TAMPERINGS[tamper].spoil(draft)
            self._signed[words] = draft.text()
        return self._signed[words]

    def issuer_of(self, kind: Kind, client: str | None) -> str:
        """The one issuer that signs tokens of a kind for a client.

        Args:
            kind: of the tokens.
            client: the machine, or the application that obtained a person's token; None for any.

        Raises:
            ConfigError: none does, or several do.
        """
        able = [
            name
            for name in self._loaded.config.issuers
            if kind in issuer_profile(self._loaded, name).examples
        ]
        if client is not None and len(listing := [name for name in able if self._lists(name, client)]) > 0:
            able = listing
        if len(able) != 1:
            found = f"{' and '.join(able)} do" if able else "none does"
            raise ConfigError(
                f"not exactly one issuer signs tokens for {_WORDS[kind]}: {found}",
                remedy="name one: `issuer`",
            )
        return able[0]

    def _lists(self, issuer: str, client: str) -> bool:
        return listed_client(self._loaded, issuer, client) is not None

    def _draft(
        self,
        issuer: str,
        kind: Kind,
        whose: str | None,
        through: str,
        *,
        scope: str | None,
        lifetime: int,
        audience: str,
        jti: str,
    ) -> Draft:
        config = self._loaded.config.issuers[issuer]
        profile = issuer_profile(self._loaded, issuer)
        now = int(self._now())
        if whose is not None and kind not in profile.examples:
            problem = f"issuer `{issuer}` signs no tokens for {_WORDS[kind]}, says its profile"
            raise ConfigError(f"{problem} `{profile.name}`", remedy="take another issuer: `issuer`")
        if whose is None:
            return self._bare(issuer, scope=scope, lifetime=lifetime, audience=audience, jti=jti)
        header, claims = example_token(
            profile,
            kind,
            id=whose,
            client=through,
            issuer=config.issuer,
            audience=audience,
            now=now,
            lifetime=lifetime,
            jti=jti,
            flags=config.flags,
        )
        return self._signable(issuer, header, claims, scope)

    def _bare(self, issuer: str, *, scope: str | None, lifetime: int, audience: str, jti: str) -> Draft:
        """A token that says when, for whom and by whom it is, and nothing of whom it speaks for."""
        profile = issuer_profile(self._loaded, issuer)
        now = int(self._now())
        typ = next((name for name in profile.typ if name is not None), None)
        claims = {
            "iss": self._loaded.config.issuers[issuer].issuer,
            profile.audience[0]: audience,
            "iat": now,
            "exp": now + lifetime,
            "jti": jti,
        }
        return self._signable(issuer, {} if typ is None else {"typ": typ}, claims, scope)

    def _signable(
        self, issuer: str, header: dict[str, Any], claims: dict[str, Any], scope: str | None
    ) -> Draft:
        profile, key = issuer_profile(self._loaded, issuer), self._keys[issuer]
        if scope is not None:
            place = profile.scopes.names[0]
            claims[place] = scope.split() if isinstance(claims.get(place), list) else scope
        return Draft(
            header={"alg": key.algorithm, "kid": key.kid, **header},
            claims=claims,
            key=key,
            now=int(self._now()),
            audiences=profile.audience,
        )

    def _audience(self, server: str | None, issuer: str, kind: Kind) -> str:
        config = self._loaded.config
        if issuer not in config.issuers:
            known = ", ".join(config.issuers)
            raise ConfigError(f"no issuer is named `{issuer}`", remedy=f"configured: {known}")
        if server is None and len(config.servers) != 1:
            raise ConfigError("several servers are configured", remedy="say which one: `server`")
        name = next(iter(config.servers)) if server is None else server
        if name not in config.servers:
            known = ", ".join(config.servers)
            raise ConfigError(f"no server is named `{name}`", remedy=f"configured: {known}")
        own = config.servers[name].audiences.get(issuer)
        listed = () if own is None else getattr(own, kind)
        return str(listed[0] if listed else config.servers[name].resource)


def keys_of(loaded: LoadedConfig) -> dict[str, SigningKey]:
    """A private key for each issuer, of an algorithm that it may sign with."""
    return {name: _key(name, _algorithm(loaded, name)) for name in loaded.config.issuers}


def key_sets(keys: Mapping[str, SigningKey]) -> dict[str, dict[str, Any]]:
    """The JWK Sets that belong to private keys."""
    return {name: {"keys": [key.public_jwk()]} for name, key in keys.items()}


def _algorithm(loaded: LoadedConfig, issuer: str) -> str:
    may = loaded.config.issuers[issuer].algorithms or issuer_profile(loaded, issuer).algorithms
    return next((name for name in (*_QUICK, *ALGORITHMS) if name in may), may[0])


@lru_cache(maxsize=1024)
def _key(_issuer: str, algorithm: str) -> SigningKey:
    """One key an issuer, for the life of the process: to make those of RSA takes its time."""
    return SigningKey.generate(algorithm)


def _lay_over(members: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Put members in; None takes one out."""
    for name, value in given.items():
        if value is None:
            members.pop(name, None)
        else:
            members[name] = value
