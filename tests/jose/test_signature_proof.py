"""Only the issuer's key, with an algorithm that the caller named, proves a token."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.errors import JoseError
from policy_engine.jose import (
    ALGORITHMS,
    KeyHint,
    KeySet,
    SigningKey,
    VerifiedJws,
    key_hint,
    peek,
    sign,
    verify,
)

Craft = Callable[[bytes, bytes, SigningKey], str]
Refusal = tuple[str, str | None]

FOREIGN = SigningKey.generate("EdDSA", kid="k")
TRUSTED = SigningKey.generate("EdDSA", kid="k")


def refusal(token: str | bytes, keys: object, algorithms: object) -> Refusal:
    """The code and detail that a token is refused with."""
    with pytest.raises(JoseError) as caught:
        verify(token, keys, algorithms)  # type: ignore[arg-type]  # tests pass what callers must not
    return caught.value.code, caught.value.detail


@pytest.mark.parametrize("name", ALGORITHMS)
def test_each_algorithm_signs_and_verifies(keys: dict[str, SigningKey], name: str) -> None:
    """Every row of the table makes tokens that it accepts, with the key it published."""
    key = keys[name]
    token = sign({"iss": "x"}, key, typ="at+jwt")
    header = {"alg": name, "typ": "at+jwt", "kid": key.kid}

    assert verify(token, key.public_jwk(), [name]) == VerifiedJws(header, b'{"iss":"x"}')


@pytest.mark.parametrize("name", ["RS256", "PS256", "ES256", "ES512", "EdDSA"])
def test_each_flipped_bit_is_noticed(keys: dict[str, SigningKey], name: str) -> None:
    """No bit of a token is free: flip any of them and nothing is proven."""
    key = keys[name]
    token = sign({"iss": "x"}, key, typ=None).encode()
    known = KeySet.from_jwk(key.public_jwk())
    for bit in range(len(token) * 8):
        twin = bytearray(token)
        twin[bit // 8] ^= 1 << bit % 8
        with pytest.raises(JoseError):
            verify(bytes(twin), known, [name])


def test_each_other_character_is_noticed(key: SigningKey) -> None:
    """Put any character of the alphabet anywhere, and nothing is proven."""
    token = sign({"iss": "x"}, key, typ=None)
    known = KeySet.from_jwk(key.public_jwk())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    seeded = random.Random(7)
    for place, right in enumerate(token):
        for wrong in seeded.sample(alphabet.replace(right, ""), 8):
            with pytest.raises(JoseError):
                verify(token[:place] + wrong + token[place + 1 :], known, ["EdDSA"])


@given(payload=st.binary(max_size=200))
def test_another_key_proves_nothing(payload: bytes) -> None:
    """A token signed by somebody else is refused, though its `kid` is right."""
    token = sign(payload, FOREIGN, typ=None)

    assert refusal(token, {"keys": [TRUSTED.public_jwk()]}, ["EdDSA"]) == (
        "invalid_signature",
        "wrong_signature",
    )


@given(payload=st.binary(max_size=200))
def test_a_signature_covers_its_own_token_only(payload: bytes) -> None:
    """A signature moved to another payload proves nothing."""
    good = sign(b"another payload, never drawn: \xff\xfe\xfd", TRUSTED, typ=None)
    head, _, _ = sign(payload, TRUSTED, typ=None).rpartition(".")

    assert refusal(f"{head}.{good.rpartition('.')[2]}", TRUSTED.public_jwk(), ["EdDSA"]) == (
        "invalid_signature",
        "wrong_signature",
    )


@given(token=st.one_of(st.binary(max_size=80), st.text(max_size=80)))
def test_noise_is_refused(token: str | bytes) -> None:
    """No text and no bytes raise anything but `JoseError`."""
    for use in (peek, lambda noise: verify(noise, TRUSTED.public_jwk(), ALGORITHMS)):
        with pytest.raises(JoseError):
            use(token)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    header=st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "jku", "x"]), JSON | st.sampled_from(sorted(ALGORITHMS))
    ),
    signature=st.sampled_from([b"", b"\0" * 64, b"\xff" * 256]) | st.binary(max_size=100),
)
def test_a_made_up_token_is_refused(header: dict[str, object], signature: bytes) -> None:
    """Well-formed headers with made-up signatures raise nothing but `JoseError`, for keys of every type."""
    parts = (json.dumps(header).encode(), b"{}", signature)
    token = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)

    with pytest.raises(JoseError):
        verify(token, MANY, ALGORITHMS)


MANY = KeySet.from_jwks(
    {"keys": [SigningKey.generate(name).public_jwk() for name in ("ES256", "ES384", "ES512", "EdDSA")]}
)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "HS512", "ES256K", "RS1", "eddsa", ""])
def test_an_algorithm_without_a_row_is_refused(key: SigningKey, craft: Craft, alg: str) -> None:
    """Not even the caller can ask for `none` or HMAC."""
    token = craft(b'{"alg":"%s"}' % alg.encode(), b"{}", key)

    assert refusal(token, key.public_jwk(), [alg, "EdDSA"]) == ("unsupported_algorithm", None)


def test_a_public_key_is_no_hmac_secret(keys: dict[str, SigningKey]) -> None:
    """RFC 8725 section 2.1: the classic confusion, made with the very bytes of the public key."""
    jwk = keys["RS256"].public_jwk()
    signing_input = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=") + ".e30"
    mac = hmac.new(jwk["n"].encode(), signing_input.encode(), hashlib.sha256).digest()
    token = f"{signing_input}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    assert refusal(token, jwk, ["RS256", "HS256"]) == ("unsupported_algorithm", None)


def test_the_caller_names_the_algorithms(keys: dict[str, SigningKey]) -> None:
    """A good signature by an algorithm that wasn't named is refused."""
    token = sign(b"{}", keys["RS256"], typ=None)

    assert refusal(token, keys["RS256"].public_jwk(), ["PS256", "ES256"]) == ("unsupported_algorithm", None)
    assert refusal(token, keys["RS256"].public_jwk(), []) == ("unsupported_algorithm", None)


