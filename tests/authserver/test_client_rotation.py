"""Replacing credentials, and secrets that were made elsewhere: functions of values."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.authserver import (
    Secret,
    cancel_rotation,
    client_settings,
    finish_rotation,
    generate_secret,
    given_secret,
    secret_manifest,
    secret_name,
    with_keys,
    with_secret,
)
from policy_engine.errors import ConfigError

NOW = 1_790_000_000.0
DAY = 86_400


def sha(text: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(text.encode()).hexdigest()


def client(*hashes: tuple[str, int | None]) -> dict[str, Any]:
    """A client with secrets and their ends."""
    written = [
        {"sha256": sha(text)} if end is None else {"sha256": sha(text), "expires_at": end}
        for text, end in hashes
    ]
    return {
        "client_id": "bot",
        "token_endpoint_auth_method": "client_secret_basic",
        "resources": ["https://mcp.example.com/github", "https://mcp.example.com/files"],
        "scope": "a b",
        "secret_hashes": written,
    }


@pytest.mark.parametrize(
    ("before", "grace", "after"),
    [
        ([("old", None)], DAY, [("old", int(NOW) + DAY), ("new", None)]),
        ([("old", None)], 0, [("new", None)]),
        ([("old", int(NOW) + 60)], DAY, [("old", int(NOW) + 60), ("new", None)]),
        ([("gone", int(NOW)), ("old", None)], DAY, [("old", int(NOW) + DAY), ("new", None)]),
        ([("older", int(NOW) + 60), ("old", None)], 0, [("new", None)]),
        ([], DAY, [("new", None)]),
        ([("old", int(NOW) + 60), ("new", None)], DAY, [("old", int(NOW) + 60), ("new", None)]),
    ],
)
def test_a_new_secret_ends_those_before_it(
    before: list[tuple[str, int | None]], grace: int, after: list[tuple[str, int | None]]
) -> None:
    """An end is never put off; what is over is dropped; the one that lasts already changes nothing."""
    assert with_secret(client(*before), Secret("new"), now=NOW, grace=grace) == client(*after)


def test_a_third_secret_waits_and_an_old_one_stays_away() -> None:
    """Both are mistakes that would lock a machine out, or let a leaked secret in."""
    two = client(("older", int(NOW) + 60), ("old", None))
    with pytest.raises(ConfigError, match="two secrets are valid already") as waiting:
        with_secret(two, Secret("new"), now=NOW, grace=DAY)
    with pytest.raises(ConfigError, match="the secret was replaced by a newer one") as replaced:
        with_secret(two, Secret("older"), now=NOW, grace=DAY)
    assert (waiting.value.code, replaced.value.code) == ("rotation", "rotation")


def test_a_rotation_of_secrets_ends_either_way() -> None:
    """With the new one alone, or with the old one alone, which lasts again."""
    both = client(("old", int(NOW) + 60), ("new", None))

    assert finish_rotation(both) == client(("new", None))
    assert cancel_rotation(both, now=NOW) == client(("old", None))
    for ended in (client(("only", None)), client(("only", int(NOW) + 60))):
        with pytest.raises(ConfigError, match="no secret is being replaced"):
            finish_rotation(ended)
    with pytest.raises(ConfigError, match="no secret is being replaced"):
        cancel_rotation(both, now=NOW + 60)


def test_a_rotation_of_keys_ends_either_way() -> None:
    """The last key is the newest."""
    one = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kid": "a"}]}}
    two = with_keys(one, [{"kid": "b"}])

    assert two["jwks"] == {"keys": [{"kid": "a"}, {"kid": "b"}]}
    assert finish_rotation(two)["jwks"] == {"keys": [{"kid": "b"}]}
    assert finish_rotation(two, ["a"]) == cancel_rotation(two, now=NOW) == one
    with pytest.raises(ConfigError, match="no key is being replaced"):
        cancel_rotation(one, now=NOW)


@given(st.text("abcdefghijkl0123456789_-ABC", min_size=0, max_size=80))
def test_only_what_can_hold_256_bits_is_taken(text: str) -> None:
    """Long enough, of the characters that every encoding leaves alone, and not of a few of them."""
    hexadecimal = not set(text) - set("0123456789abcdef") or not set(text) - set("0123456789ABCDEF")
    good = len(text) >= (64 if hexadecimal else 43) and len(set(text)) >= 10
    try:
        assert given_secret(text).reveal() == text
        taken = True
    except ConfigError as error:
        assert error.code == "weak_secret"
        assert text[:8] not in str(error) or len(text) < 8
        taken = False
    assert taken is good


@pytest.mark.parametrize(
    "text", ["", "hunter2", "0" * 64, "ab" * 32, "é" * 43, "a b" * 20, "0123456789abcdef" * 3, "x" * 600]
)
def test_weak_secrets_are_refused(text: str) -> None:
    """Words, repetitions, hexadecimal digits of too few bits, characters that are encoded in two ways."""
    with pytest.raises(ConfigError, match="256 random bits"):
        given_secret(text)


def test_our_own_secrets_are_good_ones() -> None:
    """And those of `openssl rand -hex 32`."""
    for text in (generate_secret().reveal(), hashlib.sha256(b"x").hexdigest()):
        assert given_secret(text).reveal() == text


def test_a_manifest_is_what_a_machine_has_to_know() -> None:
    """Every value is quoted, so that no reader of YAML takes it for anything else."""
    settings = client_settings(client(), "https://as.example.com/x")
    assert settings == {
        "client_id": "bot",
        "issuer": "https://as.example.com/x",
        "token_endpoint": "https://as.example.com/x/token",
        "token_endpoint_auth_method": "client_secret_basic",
        "resource": "https://mcp.example.com/github https://mcp.example.com/files",
        "scope": "a b",
    }
    text = secret_manifest(client(), issuer="https://as.example.com/x", name="bot", secret=Secret("s"))
    assert text == (
        'apiVersion: v1\nkind: Secret\nmetadata:\n  name: "bot"\n  labels:\n'
        '    app.kubernetes.io/managed-by: "policy-engine"\ntype: Opaque\nstringData:\n'
        + "".join(f'  {name}: "{value}"\n' for name, value in settings.items())
        + '  client_secret: "s"\n'
    )


@pytest.mark.parametrize("name", ["Bot", "bot_1", ".", "..", "-a", "a-", "a..b", "a\n", "a" * 254])
def test_ids_that_kubernetes_does_not_take_need_another_name(name: str) -> None:
    """A DNS subdomain (RFC 1123)."""
    with pytest.raises(ConfigError, match="can't be the name of a Secret"):
        secret_name(name)
    assert secret_name("ci-bot.eu-1") == "ci-bot.eu-1"
