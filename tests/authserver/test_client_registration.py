"""Clients as an operator writes them: what is accepted, and what is refused by name."""

from types import MappingProxyType
from typing import Any

import pytest

from policy_engine.authserver import (
    Catalogue,
    RegisteredClient,
    Secret,
    SecretHash,
    load_clients,
)
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey

GITHUB = "https://mcp.example.com/github"
FILES = "https://mcp.example.com/files"
HASH = SecretHash.of(Secret("s")).sha256
BASIC: dict[str, Any] = {
    "token_endpoint_auth_method": "client_secret_basic",
    "jwks": None,
    "secret_hashes": [{"sha256": HASH}],
}


@pytest.fixture(scope="module")
def written(client_key: SigningKey) -> dict[str, Any]:
    """The least that a client has to have."""
    return {
        "client_id": "ci-bot",
        "category": "service",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "jwks": {"keys": [client_key.public_jwk()]},
        "resources": [GITHUB],
        "scope": "issues:read",
    }


def refused(*entries: object, catalogue: Catalogue, **options: Any) -> ConfigError:
    """The error that some clients are refused with."""
    with pytest.raises(ConfigError) as caught:
        load_clients({"clients": list(entries)}, catalogue, **options)
    return caught.value


def test_the_least_that_is_written_makes_a_client(
    written: dict[str, Any], catalogue: Catalogue, client_key: SigningKey
) -> None:
    """All else has a default, and no default gives more than was written."""
    loaded = load_clients({"clients": [written]}, catalogue)

    assert loaded == (
        RegisteredClient(
            client_id="ci-bot",
            category="service",
            token_endpoint_auth_method="private_key_jwt",
            grant_types=("client_credentials",),
            jwks={"keys": [client_key.public_jwk()]},
            resources=frozenset({GITHUB}),
            scopes=frozenset({"issues:read"}),
            default_scopes=frozenset(),
            default_resource=False,
            enabled=True,
            access_token_ttl=300,
        ),
    )


