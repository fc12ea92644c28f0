"""Real keys, made once, and tokens written byte by byte."""

import base64
from collections.abc import Callable

import pytest

from policy_engine.jose import ALGORITHMS, SigningKey

Craft = Callable[[bytes, bytes, SigningKey], str]


@pytest.fixture(scope="session")
def keys() -> dict[str, SigningKey]:
    """One key an algorithm; the RSA ones share theirs, since making one is slow."""
    rsa = SigningKey.generate("RS256").to_jwk()
    return {
        name: SigningKey.from_jwk(rsa | {"alg": name}) if row.kty == "RSA" else SigningKey.generate(name)
        for name, row in ALGORITHMS.items()
    }


@pytest.fixture(scope="session")
def key(keys: dict[str, SigningKey]) -> SigningKey:
    """A key, where any will do."""
    return keys["EdDSA"]


@pytest.fixture(scope="session")
def craft() -> Craft:
    """Sign a header and a payload just as they are, however wrong they are."""

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    def make(header: bytes, payload: bytes, key: SigningKey) -> str:
        signing_input = part(header) + b"." + part(payload)
        return (signing_input + b"." + part(key.signature(signing_input))).decode("ascii")

    return make