def test_one_name_is_not_a_collection_of_letters(keys: dict[str, SigningKey], craft: Craft) -> None:
    """A name given instead of a list means that name, whole."""
    token = sign(b"{}", keys["ES256"], typ=None)

    assert verify(token, keys["ES256"].public_jwk(), "ES256").payload == b"{}"
    assert refusal(craft(b'{"alg":"S2"}', b"{}", keys["ES256"]), {"keys": []}, "ES256") == (
        "unsupported_algorithm",
        None,
    )


@pytest.mark.parametrize(
    ("signed_as", "published_as"),
    [("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS512"), ("RS512", "RS256")],
)
def test_a_keys_own_algorithm_binds(
    keys: dict[str, SigningKey], craft: Craft, signed_as: str, published_as: str
) -> None:
    """A key published for one algorithm verifies no other, though the mathematics would."""
    token = craft(b'{"alg":"%s"}' % signed_as.encode(), b"{}", keys[signed_as])
    jwk = keys[signed_as].public_jwk() | {"alg": published_as}

    assert refusal(token, jwk, ALGORITHMS) == ("invalid_signature", "unknown_key")


@pytest.mark.parametrize("other", [name for name in ALGORITHMS if name != "ES256"])
def test_a_key_of_another_type_does_not_fit(keys: dict[str, SigningKey], craft: Craft, other: str) -> None:
    """ES256 takes P-256 keys, and neither RSA, nor Ed25519, nor a larger curve."""
    token = craft(b'{"alg":"ES256"}', b"{}", keys["ES256"])
    jwk = {name: value for name, value in keys[other].public_jwk().items() if name not in ("alg", "kid")}

    assert refusal(token, jwk, ALGORITHMS) == ("invalid_signature", "unknown_key")


def test_a_header_can_be_judged_before_keys_are_fetched(key: SigningKey, craft: Craft) -> None:
    """A token that no key could save isn't worth asking the issuer for."""
    good = peek(sign(b"{}", key, typ=None))
    bad = peek(craft(b'{"alg":"EdDSA","jku":"https://attacker.example"}', b"{}", key))

    assert key_hint(good, ["EdDSA"]) == KeyHint(ALGORITHMS["EdDSA"], key.kid)
    with pytest.raises(JoseError, match="unsupported_algorithm"):
        key_hint(good, ["ES256"])
    with pytest.raises(JoseError, match="embedded_key"):
        key_hint(bad, ["EdDSA"])