def test_all_that_can_be_written_reaches_the_client(written: dict[str, Any], catalogue: Catalogue) -> None:
    """Each member has its place."""
    entry = written | {
        "client_name": "The bot",
        "category": "ai_agent",
        "token_endpoint_auth_method": "client_secret_post",
        "jwks": None,
        "secret_hashes": [{"sha256": HASH}, {"sha256": HASH, "expires_at": 7}],
        "resources": [GITHUB, FILES],
        "scope": "issues:read ping files:read",
        "default_scope": "ping",
        "enabled": False,
        "access_token_ttl": 3600,
        "groups": ["ci"],
        "attributes": {"team": ["a", "b"]},
        "redirect_uris": [],
        "response_types": [],
    }

    loaded = load_clients({"version": 1, "clients": [entry]}, catalogue)

    assert loaded == (
        RegisteredClient(
            client_id="ci-bot",
            client_name="The bot",
            category="ai_agent",
            token_endpoint_auth_method="client_secret_post",
            grant_types=("client_credentials",),
            secret_hashes=(SecretHash(HASH), SecretHash(HASH, 7)),
            resources=frozenset({GITHUB, FILES}),
            scopes=frozenset({"issues:read", "ping", "files:read"}),
            default_scopes=frozenset({"ping"}),
            enabled=False,
            access_token_ttl=3600,
            groups=frozenset({"ci"}),
            attributes=MappingProxyType({"team": ("a", "b")}),
        ),
    )


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    # grants
    ({"grant_types": []}, "no_grant", "`grant_types` is missing, which RFC 7591 reads as authorization_code"),
    ({"grant_types": ["authorization_code"]}, "other_grant", "`grant_types` isn't client_credentials"),
    ({"grant_types": ["password", "refresh_token"]}, "other_grant", "`grant_types` isn't client_credentials"),
    (
        {"grant_types": ["client_credentials", "authorization_code"]},
        "mixed_grants",
        "`grant_types` mixes client_credentials with others: a machine that acts for people too",
    ),
    ({"grant_types": ["refresh_token", "client_credentials"]}, "mixed_grants", "`grant_types` mixes"),
    ({"grant_types": ["client_credentials"] * 2}, "mixed_grants", "`grant_types` mixes"),
    # what other kinds of client have
    (
        {"redirect_uris": ["https://a.example"]},
        "redirect_uris",
        "`redirect_uris` is for clients that send people",
    ),
    ({"response_types": ["code"]}, "response_types", "`response_types` is for the authorization endpoint"),
    (
        {"jwks_uri": "https://a.example"},
        "jwks_uri",
        "`jwks_uri` isn't supported: this server fetches nothing",
    ),
    ({"client_secret": "hush"}, "plain_secret", "`client_secret` is a secret in plain text"),
    # authentication
    ({"token_endpoint_auth_method": "none"}, "public_client", "a public client can't use client_credentials"),
    ({"token_endpoint_auth_method": "client_secret_jwt"}, "auth_method", "isn't supported"),
    ({"jwks": None}, "credential_kind", "private_key_jwt takes `jwks` and no secret"),
    ({"secret_hashes": [{"sha256": HASH}]}, "credential_kind", "private_key_jwt takes `jwks` and no secret"),
    (
        BASIC | {"secret_hashes": []},
        "credential_kind",
        "client_secret_basic takes `secret_hashes` and no keys",
    ),
    ({"token_endpoint_auth_method": "client_secret_post"}, "credential_kind", "takes `secret_hashes`"),
    (BASIC | {"secret_hashes": [{"sha256": HASH}] * 3}, "client_secrets", "more than 2 secrets"),
    (BASIC | {"secret_hashes": [{"sha256": "hush"}]}, "client_secrets", "a secret hash isn't 64"),
    (
        {"token_endpoint_auth_signing_alg": "HS256"},
        "signing_algorithm",
        "isn't an accepted asymmetric algorithm",
    ),
    ({"token_endpoint_auth_signing_alg": "RS256"}, "signing_algorithm", "no key in `jwks` goes with"),
    ({"jwks": {}}, "client_keys", "`jwks` isn't a set of 1 to 5 keys"),
    ({"jwks": {"keys": []}}, "client_keys", "`jwks` isn't a set of 1 to 5 keys"),
    ({"jwks": {"keys": ["key"]}}, "client_keys", "key 0 in `jwks` isn't an object"),
    ({"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}, "client_keys", "key 0 in `jwks` holds private members"),
    ({"jwks": {"keys": [{"kty": "oct"}]}}, "client_keys", "key 0 in `jwks` can't be used: a symmetric key"),
    # what it may ask for
    ({"client_id": "a b"}, "client_id", "a client_id isn't 1 to 128 of A-Z a-z 0-9 . _ ~ -"),
    ({"client_id": ""}, "client_id", "a client_id isn't"),
    ({"client_id": "a" * 129}, "client_id", "a client_id isn't"),
    ({"category": "human"}, "client_category", "`category` is none of service, ai_agent"),
    ({"resources": []}, "empty_resources", "`resources` is empty"),
    (
        {"resources": ["https://other.example"]},
        "unknown_resource",
        "`https://other.example` isn't in the catalogue",
    ),
    ({"resources": [f"{GITHUB}/"]}, "unknown_resource", f"`{GITHUB}/` isn't in the catalogue"),
    ({"scope": ""}, "empty_scope", "`scope` is empty"),
    ({"scope": "a  b"}, "scope_form", "`scope` isn't scopes with one space between"),
    (
        {"scope": "issues:read files:read"},
        "unknown_scope",
        "scope `files:read` is offered by none of its resources",
    ),
    ({"resources": [GITHUB, FILES]}, "unknown_scope", f"no scope of the client is one of `{FILES}`"),
    ({"default_scope": "ping"}, "default_scope", "`default_scope` holds what `scope` doesn't"),
    ({"default_scope": " "}, "scope_form", "`default_scope` isn't scopes"),
    (
        {"resources": [GITHUB, FILES], "scope": "ping", "default_resource": True},
        "default_resource",
        "`default_resource` needs exactly one resource",
    ),
    ({"access_token_ttl": 3601}, "access_token_ttl", "`access_token_ttl` isn't 1 to 3600 seconds"),
    ({"access_token_ttl": 0}, "access_token_ttl", "`access_token_ttl` isn't 1 to 3600 seconds"),
    ({"groups": [""]}, "client_attributes", "a group or an attribute has an empty name"),
    ({"attributes": {"": []}}, "client_attributes", "a group or an attribute has an empty name"),
    # form
    ({"scopes": "a"}, "client_form", "unknown member `clients.0.scopes`"),
    ({"client_id": 7}, "client_form", "`clients.0.client_id` isn't text"),
    ({"enabled": "yes"}, "client_form", "`clients.0.enabled`: input should be a valid boolean"),
    (
        {"access_token_ttl": True},
        "client_form",
        "`clients.0.access_token_ttl`: input should be a valid integer",
    ),
    (
        BASIC | {"secret_hashes": [{"hash": "hush"}]},
        "client_form",
        "`clients.0.secret_hashes.0.sha256` is missing",
    ),
]


@pytest.mark.rules("AS-3", "AS-4", "AS-5", "AS-6", "AS-11")
@pytest.mark.parametrize(
    ("changes", "code", "problem"), REFUSED, ids=[f"{row[1]}-{n}" for n, row in enumerate(REFUSED)]
)
def test_what_a_client_must_not_be_is_refused_by_name(
    changes: dict[str, Any], code: str, problem: str, written: dict[str, Any], catalogue: Catalogue
) -> None:
    """The error names the client, says what is wrong and how to mend it, and quotes no secret."""
    entry = written | changes

    error = refused(entry, catalogue=catalogue, file="clients.yaml")

    named = f"client `{entry['client_id']}`: " if isinstance(entry["client_id"], str) else ""
    assert (error.code, error.file) == (code, "clients.yaml")
    assert error.problem.startswith(named)
    assert problem in error.problem
    assert error.remedy
    assert "hush" not in str(error)


@pytest.mark.rules("AS-3")
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "`the document` isn't a mapping"),
        ([], "`the document` isn't a mapping"),
        ({}, "`clients` is missing"),
        ({"clients": [], "extra": 1}, "unknown member `extra`"),
        ({"clients": [], "version": 2}, "`version`: input should be 1"),
        ({"clients": ["ci-bot"]}, "`clients.0` isn't a mapping"),
    ],
)
def test_a_document_of_another_form_is_refused(data: object, problem: str, catalogue: Catalogue) -> None:
    """The first thing that is wrong is said, by the place where it stands."""
    with pytest.raises(ConfigError) as caught:
        load_clients(data, catalogue)

    assert (caught.value.problem, caught.value.code) == (problem, "client_form")


@pytest.mark.parametrize("missing", ["client_id", "category", "token_endpoint_auth_method", "grant_types"])
def test_what_decides_has_no_default(missing: str, written: dict[str, Any], catalogue: Catalogue) -> None:
    """Who a client is, what kind, and how it proves that, are written out."""
    entry = {name: value for name, value in written.items() if name != missing}

    error = refused(entry, catalogue=catalogue)

    assert f"`{missing}` is missing" in error.problem.replace("clients.0.", "")
