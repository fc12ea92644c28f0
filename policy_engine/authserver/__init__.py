"""An authorization server for machines: `client_credentials`, for clients that an operator registered.

It issues what `tokens/` verifies and `mapper/` tells apart; `model/claims.py` is what they agree on. Every
part is a function of values: `AuthorizationServer.handle` takes a request and gives an answer.
"""

from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.client_assertion import client_assertion
from policy_engine.authserver.client_auth import ASSERTION_TYPE, AssertionUse, MemoryReplayStore, ReplayStore
from policy_engine.authserver.clients import (
    ClientRegistry,
    MemoryClientRegistry,
    RegisteredClient,
    Secret,
    SecretHash,
    generate_secret,
    load_clients,
)
from policy_engine.authserver.events import EventSink, IssuanceEvent
from policy_engine.authserver.keys import SigningKeys, StaticKeys
from policy_engine.authserver.loopback import serve_loopback
from policy_engine.authserver.metadata import MetadataProfile
from policy_engine.authserver.server import AuthorizationServer
from policy_engine.authserver.web import HttpRequest, HttpResponse

__all__ = [
    "ASSERTION_TYPE",
    "AssertionUse",
    "AuthorizationServer",
    "Catalogue",
    "ClientRegistry",
    "EventSink",
    "HttpRequest",
    "HttpResponse",
    "IssuanceEvent",
    "MemoryClientRegistry",
    "MemoryReplayStore",
    "MetadataProfile",
    "RegisteredClient",
    "ReplayStore",
    "Secret",
    "SecretHash",
    "SigningKeys",
    "StaticKeys",
    "client_assertion",
    "generate_secret",
    "load_clients",
    "serve_loopback",
]
