"""Which keys of a set are used, and for which tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from policy_engine.errors import JoseError
from policy_engine.jose import (
    MAX_KEYS,
    SECRET_MEMBERS,
    KeySet,
    SigningKey,
    VerificationKey,
    refuse_secrets,
    sign,
    thumbprint,
    verify,
)

Craft = Callable[[bytes, bytes, SigningKey], str]


def problem(jwk: dict[str, Any]) -> tuple[str, str | None]:
    """The code and detail that one key is refused with."""
    with pytest.raises(JoseError) as caught:
        KeySet.from_jwk(jwk)
    return caught.value.code, caught.value.detail


def bare(key: SigningKey, **members: object) -> dict[str, Any]:
    """A public JWK without `kid`, `use` and `alg`, plus what is given."""
    jwk = {name: value for name, value in key.public_jwk().items() if name not in ("kid", "use", "alg")}
    return jwk | members


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"kty": "oct", "k": "c2VjcmV0"}, "symmetric_key"),
        ({"kty": "AKP"}, "key_type"),
        ({"kty": None}, "key_type"),
        ({"kty": ["OKP"]}, "key_type"),
        ({"crv": "Ed448"}, "key_type"),
        ({"crv": "X25519"}, "key_type"),
        ({"crv": None}, "key_type"),
        ({"kty": "EC", "crv": "secp256k1", "y": "AA"}, "key_type"),
        ({"alg": "ES256"}, "key_algorithm"),
        ({"alg": "HS256"}, "key_algorithm"),
        ({"alg": ["EdDSA"]}, "key_algorithm"),
        ({"use": "enc"}, "key_use"),
        ({"use": None}, "key_use"),
        ({"key_ops": ["sign"]}, "key_use"),
        ({"key_ops": []}, "key_use"),
        ({"key_ops": "verify"}, "key_use"),
        ({"kid": 7}, "key_form"),
        ({"x": "AA"}, "key_form"),
        ({"x": ""}, "key_form"),
        ({"x": 7}, "key_form"),
        ({"x": "\u00e9" * 43}, "key_form"),
        ({"x": "A" * 5000}, "key_form"),
        ({"x": "A" * 43 + "="}, "key_form"),
        ({"x": "+" + "A" * 42}, "key_form"),
        ({"kty": "EC", "crv": "P-256"}, "key_form"),
        ({"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}, "key_form"),
        ({"kty": "RSA", "n": "AQAB"}, "key_form"),
        ({"kty": "RSA", "n": "AA", "e": "AQAB"}, "key_form"),
    ],
)
def test_an_unusable_key_is_refused_by_name(key: SigningKey, changes: dict[str, Any], detail: str) -> None:
    """An operator who gives one key is told why it can't be used."""
    assert problem(bare(key) | changes) == ("unusable_key", detail)


@pytest.mark.parametrize("bits", [1024, 2040])
def test_a_small_rsa_key_is_refused(bits: int) -> None:
    """RFC 7518 section 3.3: 2048 bits or more."""
    small = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()

    assert problem(RSAAlgorithm.to_jwk(small, as_dict=True) | {"key_ops": ["verify"]}) == (
        "unusable_key",
        "key_size",
    )


def test_a_huge_rsa_key_is_refused() -> None:
    """A modulus of 16,384 bits would make each check slow."""
    numbers = rsa.RSAPublicNumbers(65537, (1 << 16383) + 1)

    assert problem(RSAAlgorithm.to_jwk(numbers.public_key(), as_dict=True) | {"key_ops": ["verify"]}) == (
        "unusable_key",
        "key_size",
    )


@pytest.mark.parametrize("members", [{"key_ops": ["verify"]}, {"use": "sig"}, {"alg": "EdDSA"}, {}])
def test_a_key_may_say_that_it_verifies(key: SigningKey, craft: Craft, members: dict[str, Any]) -> None:
    """`use`, `key_ops` and `alg` are optional, and right ones do no harm."""
    token = craft(b'{"alg":"EdDSA"}', b"{}", key)

    assert verify(token, bare(key, **members), ["EdDSA"]).payload == b"{}"


