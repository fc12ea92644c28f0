"""The official Python SDK gets tokens from our server and calls a tool of a protected one, unmodified."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mcp import Client, MCPError
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import (
    ClientCredentialsOAuthProvider,
    PrivateKeyJWTOAuthProvider,
    SignedJWTParameters,
)
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from tests.interop.conftest import World


class _Memory:
    """Keeps a token for one client."""

    token: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        """The token, if there is one."""
        return self.token

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keep one."""
        self.token = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Nothing is registered."""
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Nor will be."""
        self.client = client_info


def provider(world: World, client_id: str, memory: _Memory) -> OAuthClientProvider:
    """The SDK's own provider for a client's method."""
    if client_id == "key-bot":
        key = jwt.PyJWK(world.key.to_jwk()).key
        signed = SignedJWTParameters(
            issuer=client_id, subject=client_id, signing_algorithm="ES256", signing_key=_pem(key)
        )
        return PrivateKeyJWTOAuthProvider(
            world.url, memory, client_id, signed.create_assertion_provider(), issuer=world.issuer
        )
    method: Any = f"client_secret_{client_id.removesuffix('-bot')}"
    return ClientCredentialsOAuthProvider(
        world.url, memory, client_id, world.secret, method, issuer=world.issuer
    )


def _pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


async def _conversation(world: World, client_id: str, mode: Any) -> tuple[list[str], str, str, _Memory]:
    """What is listed, what the allowed tool says, what the other's refusal says, and the token."""
    memory = _Memory()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            httpx2.AsyncClient(auth=provider(world, client_id, memory), timeout=20)
        )
        client = await stack.enter_async_context(
            Client(streamable_http_client(world.url, http_client=http), mode=mode)
        )
        listed = [tool.name for tool in (await client.list_tools()).tools]
        answer = await client.call_tool("create_issue", {"repo": "acme/app", "title": "red"})
        try:
            await client.call_tool("delete_repository", {"repo": "acme/app"})
            refusal = ""
        except MCPError as error:
            refusal = str(error)
        return listed, answer.content[0].text, refusal, memory  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("client_id", ["key-bot", "basic-bot", "post-bot"])
def test_the_python_sdk_calls_a_tool_with_each_method(world: World, client_id: str, mode: str) -> None:
    """Through discovery; what isn't permitted is refused, and the principal is the machine."""
    world.records.records.clear()
    listed, said, refusal, memory = asyncio.run(
        asyncio.wait_for(_conversation(world, client_id, mode), timeout=60)
    )
    assert (listed, said) == (["create_issue"], "opened `red` in acme/app")
    assert refusal != ""
    assert memory.token is not None
    assert (memory.token.token_type, memory.token.scope, memory.token.refresh_token) == (
        "Bearer",
        "issues:write",
        None,
    )
    calls = [record for record in world.records.records if record["method"] == "tools/call"]
    assert [(record["principal"]["type"], record["principal"]["id"], record["code"]) for record in calls] == [
        ("Client", f"machines/{client_id}", "allowed"),
        ("Client", f"machines/{client_id}", "no_permit"),
    ]
