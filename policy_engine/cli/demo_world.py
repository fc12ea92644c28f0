"""The demo's world: an authorization server on loopback, a company's identity provider, and an engine."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AuthorizationServer,
    assemble_server,
    client_assertion,
    serve_loopback,
)
from policy_engine.cli.bundled import bundled
from policy_engine.config import config_from_values
from policy_engine.engine import PolicyEngine
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import example_token, load_profile
from policy_engine.model.stored import ClientChange

__all__ = ["NAME", "DemoWorld", "demo_world"]

NAME = "ci-bot"
"""The `sub` of every token of the demo: a machine's client id, and a person's login."""

RESOURCE = "https://mcp.example.com/github"
LOGIN = "https://login.example.com"
SCOPES = ["issues:read", "issues:write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWorld:
    """What the demo needs: an engine, and three tokens with one `sub`.

    Attributes:
        issuer: where the authorization server really listens.
        tokens: by a description of their bearer.
    """

    engine: PolicyEngine
    issuer: str
    tokens: dict[str, str]


@contextmanager
def demo_world() -> Iterator[DemoWorld]:
    """Make keys, start the server, get a machine's token from it over HTTP, and a person's beside it."""
    client_key, login_key = SigningKey.generate("ES256"), SigningKey.generate("ES256")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="policy-engine-")))
        closed = stack.enter_context(ExitStack())

        def make(issuer: str) -> AuthorizationServer:
            return _authorization_server(issuer, client_key, folder, closed)

        issuer = stack.enter_context(serve_loopback(make))
        engine = _engine(issuer, login_key)
        try:
            yield DemoWorld(
                engine=engine,
                issuer=issuer,
                tokens={
                    "the machine": _machine_token(issuer, client_key),
                    "the human": _human_token(login_key, client="web-portal"),
                    "the human's agent": _human_token(login_key, client="desktop-agent"),
                },
            )
        finally:
            engine.close()


def _authorization_server(
    issuer: str, client_key: SigningKey, folder: Path, closed: ExitStack
) -> AuthorizationServer:
    """The server of a configuration, with its store in a folder, and one machine registered there."""
    loaded = config_from_values(
        {
            "version": 1,
            "development": True,
            "servers": {"github": {"resource": RESOURCE}},
            "issuers": {"machines": {"issuer": issuer, "profile": "policy-engine"}},
            "policies": [str(bundled("policies/demo"))],
            "authserver": {
                "issuer": issuer,
                "store": str(folder / "machines.db"),
                "key_encryption": {"file": str(folder / "authserver.key")},
                "scopes": {"github": SCOPES},
            },
        }
    )
    assembled = assemble_server(loaded)
    closed.callback(assembled.close)
    client = {
        "client_id": NAME,
        "category": "service",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "jwks": {"keys": [client_key.public_jwk()]},
        "resources": [RESOURCE],
        "scope": " ".join(SCOPES),
    }
    change = ClientChange(client_id=NAME, document=client)
    assembled.store.clients.change([change], expected_version=None, now=time.time())
    return assembled.server


def _engine(issuer: str, login_key: SigningKey) -> PolicyEngine:
    return PolicyEngine(
        development=True,
        servers={"github": {"resource": RESOURCE, "catalogue": str(bundled("policies/demo/catalogue.json"))}},
        issuers={
            # The keys of our own server come from its metadata, over HTTP, as in production.
            "machines": {
                "issuer": issuer,
                "profile": "policy-engine",
                "clients": {NAME: {"grants": ["client_credentials"]}},
            },
            "corp": {
                "issuer": LOGIN,
                "profile": "rfc9068",
                "keys": {"jwks": {"keys": [login_key.public_jwk()]}},
                "clients": {"desktop-agent": {"grants": ["authorization_code"], "acts_for_users": True}},
            },
        },
        policies=[bundled("policies/baseline"), bundled("policies/demo")],
    )


def _machine_token(issuer: str, key: SigningKey) -> str:
    """Ask the server for a token, the way a CI job does (RFC 6749 section 4.4, RFC 7523 section 2.2)."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": client_assertion(NAME, issuer, key, time.time()),
        "resource": RESOURCE,
        "scope": "issues:write",
    }
    request = Request(f"{issuer}/token", data=urlencode(form).encode())  # noqa: S310 -- our own server
    with urlopen(request, timeout=10) as response:  # noqa: S310 -- our own server
        answer: dict[str, Any] = json.load(response)
    return str(answer["access_token"])


def _human_token(key: SigningKey, *, client: str) -> str:
    """A person's token, as the company's identity provider would sign it after a login."""
    header, claims = example_token(
        load_profile("rfc9068"),
        "user",
        id=NAME,
        client=client,
        issuer=LOGIN,
        audience=RESOURCE,
        now=int(time.time()),
        lifetime=600,
        jti=secrets.token_urlsafe(16),
    )
    return sign({**claims, "scope": "issues:write"}, key, typ=header["typ"])
