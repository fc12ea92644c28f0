"""Grants, tokens, and what is published, over HTTP: rules AS-50 to AS-74, AS-1, AS-2."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.jose import ALGORITHMS, verify
from tests.authserver.rules.conftest import FILES, GITHUB, NOW, Server

SCOPE, TARGET = (400, "invalid_scope"), (400, "invalid_target")

USUAL = {"alg", "typ", "kid"}


def claims_of(server: Server, token: str) -> dict[str, Any]:
    """The claims of a token that a published key signed."""
    found: dict[str, Any] = json.loads(verify(token, server.ask("/jwks.json").json, ["ES256"]).payload)
    return found


@pytest.mark.rules("AS-50")
@pytest.mark.parametrize(
    "grant",
    [
        *(
            "authorization_code",
            "refresh_token",
            "password",
            "implicit",
            "client-credentials",
            "CLIENT_CREDENTIALS",
        ),
        *(
            f"urn:ietf:params:oauth:grant-type:{name}"
            for name in ("jwt-bearer", "token-exchange", "device_code")
        ),
    ],
)
def test_no_other_grant_is_given(server: Server, grant: str) -> None:
    """To anyone."""
    assert server.by_secret().form(grant_type=grant).send().told == (400, "unsupported_grant_type")


@pytest.mark.rules("AS-51")
@pytest.mark.parametrize(
    "scope", ["files:read", "issues:read admin", "a  b", " a", 'a"b', "a\\b", "é", "issues:*", "Issues:read"]
)
def test_more_than_is_allowed_is_refused(server: Server, scope: str) -> None:
    """Not narrowed."""
    assert server.by_secret().form(scope=scope).send().told == SCOPE


@pytest.mark.rules("AS-51")
def test_no_scope_means_the_registered_default(server: Server) -> None:
    """Without one, it is refused; order and repetition don't matter."""
    assert server.by_secret("agent").form(scope=None).send().json["scope"] == "issues:read"
    assert server.by_secret().form(scope=None).send().told == SCOPE
    twice = server.by_secret().form(scope="issues:write issues:read issues:write").send()
    assert twice.json["scope"] == "issues:read issues:write"


@pytest.mark.rules("AS-52", "AS-54")
@pytest.mark.parametrize(
    "resource",
    [
        *(
            f"{GITHUB}/",
            f"{GITHUB}#x",
            f"{GITHUB}?a=b",
            "mcp.example.com/github",
            "/github",
            "urn:x",
            "http://mcp.example.com/github",
        ),
        *(
            "https://mcp.example.com/GITHUB",
            "https://mcp.example.com:443/github",
            "https://u@mcp.example.com/github",
            FILES,
        ),
    ],
)
def test_a_resource_is_compared_as_text(server: Server, resource: str) -> None:
    """One that isn't this client's, or another spelling, isn't had."""
    assert server.by_secret().form(resource=resource).send().told == TARGET


@pytest.mark.rules("AS-52")
def test_scheme_and_host_may_be_written_in_capitals(server: Server) -> None:
    """The token says it as the catalogue does."""
    answer = server.by_secret().form(resource="HTTPS://MCP.Example.COM/github").send()
    assert claims_of(server, answer.json["access_token"])["aud"] == GITHUB


@pytest.mark.rules("AS-53")
def test_one_token_is_for_one_resource(server: Server) -> None:
    """None is refused, unless one is registered as the default."""
    assert server.by_secret("both").also(("resource", FILES)).send().told == TARGET
    assert server.by_secret().form(resource=None).send().told == TARGET
    agent = server.by_secret("agent").form(resource=None, scope=None).send()
    assert claims_of(server, agent.json["access_token"])["aud"] == GITHUB


@pytest.mark.rules("AS-54")
def test_a_scope_belongs_to_its_resource(server: Server) -> None:
    """A client of two resources gets neither's scope at the other."""
    both = server.by_secret("both")
    assert both.form(resource=FILES, scope="files:read").send().status == 200
    assert both.form(resource=FILES, scope="issues:read").send().told == SCOPE
    assert both.form(resource=GITHUB, scope="files:read").send().told == SCOPE


