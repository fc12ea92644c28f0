"""Keys of our own: made, kept, published, and never shown."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.errors import JoseError
from policy_engine.jose import ALGORITHMS, SigningKey, sign, thumbprint, verify
from policy_engine.model.strict_json import JsonError

SECRET_MEMBERS = {"d", "p", "q", "dp", "dq", "qi"}
ED_KEY = SigningKey.generate("EdDSA", kid="ed")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_key_survives_being_stored(keys: dict[str, SigningKey], name: str) -> None:
    """The private JWK gives the same key back, with its name and algorithm."""
    key = keys[name]
    again = SigningKey.from_jwk(key.to_jwk())

    assert (again.algorithm, again.kid, again.to_jwk()) == (key.algorithm, key.kid, key.to_jwk())
    assert verify(sign(b"{}", again, typ=None), key.public_jwk(), [name]).payload == b"{}"


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_public_jwk_holds_no_secret(keys: dict[str, SigningKey], name: str) -> None:
    """It has the key, its name, its algorithm and its use, and nothing else."""
    public = keys[name].public_jwk()
    members = {"RSA": {"n", "e"}, "EC": {"crv", "x", "y"}, "OKP": {"crv", "x"}}[public["kty"]]

    assert public.keys() == members | {"kty", "alg", "kid", "use"}
    assert keys[name].to_jwk().keys() - public.keys() <= SECRET_MEMBERS
    assert "d" in keys[name].to_jwk()


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_key_does_not_show_its_secret(keys: dict[str, SigningKey], name: str) -> None:
    """Neither `repr` nor `str` quotes what is private."""
    key = keys[name]
    secrets = [value for member, value in key.to_jwk().items() if member in SECRET_MEMBERS]

    assert repr(key) == f"SigningKey(algorithm={name!r}, kid={key.kid!r})"
    assert not [secret for secret in secrets if secret in str(key)]


@pytest.mark.parametrize("name", ["ES256", "ES384", "ES512", "EdDSA", "RS256"])
def test_a_new_key_is_named_by_its_thumbprint(name: str) -> None:
    """RFC 7638: unless the caller names it."""
    key = SigningKey.generate(name)

    assert key.kid == thumbprint(key.public_jwk())
    assert key.algorithm == name
    assert (
        key.public_jwk()
        == SigningKey.from_jwk(
            {member: value for member, value in key.to_jwk().items() if member != "kid"}
        ).public_jwk()
    )


def test_a_key_can_be_named() -> None:
    """The operator's name stands in the key and in each token."""
    key = SigningKey.generate("ES256", kid="2026-a")

    assert key.public_jwk()["kid"] == "2026-a"
    assert verify(sign(b"{}", key, typ=None), key.public_jwk(), ["ES256"]).header["kid"] == "2026-a"


@pytest.mark.parametrize(("stored", "default"), [("PS512", "RS256"), ("ES384", "ES384"), ("EdDSA", "EdDSA")])
def test_a_key_without_an_algorithm_has_the_first_that_fits(
    keys: dict[str, SigningKey], stored: str, default: str
) -> None:
    """RFC 7517 section 4.4: `alg` is optional."""
    jwk = {member: value for member, value in keys[stored].to_jwk().items() if member != "alg"}

    assert SigningKey.from_jwk(jwk).algorithm == default


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"d": None}, "key_form"),
        ({"d": "AA"}, "key_form"),
        ({"d": 7}, "key_form"),
        ({"d": "A" * 5000}, "key_form"),
        ({"kid": 7}, "key_form"),
        ({"use": "enc"}, "key_use"),
        ({"key_ops": ["verify"]}, "key_use"),
        ({"alg": "RS256"}, "key_algorithm"),
        ({"kty": "oct", "k": "AA"}, "symmetric_key"),
    ],
)
def test_a_private_key_that_cannot_sign_is_refused(
    key: SigningKey, changes: dict[str, Any], detail: str
) -> None:
    """An operator is told why, and the message doesn't quote the key."""
    jwk = key.to_jwk() | changes
    with pytest.raises(JoseError) as caught:
        SigningKey.from_jwk(jwk)

    assert (caught.value.code, caught.value.detail) == ("unusable_key", detail)
    assert key.to_jwk()["d"] not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_public_key_cannot_sign(key: SigningKey) -> None:
    """Without `d` there is nothing to sign with."""
    with pytest.raises(JoseError) as caught:
        SigningKey.from_jwk(key.public_jwk())

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "key_form")


