"""A registered client as the JSON document that a store keeps, and back.

The document is one entry of what `load_clients` reads, in one spelling: lists sorted, what is empty left out.
So two documents say the same exactly if they are equal.
"""

from collections.abc import Mapping
from typing import Any

from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.clients.client import RegisteredClient
from policy_engine.authserver.clients.client_secrets import SecretHash
from policy_engine.authserver.clients.registration import load_clients
from policy_engine.errors import ConfigError

__all__ = ["checked_document", "from_document", "hashes_of", "to_document", "with_hashes"]

_ALWAYS = frozenset({"enabled", "access_token_ttl"})
"""Members that are written whatever they are: a changed default changes no client that is registered."""


def to_document(client: RegisteredClient) -> dict[str, Any]:
    """Write a client down."""
    members = {
        "client_id": client.client_id,
        "client_name": client.client_name,
        "category": client.category,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "token_endpoint_auth_signing_alg": client.token_endpoint_auth_signing_alg,
        "grant_types": list(client.grant_types),
        "jwks": None if client.jwks is None else dict(client.jwks),
        "secret_hashes": [_written(item) for item in client.secret_hashes],
        "resources": sorted(client.resources),
        "scope": " ".join(sorted(client.scopes)),
        "default_scope": " ".join(sorted(client.default_scopes)),
        "default_resource": client.default_resource,
        "enabled": client.enabled,
        "access_token_ttl": client.access_token_ttl,
        "groups": sorted(client.groups),
        "attributes": {name: list(values) for name, values in sorted(client.attributes.items())},
    }
    return {name: value for name, value in members.items() if value or name in _ALWAYS}


def from_document(document: Mapping[str, Any], catalogue: Catalogue) -> RegisteredClient:
    """Read a client, with every check.

    Raises:
        ConfigError: it breaks a requirement, perhaps since the catalogue has changed.
    """
    (client,) = load_clients({"clients": [dict(document)]}, catalogue)
    return client


def checked_document(members: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Check the members of a client that is to be registered, and write them in the one spelling.

    Raises:
        ConfigError: it breaks a requirement.
    """
    return to_document(from_document(members, catalogue))


def hashes_of(document: Mapping[str, Any]) -> tuple[SecretHash, ...]:
    """The hashes in a document; what isn't one, in a document that somebody spoilt, is of no secret."""
    items = document.get("secret_hashes", ())
    found = map(_hash, items if isinstance(items, list | tuple) else ())
    return tuple(item for item in found if item is not None)


def with_hashes(document: Mapping[str, Any], hashes: tuple[SecretHash, ...]) -> dict[str, Any]:
    """The document with other hashes."""
    return {**document, "secret_hashes": [_written(item) for item in hashes]}


def _hash(item: object) -> SecretHash | None:
    if not isinstance(item, Mapping) or not isinstance(item.get("sha256"), str):
        return None
    end = item.get("expires_at")
    if end is not None and (not isinstance(end, int) or isinstance(end, bool)):
        return None
    try:
        return SecretHash(item["sha256"], end)
    except ConfigError:
        return None


def _written(item: SecretHash) -> dict[str, Any]:
    members = {"sha256": item.sha256, "expires_at": item.expires_at}
    return {name: value for name, value in members.items() if value is not None}