def test_unusable_keys_of_a_set_are_passed_over(key: SigningKey) -> None:
    """RFC 7517 section 5: a set may hold keys that we don't know."""
    jwks = {
        "keys": [
            None,
            "key",
            7,
            {},
            {"kty": "oct", "k": "c2VjcmV0", "kid": key.kid},
            {"kty": "AKP", "alg": "ML-DSA-65", "kid": key.kid, "pub": "AA"},
            bare(key, use="enc", kid=key.kid),
            key.public_jwk(),
        ]
    }

    assert [found.kid for found in KeySet.from_jwks(jwks).keys] == [key.kid]
    assert verify(sign(b"{}", key, typ=None), jwks, ["EdDSA"]).payload == b"{}"


@pytest.mark.parametrize("jwks", [None, 7, "keys", [], {}, {"keys": None}, {"keys": {}}, {"keys": "x"}])
def test_what_is_not_a_set_is_refused(jwks: object) -> None:
    """A set is an object with a list `keys`."""
    with pytest.raises(JoseError) as caught:
        KeySet.from_jwks(jwks)

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "set_form")


@pytest.mark.parametrize("written", [None, 7, "keys", "kty", [], [{"kty": "OKP"}], ("keys",), b"kid", True])
def test_keys_that_are_no_json_object_prove_nothing(key: SigningKey, written: Any) -> None:
    """A list of keys isn't a set; nothing but our own error leaves `verify`."""
    with pytest.raises(JoseError) as caught:
        verify(sign(b"{}", key, typ=None), written, ["EdDSA"])

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "set_form")


@pytest.mark.parametrize(
    "parse",
    [KeySet.from_jwk, VerificationKey.from_jwk, SigningKey.from_jwk, thumbprint],
    ids=["set", "public", "private", "name"],
)
@pytest.mark.parametrize("jwk", [None, 7, "kty", [], [{"kty": "OKP"}], True])
def test_a_key_that_is_no_json_object_is_refused(parse: Callable[[Any], object], jwk: object) -> None:
    """Wherever one key is expected."""
    with pytest.raises(JoseError) as caught:
        parse(jwk)

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "key_form")


@pytest.mark.parametrize("secret", [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "oct"}, {"k": "c2VjcmV0"}])
def test_a_symmetric_key_is_a_secret(key: SigningKey, secret: dict[str, Any]) -> None:
    """Whoever verifies with it can also sign; the message says where it is, and not what."""
    with pytest.raises(JoseError) as caught:
        refuse_secrets({"keys": [key.public_jwk(), secret]})

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "symmetric_key")
    assert caught.value.note == "key 1 of the set is symmetric: whoever verifies with it can also sign"


@pytest.mark.parametrize("name", ["RS256", "ES256", "EdDSA"])
def test_a_private_key_is_a_secret(keys: dict[str, SigningKey], name: str) -> None:
    """It would verify, and everybody who may read the configuration could sign."""
    with pytest.raises(JoseError) as caught:
        refuse_secrets({"keys": [keys[name].public_jwk(), keys[name].to_jwk()]})

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "private_key")
    assert caught.value.note == (
        "key 1 of the set shows its private half: it is disclosed, and not needed here"
    )


@pytest.mark.parametrize("member", sorted(SECRET_MEMBERS))
def test_one_private_member_is_enough(key: SigningKey, member: str) -> None:
    """Whatever stands in it, and whatever type of key it is in."""
    for jwk in (key.public_jwk(), {"kty": "AKP", "pub": "AA"}):
        with pytest.raises(JoseError) as caught:
            refuse_secrets({"keys": [jwk | {member: None}]})

        assert caught.value.detail == ("symmetric_key" if member == "k" else "private_key")


def test_public_keys_hide_nothing(keys: dict[str, SigningKey]) -> None:
    """Neither do keys of types that we don't know, nor what is no key; a set it has to be."""
    refuse_secrets({"keys": [*(key.public_jwk() for key in keys.values()), {"kty": "AKP"}, None, 7]})
    with pytest.raises(JoseError, match="set_form"):
        refuse_secrets([])


def test_a_set_is_bounded(key: SigningKey) -> None:
    """The last size that passes, and the first that doesn't."""
    assert len(KeySet.from_jwks({"keys": [key.public_jwk()] * MAX_KEYS}).keys) == MAX_KEYS
    with pytest.raises(JoseError) as caught:
        KeySet.from_jwks({"keys": [key.public_jwk()] * (MAX_KEYS + 1)})

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "too_many_keys")


