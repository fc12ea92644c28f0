"""The issuers section: whom stage 1 verifies, and how stage 2 maps their tokens."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy_engine.config.attributes import declared_attributes, listed_attributes
from policy_engine.config.introspection import make_introspection
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models import ClientConfig, IssuerConfig, KindClaims
from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import SigningKey
from policy_engine.mapper import (
    AttributeSource,
    ClaimSources,
    IssuerMapping,
    Kind,
    KnownClient,
    Mapper,
    Profile,
    Registry,
    Sources,
    check_clients,
    check_prefix,
    check_sources,
    load_profile,
    profile_names,
    rehearsed_profile,
)
from policy_engine.model import AttributeType
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens import Introspection, Issuer, KeySource, NoKeys, RemoteKeys, StaticKeys, TokenRules

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
        with_keys: whether to load them, and the secrets of introspection; without, nothing can be verified.

    Raises:
        ConfigError: a profile or a key can't be used.
    """
    for name, issuer in loaded.config.issuers.items():
        profile = issuer_profile(loaded, name)
        make = partial(_keys, loaded, name, issuer, now, published)
        yield Issuer(
            name=name,
            url=issuer.issuer,
            rules=_rules(loaded, name, profile),
            keys=_placed(loaded, ("issuers", name, "keys"), make) if with_keys else NoKeys(),
            trust_domain=_trust_domain(loaded, name, profile),
            introspection=_introspection(loaded, name, now, with_credentials=with_keys),
        )


def issuer_mappings(
    loaded: LoadedConfig, registries: Mapping[str, Registry] | None = None
) -> Iterator[IssuerMapping]:
    """What stage 2 needs of each issuer.

    Args:
        loaded: the configuration.
        registries: by the name of the issuer, for those whose clients aren't listed in the configuration;
            without it, one lists nobody.

    Raises:
        ConfigError: a profile can't be used.
    """
    declared = declared_attributes(loaded.config)
    for name, issuer in loaded.config.issuers.items():
        clients = {
            client_id: _client(entry, declared["Client"]) for client_id, entry in issuer.clients.items()
        }
        for client_id, client in clients.items():
            with _errors_at(loaded, ("issuers", name, "clients", client_id)):
                check_clients({client_id: client}, issuer=name)
        prefixes = {
            prefix: _client(entry, declared["Client"]) for prefix, entry in issuer.client_prefixes.items()
        }
        mapping = IssuerMapping(
            name=name,
            profile=issuer_profile(loaded, name),
            flags=issuer.flags,
            clients=(registries or {}).get(name, MappingProxyType(clients)),
            prefixes=MappingProxyType(prefixes),
            foreign_marks=issuer.on_foreign_marker == "refuse",
            claims=ClaimSources(
                user=_sources(issuer.claims.user, declared["User"]),
                client=_sources(issuer.claims.client, declared["Client"]),
            ),
        )
        _check_claims(loaded, mapping, "user", mapping.claims.user)
        _check_claims(loaded, mapping, "client", mapping.claims.client)
        with _errors_at(loaded, ("issuers", name, "flags")):
            Mapper([replace(mapping, prefixes={})])
        for prefix, client in prefixes.items():
            with _errors_at(loaded, ("issuers", name, "client_prefixes", prefix)):
                check_prefix(mapping, prefix, client)
        yield mapping


def issuer_profile(loaded: LoadedConfig, name: str) -> Profile:
    """The profile of an issuer: a shipped one by its name, or an operator's own by its path.

    Raises:
        ConfigError: there is none, or it can't be used.
    """
    written = loaded.config.issuers[name].profile
    if written not in profile_names() and Path(written).suffix in {".yaml", ".yml"}:
        return rehearsed_profile(loaded.path(Path(written)))
    with _errors_at(loaded, ("issuers", name, "profile")):
        return load_profile(written)


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


def _trust_domain(loaded: LoadedConfig, name: str, profile: Profile) -> str:
    """The SPIFFE trust domain whose tokens are this issuer's even if they don't name it; empty for none."""
    if profile.trust_domain is None:
        return ""
    written = loaded.config.issuers[name].flags.get(profile.trust_domain, "")
    if not isinstance(written, str) or not re.fullmatch(r"[a-z0-9._-]{0,255}", written):
        raise loaded.document.error(
            ("issuers", name, "flags", profile.trust_domain),
            "a trust domain has small letters, digits, dots, dashes and underscores alone",
            "write what stands between `spiffe://` and the next slash",
        )
    return written


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
        audience_claims=profile.audience,
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


def _introspection(
    loaded: LoadedConfig, name: str, now: Callable[[], float], *, with_credentials: bool
) -> Introspection | None:
    issuer = loaded.config.issuers[name]
    if issuer.introspection is None:
        return None
    with _errors_at(loaded, ("issuers", name, "introspection")):
        return make_introspection(
            issuer.introspection,
            issuer_url=issuer.issuer,
            now=now,
            path=loaded.path,
            development=loaded.config.development,
            with_credentials=with_credentials,
        )


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


def _client(entry: ClientConfig, declared: Mapping[str, AttributeType]) -> KnownClient:
    tags, typed = listed_attributes(entry.attributes, declared)
    return KnownClient(
        grants=frozenset(entry.grants),
        category=entry.category,
        groups=frozenset(entry.groups),
        roles=frozenset(entry.roles),
        attributes=tags,
        typed_attributes=typed,
        acts_for_users=entry.acts_for_users,
    )


def _check_claims(loaded: LoadedConfig, mapping: IssuerMapping, kind: Kind, sources: Sources) -> None:
    """Check one by one what is read of tokens, so that each error has its place."""
    parts: dict[tuple[str, ...], Sources] = {
        ("groups",): Sources(groups=sources.groups),
        ("roles",): Sources(roles=sources.roles),
        ("email",): Sources(email=sources.email),
        **{("tags", tag): Sources(tags={tag: claim}) for tag, claim in sources.tags.items()},
        **{("attributes", key): Sources(attributes={key: one}) for key, one in sources.attributes.items()},
    }
    for steps, part in parts.items():
        with _errors_at(loaded, ("issuers", mapping.name, "claims", kind, *steps)):
            check_sources(mapping.profile, kind, part)


def _sources(claims: KindClaims, declared: Mapping[str, AttributeType]) -> Sources:
    attributes = {
        name: AttributeSource(claim=claim, type=declared[name]) for name, claim in claims.attributes.items()
    }
    return Sources(
        groups=claims.groups,
        roles=claims.roles,
        email=claims.email,
        tags=MappingProxyType(dict(claims.tags)),
        attributes=MappingProxyType(attributes),
    )
