"""The issuers section: whom stage 1 verifies, and how stage 2 maps their tokens."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models import ClientConfig, IssuerConfig, KindClaims
from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import SigningKey
from policy_engine.mapper import (
    ClaimSources,
    IssuerMapping,
    KnownClient,
    Mapper,
    Profile,
    Sources,
    check_clients,
    load_profile,
    profile_names,
)
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens import Issuer, KeySource, NoKeys, RemoteKeys, StaticKeys, TokenRules

__all__ = ["PublishedKeys", "development_key", "issuer_mappings", "issuer_profile", "verified_issuers"]


PublishedKeys = dict[tuple[str, str | None, bool], RemoteKeys]
"""Key sources that fetch, by issuer, address and whether loopback http will do."""


def verified_issuers(
    loaded: LoadedConfig,
    now: Callable[[], float],
    published: PublishedKeys,
    *,
    with_keys: bool = True,
) -> Iterator[Issuer]:
    """What stage 1 needs of each issuer.

    Args:
        loaded: the configuration.
        now: the clock.
        published: sources in use, which are used on, so that a reload during an outage loses no keys; new
            ones are added.
        with_keys: whether to load them; without, nothing can be verified.

    Raises:
        ConfigError: a profile or a key can't be used.
    """
    for name, issuer in loaded.config.issuers.items():
        make = partial(_keys, loaded, name, issuer, now, published)
        yield Issuer(
            name=name,
            url=issuer.issuer,
            rules=_rules(loaded, name, issuer_profile(loaded, name)),
            keys=_placed(loaded, ("issuers", name, "keys"), make) if with_keys else NoKeys(),
        )


def issuer_mappings(loaded: LoadedConfig) -> Iterator[IssuerMapping]:
    """What stage 2 needs of each issuer.

    Raises:
        ConfigError: a profile can't be used.
    """
    for name, issuer in loaded.config.issuers.items():
        clients = {client_id: _client(entry) for client_id, entry in issuer.clients.items()}
        for client_id, client in clients.items():
            with _errors_at(loaded, ("issuers", name, "clients", client_id)):
                check_clients({client_id: client}, issuer=name)
        mapping = IssuerMapping(
            name=name,
            profile=issuer_profile(loaded, name),
            flags=issuer.flags,
            clients=MappingProxyType(clients),
            claims=ClaimSources(user=_sources(issuer.claims.user), client=_sources(issuer.claims.client)),
        )
        with _errors_at(loaded, ("issuers", name, "flags")):
            Mapper([mapping])
        yield mapping


def issuer_profile(loaded: LoadedConfig, name: str) -> Profile:
    """The profile of an issuer: a shipped one by its name, or an operator's own by its path.

    Raises:
        ConfigError: there is none, or it can't be used.
    """
    written = loaded.config.issuers[name].profile
    source = written if written in profile_names() else loaded.path(Path(written))
    if isinstance(source, Path) and source.suffix not in {".yaml", ".yml"}:
        known = ", ".join(profile_names())
        place = ("issuers", name, "profile")
        raise loaded.document.error(
            place, f"no profile is named `{written}`", f"use one of {known}, or the path of a .yaml file"
        )
    return load_profile(source)


def development_key(loaded: LoadedConfig, name: str) -> SigningKey | None:
    """The private key that `token mint` signs with, if this issuer has one.

    Raises:
        ConfigError: the file holds no private key.
    """
    file = loaded.config.issuers[name].development_key
    if file is None:
        return None
    path = loaded.path(file)
    try:
        return SigningKey.from_jwk(_json_object(path))
    except JoseError as error:
        raise ConfigError(
            f"no private JWK: {error.note}", remedy="write one private JWK", file=path
        ) from error


def _rules(loaded: LoadedConfig, name: str, profile: Profile) -> TokenRules:
    issuer = loaded.config.issuers[name]
    narrowed = set(issuer.algorithms)
    if unknown := sorted(narrowed - set(profile.algorithms)):
        place = ("issuers", name, "algorithms")
        known = ", ".join(profile.algorithms)
        raise loaded.document.error(
            place, f"`{unknown[0]}` isn't among the profile's algorithms", f"use {known}"
        )
    return TokenRules(
        algorithms=frozenset(narrowed or profile.algorithms),
        types=profile.typ,
        required_claims=frozenset(profile.required),
        multiple_audiences=profile.multiple_audiences,
    )


def _keys(
    loaded: LoadedConfig,
    name: str,
    issuer: IssuerConfig,
    now: Callable[[], float],
    published: PublishedKeys,
) -> KeySource:
    written = issuer.keys
    if written is None and (key := development_key(loaded, name)) is not None:
        return StaticKeys({"keys": [key.public_jwk()]})
    if written is None or written.uri is not None:
        uri, loopback = None if written is None else written.uri, loaded.config.development
        place = (issuer.issuer, uri, loopback)
        if place not in published:
            published[place] = RemoteKeys(
                jwks_uri=uri, issuer_url=issuer.issuer, now=now, allow_loopback_http=loopback
            )
        return published[place]
    jwks = written.jwks if written.file is None else _json_object(loaded.path(written.file))
    return StaticKeys(jwks)


@contextmanager
def _errors_at(loaded: LoadedConfig, path: tuple[str | int, ...]) -> Iterator[None]:
    """Give errors that know no place one in the configuration."""
    try:
        yield
    except ConfigError as error:
        if error.file is not None:
            raise
        raise loaded.document.error(path, error.problem, error.remedy) from error


def _placed(loaded: LoadedConfig, path: tuple[str | int, ...], make: Callable[[], KeySource]) -> KeySource:
    """Tell where in the configuration a key that can't be used is named."""
    try:
        return make()
    except JoseError as error:
        raise loaded.document.error(
            path, f"no usable key: {error.note}", "give a JWK Set of public keys"
        ) from error


def _json_object(path: Path) -> dict[str, Any]:
    try:
        value = parse(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"can't read the file: {error.strerror}", file=path) from error
    except JsonError as error:
        raise ConfigError(f"not strict JSON: {error.code}", file=path) from error
    if not isinstance(value, dict):
        raise ConfigError("not a JSON object", remedy="write a JWK or a JWK Set", file=path)
    return value


def _client(entry: ClientConfig) -> KnownClient:
    return KnownClient(
        grants=frozenset(entry.grants),
        category=entry.category,
        groups=frozenset(entry.groups),
        roles=frozenset(entry.roles),
        attributes=_tags(entry.attributes),
        acts_for_users=entry.acts_for_users,
    )


def _tags(attributes: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(dict(attributes))


def _sources(claims: KindClaims) -> Sources:
    return Sources(
        groups=claims.groups, roles=claims.roles, email=claims.email, tags=MappingProxyType(dict(claims.tags))
    )
