"""What the server answers where: metadata, keys, refusals, and nothing anywhere else."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from policy_engine.authserver import AuthorizationServer, HttpRequest, HttpResponse, StaticKeys
from policy_engine.authserver.client_auth import METHODS
from policy_engine.errors import ConfigError, PolicyEngineError
from policy_engine.jose import ALGORITHMS, SigningKey

TRUTH: dict[str, Any] = {
    "issuer": "https://as.example.com",
    "token_endpoint": "https://as.example.com/token",
    "jwks_uri": "https://as.example.com/jwks.json",
    "grant_types_supported": ["client_credentials"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post"],
    "token_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
    "scopes_supported": ["files:read", "issues:read", "issues:write", "ping"],
    "response_types_supported": [],
    "protected_resources": ["https://mcp.example.com/files", "https://mcp.example.com/github"],
}
COMPAT = {"authorization_endpoint": "https://as.example.com/authorize"}
CONFORMANCE = {"response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"]}
METADATA = "/.well-known/oauth-authorization-server"

MakeServer = Callable[..., AuthorizationServer]


def get(server: AuthorizationServer, path: str, method: str = "GET") -> HttpResponse:
    """Ask for a document."""
    return server.handle(HttpRequest(method=method, path=path))


@pytest.mark.parametrize(
    ("options", "document"),
    [
        ({"metadata_profile": "strict"}, TRUTH),
        ({}, TRUTH | COMPAT),
        ({"metadata_profile": "sdk_compat"}, TRUTH | COMPAT),
        ({"metadata_profile": "conformance"}, TRUTH | COMPAT | CONFORMANCE),
    ],
)
def test_metadata_says_what_the_server_does(
    options: Mapping[str, str], document: object, make_server: MakeServer
) -> None:
    """RFC 8414 section 2; beyond that, only what a profile was chosen for."""
    response = get(make_server(**options), METADATA)

    assert (response.status, json.loads(response.body)) == (200, document)
    assert response.headers == (
        ("Content-Type", "application/json"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "public, max-age=300"),
    )


def test_metadata_never_offers_to_register_or_to_fetch(make_server: MakeServer) -> None:
    """No profile names an endpoint for registration, nor takes a client's URL for a client."""
    for profile in ("strict", "sdk_compat", "conformance"):
        document = json.loads(get(make_server(metadata_profile=profile), METADATA).body)

        assert document.keys().isdisjoint({"registration_endpoint", "client_id_metadata_document_supported"})
        assert document["token_endpoint_auth_methods_supported"] == list(METHODS)
        assert "none" not in document["token_endpoint_auth_signing_alg_values_supported"]


def test_an_unknown_profile_is_refused(make_server: MakeServer) -> None:
    """The error names those that there are."""
    with pytest.raises(ConfigError) as caught:
        make_server(metadata_profile="lenient")

    assert str(caught.value) == (
        "`metadata_profile` isn't known (choose one of strict, sdk_compat, conformance)"
    )


@pytest.mark.parametrize(
    ("issuer", "paths"),
    [
        (
            "https://as.example.com",
            ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
        ),
        (
            "https://as.example.com/tenants/a",
            (
                "/.well-known/oauth-authorization-server/tenants/a",
                "/.well-known/openid-configuration/tenants/a",
                "/tenants/a/.well-known/openid-configuration",
            ),
        ),
    ],
)
def test_one_document_stands_wherever_clients_look(
    issuer: str, paths: tuple[str, ...], make_server: MakeServer
) -> None:
    """RFC 8414 section 3.1: the issuer's path follows the well-known part; its text is unchanged."""
    server = make_server(issuer=issuer)

    documents = [json.loads(get(server, path).body) for path in paths]

    assert documents == [documents[0]] * len(paths)
    assert (documents[0]["issuer"], documents[0]["token_endpoint"]) == (issuer, f"{issuer}/token")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "*",
        "/register",
        "/token/",
        "//token",
        "/Token",
        "/%74oken",
        "/tenants/a/token",
        "/introspect",
        "/revoke",
        "/jwks",
        "/.well-known/oauth-authorization-server/",
        "/.well-known/oauth-authorization-server/token",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_nothing_else_is_there(path: str, method: str, make_server: MakeServer) -> None:
    """Registration least of all."""
    response = get(make_server(), path, method)

    assert (response.status, response.body) == (404, b'{"error":"not_found"}')


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        ("/token", "GET", "POST"),
        ("/token", "HEAD", "POST"),
        ("/token", "post", "POST"),
        ("/jwks.json", "POST", "GET, HEAD"),
        (METADATA, "DELETE", "GET, HEAD"),
        ("/authorize", "POST", "GET, HEAD"),
    ],
)
def test_each_place_has_its_methods(path: str, method: str, allow: str, make_server: MakeServer) -> None:
    """Another one is told which they are (RFC 9110 section 15.5.6)."""
    response = get(make_server(), path, method)

    assert (response.status, response.values("Allow")) == (405, (allow,))
    assert json.loads(response.body)["error"] == "invalid_request"


