"""The clients that an operator registered: what they are, the checks they passed, where they are found."""

from policy_engine.authserver.clients.client import DEFAULT_TTL, RegisteredClient
from policy_engine.authserver.clients.client_secrets import (
    MAX_SECRETS,
    Secret,
    SecretHash,
    generate_secret,
)
from policy_engine.authserver.clients.public_keys import MAX_CLIENT_KEYS
from policy_engine.authserver.clients.registration import load_clients
from policy_engine.authserver.clients.registry import ClientRegistry, MemoryClientRegistry
from policy_engine.authserver.clients.requirements import AUTH_METHODS, MAX_TTL, is_client_id

__all__ = [
    "AUTH_METHODS",
    "DEFAULT_TTL",
    "MAX_CLIENT_KEYS",
    "MAX_SECRETS",
    "MAX_TTL",
    "ClientRegistry",
    "MemoryClientRegistry",
    "RegisteredClient",
    "Secret",
    "SecretHash",
    "generate_secret",
    "is_client_id",
    "load_clients",
]
