"""What a client has to know before it asks for a token: the metadata of a protected resource (RFC 9728)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from policy_engine.config import Stages
from policy_engine.model.strict_json import dumps

__all__ = ["ROOT", "metadata_of", "metadata_path"]

ROOT: Final = "/.well-known/oauth-protected-resource"


def metadata_path(resource: str) -> str:
    """Where the metadata of a resource is: its path follows the well-known part (RFC 9728, section 3.1)."""
    path = urlsplit(resource).path
    return ROOT if path in ("", "/") else f"{ROOT}{path}"


def metadata_of(stages: Stages, server: str) -> bytes:
    """The document, as JSON; nothing in it is empty (RFC 9728, section 3.2)."""
    config = stages.loaded.config
    document: dict[str, Any] = {
        "resource": config.servers[server].resource,
        # Exactly as tokens have it in `iss`: clients keep what they are given by an issuer under its name.
        "authorization_servers": [issuer.issuer for issuer in config.issuers.values()],
        "bearer_methods_supported": ["header"],
    }
    scopes = _scopes(config.authserver, server)
    return dumps({**document, **({"scopes_supported": scopes} if scopes else {})})


def _scopes(authserver: Any, server: str) -> list[str]:  # noqa: ANN401 -- a section that may be missing
    if authserver is None:
        return []
    by_server: Mapping[str, Any] = authserver.scopes
    return sorted(by_server.get(server, ()))
