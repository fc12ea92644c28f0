"""A client that an operator registered: confidential, one grant, and all that it may ask for written out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from policy_engine.authserver.clients.client_secrets import SecretHash
from policy_engine.authserver.clients.public_keys import client_keys
from policy_engine.authserver.clients.requirements import (
    require_access,
    require_algorithm,
    require_category,
    require_client_id,
    require_credentials,
    require_grants,
    require_method,
    require_tags,
    require_ttl,
)
from policy_engine.jose import KeySet
from policy_engine.model import Tags

__all__ = ["DEFAULT_TTL", "RegisteredClient"]

DEFAULT_TTL: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredClient:
    """One client; the names are those of RFC 7591 section 2 where it has one.

    Attributes:
        client_id: chosen by the operator, never by the client, and never reused.
        category: `service` or `ai_agent`; written into its tokens as `sub_profile`.
        token_endpoint_auth_method: the one way in which it proves who it is.
        token_endpoint_auth_signing_alg: the one algorithm of its assertions; None for any that its keys
            allow.
        grant_types: `("client_credentials",)`.
        jwks: its public keys as a JWK Set, for `private_key_jwt`.
        secret_hashes: its secrets, for the other methods; two while one is replaced.
        resources: what its tokens may be for, as canonical URIs.
        scopes: what it may be permitted; at each resource, those that the catalogue has there.
        default_scopes: what it gets where it asks for none; empty: it has to ask.
        default_resource: whether it gets its one resource where it asks for none.
        enabled: whether it gets tokens at all.
        access_token_ttl: seconds that its tokens last, at most 3600.
        client_name: for people.
        groups: names of its `ClientGroup`s, for the engine.
        attributes: its tags, for the engine.
        keys: what `jwks` holds, parsed.

    Raises:
        ConfigError: a requirement isn't met; `code` says which.
    """

    client_id: str
    category: str
    token_endpoint_auth_method: str
    token_endpoint_auth_signing_alg: str | None = None
    grant_types: tuple[str, ...]
    jwks: Mapping[str, Any] | None = field(default=None, hash=False)
    secret_hashes: tuple[SecretHash, ...] = ()
    resources: frozenset[str]
    scopes: frozenset[str]
    default_scopes: frozenset[str] = frozenset()
    default_resource: bool = False
    enabled: bool = True
    access_token_ttl: int = DEFAULT_TTL
    client_name: str = ""
    groups: frozenset[str] = frozenset()
    attributes: Tags = field(default_factory=lambda: MappingProxyType({}), hash=False)
    keys: KeySet = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Apply every requirement, and parse the keys."""
        require_client_id(self.client_id)
        require_category(self.category)
        require_method(self.token_endpoint_auth_method)
        require_grants(self.grant_types)
        require_credentials(self.token_endpoint_auth_method, self.jwks, self.secret_hashes)
        keys = KeySet() if self.jwks is None else client_keys(self.jwks)
        object.__setattr__(self, "keys", keys)  # it is frozen for everyone else
        require_algorithm(self.token_endpoint_auth_signing_alg, self.keys)
        require_access(
            self.resources, self.scopes, self.default_scopes, default_resource=self.default_resource
        )
        require_ttl(self.access_token_ttl)
        require_tags(self.groups, self.attributes)
