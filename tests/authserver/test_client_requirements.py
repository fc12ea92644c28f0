"""Requirements on clients that more than one of them, or more than one key, is needed to break."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.authserver import Catalogue, MemoryClientRegistry, RegisteredClient, load_clients
from policy_engine.authserver.client_auth import METHODS
from policy_engine.authserver.clients import AUTH_METHODS, is_client_id
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey

GITHUB = "https://mcp.example.com/github"


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


@pytest.mark.rules("AS-8")
def test_private_keys_are_refused_whole(
    written: dict[str, Any], catalogue: Catalogue, client_key: SigningKey, rsa_key: SigningKey
) -> None:
    """A private half in the file is disclosed; that its public half would do is no reason to take it."""
    for key in (client_key, rsa_key):
        error = refused(written | {"jwks": {"keys": [key.to_jwk()]}}, catalogue=catalogue)

        assert error.problem == "client `ci-bot`: key 0 in `jwks` holds private members"
        assert key.to_jwk()["d"] not in str(error)


@pytest.mark.rules("AS-8")
def test_two_keys_with_one_name_are_refused(
    written: dict[str, Any], catalogue: Catalogue, client_key: SigningKey, foreign_key: SigningKey
) -> None:
    """An assertion's `kid` then names one key."""
    keys = [client_key.public_jwk(), foreign_key.public_jwk() | {"kid": client_key.kid}]

    error = refused(written | {"jwks": {"keys": keys}}, catalogue=catalogue)

    assert error.problem == "client `ci-bot`: two keys in `jwks` share a `kid`"


@pytest.mark.rules("AS-7")
def test_ids_are_never_taken_twice(written: dict[str, Any], catalogue: Catalogue) -> None:
    """Neither by two clients, nor by one where the id is reserved."""
    twice = refused(written, written, catalogue=catalogue)
    reserved = refused(written, catalogue=catalogue, reserved_ids=["alice", "ci-bot"])
    client = load_clients({"clients": [written]}, catalogue)[0]
    with pytest.raises(ConfigError, match="two clients are called `ci-bot`"):
        MemoryClientRegistry([client, client])

    assert str(twice) == str(reserved)
    assert str(twice) == (
        "client `ci-bot`: the id is taken or reserved (choose another; ids are never reused)"
    )


@pytest.mark.rules("AS-6", "AS-11")
def test_a_client_of_values_meets_the_same_requirements(
    make_client: Callable[..., RegisteredClient], client_key: SigningKey
) -> None:
    """There is no way around them: what isn't read from a file is checked too."""
    jwks = {"keys": [client_key.public_jwk()]}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("mixed_grants", {"jwks": jwks, "grant_types": ("client_credentials", "password")}),
        ("no_grant", {"jwks": jwks, "grant_types": ()}),
        ("client_keys", {"jwks": {"keys": jwks["keys"] * 6}}),
        ("empty_scope", {"jwks": jwks, "scopes": frozenset()}),
        ("credential_kind", {}),
    ]

    for code, changes in wrong:
        with pytest.raises(ConfigError) as caught:
            make_client("bot", "private_key_jwt", **changes)
        assert caught.value.code == code


def test_the_methods_that_can_be_registered_are_those_that_are_checked() -> None:
    """Each has a row, and each row can be registered."""
    assert set(AUTH_METHODS) == set(METHODS)


@pytest.mark.rules("AS-7")
@pytest.mark.parametrize(
    ("text", "fits"),
    [("ci-bot", True), ("A.z_0~9", True), ("a\n", False), ("b\u00f6t", False), ("a/b", False), (None, False)],
)
def test_an_id_survives_every_encoding(text: object, fits: bool) -> None:  # noqa: FBT001 -- a table
    """So that it is the same in a form, a URL, a header and a policy."""
    assert is_client_id(text) is fits