@pytest.mark.rules("AS-60", "AS-61", "AS-62", "AS-63", "AS-64", "AS-65", "AS-66")
def test_a_token_is_a_machines_and_says_so(server: Server) -> None:
    """Whole: what an operator noted of the client, however it is called, is no claim."""
    token = server.by_secret("agent").send().json["access_token"]
    claims = claims_of(server, token)
    assert len(claims.pop("jti")) >= 22
    assert claims == {
        "iss": server.issuer,
        "aud": GITHUB,
        "sub": "agent",
        "client_id": "agent",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 60,
        "scope": "issues:read",
        "gty": "client_credentials",
        "sub_profile": "ai_agent",
    }
    text = token.split(".")[0]
    header = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": server.signing.kid}


@pytest.mark.rules("AS-63")
def test_what_a_client_sends_never_becomes_a_claim(server: Server) -> None:
    """Whatever parameters it adds."""
    names = (
        "gty",
        "sub_profile",
        "sub",
        "client_id_hint",
        "claims",
        "auth_time",
        "acr_values",
        "act",
        "groups",
    )
    token = server.by_secret().also(*((name, "user") for name in names)).send().json["access_token"]
    claims = claims_of(server, token)
    assert (claims["gty"], claims["sub_profile"], claims["sub"]) == (
        "client_credentials",
        "service",
        "basic-bot",
    )
    assert not {"auth_time", "acr", "amr", "act", "groups", "claims"} & set(claims)


@pytest.mark.rules("AS-61")
def test_every_token_has_an_id_of_its_own(server: Server) -> None:
    """Of at least 128 bits."""
    ids = {claims_of(server, server.by_secret().send().json["access_token"])["jti"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.rules("AS-70", "AS-71", "AS-72", "AS-73")
@pytest.mark.parametrize(
    ("profile", "more"),
    [
        ("strict", {"response_types_supported": []}),
        ("sdk_compat", {"response_types_supported": [], "authorization_endpoint": "{}/authorize"}),
        (
            "conformance",
            {
                "response_types_supported": ["code"],
                "authorization_endpoint": "{}/authorize",
                "code_challenge_methods_supported": ["S256"],
            },
        ),
    ],
)
def test_the_metadata_says_what_is_enforced(
    start: Callable[..., Any], profile: str, more: dict[str, Any]
) -> None:
    """At each of the places, with the issuer byte by byte."""
    assert not [alg for alg in ALGORITHMS if alg == "none" or alg.startswith("HS")]
    with start(metadata_profile=profile) as server:
        places = ("oauth-authorization-server", "openid-configuration")
        first, second = (server.ask(f"/.well-known/{place}") for place in places)
        assert (first.status, first.headers["content-type"], second.json) == (
            200,
            "application/json",
            first.json,
        )
        base = server.issuer
        assert first.json == {
            "issuer": base,
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": [
                "private_key_jwt",
                "client_secret_basic",
                "client_secret_post",
            ],
            "token_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
            "scopes_supported": ["files:read", "issues:read", "issues:write"],
            "protected_resources": [FILES, GITHUB],
            **{name: value.format(base) if isinstance(value, str) else value for name, value in more.items()},
        }
        authorize = server.ask(
            "/authorize?response_type=code&redirect_uri=https%3A%2F%2Fevil.example&client_id=ci-bot"
        )
        expected = (404, "not_found") if profile == "strict" else (400, "unsupported_response_type")
        assert (authorize.told, "location" in authorize.headers) == (expected, False)


@pytest.mark.rules("AS-1", "AS-2")
def test_nobody_registers_here(server: Server) -> None:
    """There is no such place, and nothing names one."""
    assert [server.ask("/register", method).status for method in ("POST", "GET", "PUT")] == [404] * 3
    metadata = server.ask("/.well-known/oauth-authorization-server").json
    assert not {"registration_endpoint", "client_id_metadata_document_supported"} & set(metadata)


@pytest.mark.rules("AS-74")
def test_published_keys_are_public(server: Server) -> None:
    """Byte by byte; they may be kept as long as a new key waits."""
    answer = server.ask("/jwks.json")
    assert answer.json == {"keys": [server.signing.public_jwk()]}
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert json.loads(answer.text)["keys"][0].keys() == {"kty", "crv", "x", "y", "alg", "kid", "use"}
    assert server.signing.to_jwk()["d"] not in answer.text
