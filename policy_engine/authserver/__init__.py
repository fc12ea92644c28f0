"""An authorization server for machines: `client_credentials`, for clients that an operator registered.

It issues what `tokens/` verifies and `mapper/` tells apart; `model/claims.py` is what they agree on. Every
part is a function of values: `AuthorizationServer.handle` takes a request and gives an answer.
"""

from policy_engine.authserver.assembling import (
    AssembledServer,
    assemble_server,
    authorization_server,
    catalogue_of,
)
from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.client_assertion import client_assertion
from policy_engine.authserver.client_auth import ASSERTION_TYPE, AssertionUse, MemoryReplayStore, ReplayStore
from policy_engine.authserver.clients import (
    Action,
    ClientRegistry,
    ClientsFile,
    MemoryClientRegistry,
    Plan,
    RegisteredClient,
    Secret,
    SecretHash,
    Step,
    cancel_rotation,
    checked_document,
    client_settings,
    clients_json_schema,
    exported_registry,
    finish_rotation,
    from_document,
    generate_secret,
    given_secret,
    load_clients,
    make_plan,
    read_clients,
    read_key_set,
    resource_of,
    secret_manifest,
    secret_name,
    to_document,
    with_keys,
    with_secret,
)
from policy_engine.authserver.events import EventSink, IssuanceEvent
from policy_engine.authserver.keys import SigningKeys, StaticKeys, StoredKeys
from policy_engine.authserver.launching import Listening, serve_configured, serve_loopback
from policy_engine.authserver.limits import (
    MemoryRateLimiter,
    Rate,
    RateLimiter,
    RateLimits,
    StoredRateLimiter,
)
from policy_engine.authserver.metadata import MetadataProfile
from policy_engine.authserver.server import AuthorizationServer
from policy_engine.authserver.stored import StoredClientRegistry, StoredReplayStore
from policy_engine.authserver.web import HttpRequest, HttpResponse

__all__ = [
    "ASSERTION_TYPE",
    "Action",
    "AssembledServer",
    "AssertionUse",
    "AuthorizationServer",
    "Catalogue",
    "ClientRegistry",
    "ClientsFile",
    "EventSink",
    "HttpRequest",
    "HttpResponse",
    "IssuanceEvent",
    "Listening",
    "MemoryClientRegistry",
    "MemoryRateLimiter",
    "MemoryReplayStore",
    "MetadataProfile",
    "Plan",
    "Rate",
    "RateLimiter",
    "RateLimits",
    "RegisteredClient",
    "ReplayStore",
    "Secret",
    "SecretHash",
    "SigningKeys",
    "StaticKeys",
    "Step",
    "StoredClientRegistry",
    "StoredKeys",
    "StoredRateLimiter",
    "StoredReplayStore",
    "assemble_server",
    "authorization_server",
    "cancel_rotation",
    "catalogue_of",
    "checked_document",
    "client_assertion",
    "client_settings",
    "clients_json_schema",
    "exported_registry",
    "finish_rotation",
    "from_document",
    "generate_secret",
    "given_secret",
    "load_clients",
    "make_plan",
    "read_clients",
    "read_key_set",
    "resource_of",
    "secret_manifest",
    "secret_name",
    "serve_configured",
    "serve_loopback",
    "to_document",
    "with_keys",
    "with_secret",
]