def test_a_stored_key_that_names_sign_may_sign(key: SigningKey) -> None:
    """`key_ops` is honoured in both directions."""
    assert SigningKey.from_jwk(key.to_jwk() | {"key_ops": ["sign"]}).to_jwk() == key.to_jwk()


@pytest.mark.parametrize("name", ["none", "HS256", "RS1", ""])
def test_no_key_is_made_for_an_unknown_algorithm(name: str) -> None:
    """The table says what there is."""
    with pytest.raises(JoseError) as caught:
        SigningKey.generate(name)

    assert (caught.value.code, caught.value.detail) == ("unsupported_algorithm", None)


@pytest.mark.parametrize("jwk", [{}, {"kty": "oct", "k": "AA"}, {"kty": "RSA", "n": "AQAB"}, {"kty": []}])
def test_what_is_no_public_key_has_no_thumbprint(jwk: dict[str, Any]) -> None:
    """A thumbprint of half a key would name two keys."""
    with pytest.raises(JoseError, match="unusable_key"):
        thumbprint(jwk)


def test_a_token_has_the_header_it_was_given(key: SigningKey) -> None:
    """`typ` where there is one, and the members that a caller adds."""
    token = sign({"a": "\u00e9"}, key, typ="at+jwt", header={"gty": ["client_credentials"]})
    verified = verify(token, key.public_jwk(), ["EdDSA"])

    assert verified.header == {"alg": "EdDSA", "typ": "at+jwt", "kid": key.kid, "gty": ["client_credentials"]}
    assert verified.payload == '{"a":"\u00e9"}'.encode()


@pytest.mark.parametrize("member", ["alg", "typ", "kid", "crit", "b64", "jku", "jwk", "x5c", "x5u"])
def test_what_a_key_decides_is_not_for_the_caller(key: SigningKey, member: str) -> None:
    """Nothing is signed that no verifier would take."""
    with pytest.raises(JoseError) as caught:
        sign(b"{}", key, typ=None, header={member: "x"})

    assert (caught.value.code, caught.value.detail) == ("malformed_token", "header_form")


def test_a_token_too_long_to_be_read_is_not_written(key: SigningKey) -> None:
    """Better told here than by each server."""
    with pytest.raises(JoseError) as caught:
        sign(b"x" * 16_000, key, typ=None)

    assert (caught.value.code, caught.value.detail) == ("malformed_token", "too_long")


@pytest.mark.parametrize("claims", [{"a": float("nan")}, {"a": {1}}, {"a": "\ud800"}, {1: "a"}])
def test_claims_are_plain_json(key: SigningKey, claims: dict[Any, Any]) -> None:
    """What strict readers refuse isn't signed."""
    with pytest.raises(JsonError):
        sign(claims, key, typ=None)


@given(
    payload=st.binary(max_size=300),
    typ=st.none() | st.text(st.characters(codec="utf-8"), max_size=20),
    name=st.text("abcxyz_", min_size=4, max_size=8),
)
def test_whatever_is_signed_verifies(payload: bytes, typ: str | None, name: str) -> None:
    """`verify` takes all that `sign` makes, and gives the payload back."""
    token = sign(payload, ED_KEY, typ=typ, header={name: typ})
    header = {"alg": "EdDSA", "typ": typ, "kid": "ed", name: typ}
    if typ is None:
        del header["typ"]
    verified = verify(token, ED_KEY.public_jwk(), ["EdDSA"])

    assert (verified.header, verified.payload) == (header, payload)


def test_two_keys_of_one_name_are_two_keys() -> None:
    """A name proves nothing: keys are the same only if they are one."""
    one, other = SigningKey.generate("EdDSA", kid="k"), SigningKey.generate("EdDSA", kid="k")

    assert one != other
    assert one == one  # noqa: PLR0124 -- the point of the test
