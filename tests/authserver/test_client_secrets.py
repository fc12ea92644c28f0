"""Secrets of clients: made, hidden, hashed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.authserver import Secret, SecretHash, generate_secret
from policy_engine.errors import ConfigError
from tests.plugins.samples import samples


@pytest.mark.rules("AS-9")
def test_a_secret_is_256_random_bits_in_safe_characters() -> None:
    """All bytes of the source are in it; no encoding changes it (RFC 6749 section 10.10)."""
    asked: list[int] = []

    def chance(size: int) -> bytes:
        asked.append(size)
        return bytes([0xFB]) * size

    secret = generate_secret(chance)

    assert asked == [32]
    assert secret.reveal() == "-_v7" * 10 + "-_s"
    assert len({generate_secret().reveal() for _ in range(50)}) == 50
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", generate_secret().reveal())


@pytest.mark.rules("AS-9")
def test_a_secret_isnt_shown_by_accident() -> None:
    """Neither it nor its hash, in any text made of them."""
    secret = Secret("hush")
    known = SecretHash.of(secret)

    assert [repr(secret), str(secret), f"{secret}", f"{secret!r:>4}"] == ["Secret(***)"] * 4
    assert repr(known) == "SecretHash(expires_at=None)"


@settings(max_examples=samples(50))
@given(st.text(max_size=20), st.text(max_size=20))
def test_a_hash_matches_its_secret_alone(one: str, other: str) -> None:
    """Whatever the texts are, lone surrogates too."""
    known = SecretHash.of(Secret(one))

    assert known.matches(Secret(one))
    assert known.matches(Secret(other)) is (one == other)


def test_a_secret_ends_when_its_time_comes() -> None:
    """At that second, not after it."""
    known = SecretHash.of(Secret("hush"), expires_at=100)

    assert [known.valid_at(now) for now in (99.9, 100, 101)] == [True, False, False]
    assert SecretHash.of(Secret("hush")).valid_at(10**12)


@pytest.mark.parametrize("text", ["", "hush", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_secret_in_place_of_its_hash_is_refused(text: str) -> None:
    """It would be kept in plain text, and never work; the error doesn't repeat it."""
    with pytest.raises(ConfigError) as caught:
        SecretHash(text)

    assert (caught.value.problem, caught.value.remedy) == (
        "a secret hash isn't 64 lower-case hexadecimal digits",
        "write the SHA-256 of the secret, not the secret",
    )