def test_an_empty_set_proves_nothing(key: SigningKey) -> None:
    """No keys, no proof."""
    with pytest.raises(JoseError) as caught:
        verify(sign(b"{}", key, typ=None), {"keys": []}, ["EdDSA"])

    assert (caught.value.code, caught.value.detail) == ("invalid_signature", "unknown_key")


def test_keys_that_share_a_kid_are_all_tried(key: SigningKey) -> None:
    """A `kid` is a hint: the right key may be the second of that name."""
    twin = SigningKey.generate("EdDSA", kid=key.kid)
    jwks = {"keys": [twin.public_jwk(), key.public_jwk()]}

    assert verify(sign(b"1", key, typ=None), jwks, ["EdDSA"]).payload == b"1"
    assert verify(sign(b"2", twin, typ=None), jwks, ["EdDSA"]).payload == b"2"


def test_a_kid_narrows_the_keys(key: SigningKey, craft: Craft) -> None:
    """The right key under another name isn't tried."""
    token = craft(b'{"alg":"EdDSA","kid":"other"}', b"{}", key)
    jwks = {"keys": [key.public_jwk(), SigningKey.generate("EdDSA", kid="other").public_jwk()]}

    with pytest.raises(JoseError) as caught:
        verify(token, jwks, ["EdDSA"])

    assert (caught.value.code, caught.value.detail) == ("invalid_signature", "wrong_signature")


def test_a_key_without_a_kid_serves_a_token_with_one(key: SigningKey) -> None:
    """Some issuers name keys in tokens only; a key of that name, where there is one, comes alone."""
    token = sign(b"{}", key, typ=None)
    namesake = SigningKey.generate("EdDSA", kid=key.kid).public_jwk()

    assert verify(token, {"keys": [bare(key)]}, ["EdDSA"]).payload == b"{}"
    with pytest.raises(JoseError, match="wrong_signature"):
        verify(token, {"keys": [bare(key), namesake]}, ["EdDSA"])


def test_without_a_kid_ten_keys_are_tried(key: SigningKey, craft: Craft) -> None:
    """The tenth fitting key counts, the eleventh doesn't; keys that don't fit aren't counted."""
    token = craft(b'{"alg":"EdDSA"}', b"{}", key)
    other = SigningKey.generate("EdDSA").public_jwk()
    unfit = SigningKey.generate("ES256").public_jwk()
    tenth = [unfit] * 5 + [other] * 9 + [key.public_jwk()]

    assert verify(token, {"keys": tenth}, ["EdDSA"]).payload == b"{}"
    with pytest.raises(JoseError, match="wrong_signature"):
        verify(token, {"keys": [other, *tenth]}, ["EdDSA"])


def test_a_private_key_given_for_a_public_one_only_verifies(key: SigningKey) -> None:
    """What is private in a JWK isn't kept."""
    known = KeySet.from_jwk(key.to_jwk())

    assert verify(sign(b"{}", key, typ=None), known, ["EdDSA"]).payload == b"{}"
    assert not hasattr(known.keys[0].key, "sign")


def test_a_set_knows_its_kids(key: SigningKey) -> None:
    """Whether to ask the issuer again depends on it."""
    known = KeySet.from_jwk(key.public_jwk())

    assert key.kid in known
    assert "other" not in known


MEMBERS = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "d", "alg", "kid", "use", "key_ops", "k"])
VALUES = (
    st.sampled_from(
        ["EC", "RSA", "OKP", "oct", "P-256", "P-521", "Ed25519", "sig", "RS256", "AQAB", "A" * 43]
    )
    | st.none()
    | st.integers()
    | st.text(max_size=60)
    | st.lists(st.text(max_size=6), max_size=2)
    | st.binary(min_size=250, max_size=260).map(lambda raw: raw.hex())
)


@given(jwk=st.dictionaries(MEMBERS, VALUES))
def test_no_jwk_raises_anything_else(jwk: dict[str, Any]) -> None:
    """Whatever an issuer publishes is a key, or is passed over."""
    known = KeySet.from_jwks({"keys": [jwk]})

    assert len(known.keys) <= 1
    try:
        KeySet.from_jwk(jwk)
    except JoseError as error:
        assert (error.code, len(known.keys)) == ("unusable_key", 0)
    else:
        assert len(known.keys) == 1
