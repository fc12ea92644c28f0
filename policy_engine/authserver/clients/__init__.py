"""The clients that an operator registered: what they are, the checks they passed, where they are found."""

from policy_engine.authserver.clients.client import DEFAULT_TTL, RegisteredClient
from policy_engine.authserver.clients.client_secrets import (
    MAX_SECRETS,
    Secret,
    SecretHash,
    generate_secret,
)
from policy_engine.authserver.clients.documents import checked_document, from_document, to_document
from policy_engine.authserver.clients.exported import exported_registry
from policy_engine.authserver.clients.file import ClientsFile, clients_json_schema
from policy_engine.authserver.clients.given_secrets import given_secret
from policy_engine.authserver.clients.kubernetes import client_settings, secret_manifest, secret_name
from policy_engine.authserver.clients.plan import Action, Plan, Step, make_plan
from policy_engine.authserver.clients.public_keys import MAX_CLIENT_KEYS, read_key_set
from policy_engine.authserver.clients.registration import load_clients
from policy_engine.authserver.clients.registry import ClientRegistry, MemoryClientRegistry
from policy_engine.authserver.clients.requirements import AUTH_METHODS, MAX_TTL, is_client_id
from policy_engine.authserver.clients.rotation import (
    cancel_rotation,
    finish_rotation,
    with_keys,
    with_secret,
)
from policy_engine.authserver.clients.wanted import WantedClient, read_clients, resource_of

__all__ = [
    "AUTH_METHODS",
    "DEFAULT_TTL",
    "MAX_CLIENT_KEYS",
    "MAX_SECRETS",
    "MAX_TTL",
    "Action",
    "ClientRegistry",
    "ClientsFile",
    "MemoryClientRegistry",
    "Plan",
    "RegisteredClient",
    "Secret",
    "SecretHash",
    "Step",
    "WantedClient",
    "cancel_rotation",
    "checked_document",
    "client_settings",
    "clients_json_schema",
    "exported_registry",
    "finish_rotation",
    "from_document",
    "generate_secret",
    "given_secret",
    "is_client_id",
    "load_clients",
    "make_plan",
    "read_clients",
    "read_key_set",
    "resource_of",
    "secret_manifest",
    "secret_name",
    "to_document",
    "with_keys",
    "with_secret",
]