def test_authorization_is_refused_to_everyone(make_server: MakeServer) -> None:
    """Where the metadata has to name an endpoint, that endpoint sends nobody anywhere."""
    request = HttpRequest(
        method="GET",
        path="/authorize",
        query="response_type=code&client_id=ci-bot&redirect_uri=https%3A%2F%2Fevil.example",
    )

    response = make_server().handle(request)

    assert (response.status, response.values("Location")) == (400, ())
    assert json.loads(response.body) == {
        "error": "unsupported_response_type",
        "error_description": "no user is asked here",
    }
    assert get(make_server(metadata_profile="strict"), "/authorize").status == 404


def test_the_key_set_holds_public_keys_only(make_server: MakeServer, rsa_key: SigningKey) -> None:
    """No private member of any type of key is in the bytes, nor its value."""
    keys = [SigningKey.generate(name) for name in ("ES256", "ES384", "ES512", "EdDSA")]

    response = get(make_server(keys=StaticKeys(rsa_key, tuple(keys))), "/jwks.json")

    assert json.loads(response.body) == {"keys": [key.public_jwk() for key in (rsa_key, *keys)]}
    assert response.values("Cache-Control") == ("public, max-age=300",)
    for key in (rsa_key, *keys):
        private = key.to_jwk().items() - key.public_jwk().items()
        assert private
        for name, value in private:
            assert f'"{name}":' not in response.body.decode()
            assert value not in response.body.decode()


class CarelessKeys:
    """A source of keys that hands out private ones."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def active(self) -> SigningKey:
        """The key."""
        return self._key

    def published(self) -> tuple[Mapping[str, Any], ...]:
        """The whole key, by mistake."""
        return (self._key.to_jwk() | {"k": "symmetric", "x5c": []},)


def test_a_source_that_publishes_private_keys_is_not_believed(
    make_server: MakeServer, rsa_key: SigningKey
) -> None:
    """What is published is a list of members, not whatever there is."""
    response = get(make_server(keys=CarelessKeys(rsa_key)), "/jwks.json")

    assert json.loads(response.body) == {"keys": [rsa_key.public_jwk()]}


class LostKeys:
    """A source of keys that can't be reached."""

    def active(self) -> SigningKey:
        """Fail."""
        raise PolicyEngineError("keys_lost")

    def published(self) -> tuple[Mapping[str, Any], ...]:
        """Fail."""
        raise PolicyEngineError("keys_lost")


def test_keys_out_of_reach_are_told_without_detail(make_server: MakeServer) -> None:
    """The key set is unavailable, and says no more."""
    response = get(make_server(keys=LostKeys()), "/jwks.json")

    assert (response.status, json.loads(response.body)) == (
        503,
        {"error": "server_error", "error_description": "the server cannot answer now"},
    )


def test_two_signing_keys_with_one_name_are_refused(signing_key: SigningKey, rsa_key: SigningKey) -> None:
    """A token's `kid` names one key."""
    other = SigningKey.from_jwk(rsa_key.to_jwk() | {"kid": signing_key.kid})

    with pytest.raises(ConfigError, match="two signing keys share a kid"):
        StaticKeys(signing_key, (other,))
