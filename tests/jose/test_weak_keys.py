"""Points of Ed25519 that are no keys, derived here from the equation of the curve (RFC 8032 section 5.1)."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import JoseError
from policy_engine.jose import KeySet, VerificationKey, verify
from tests.plugins.samples import samples

Point = tuple[int, int]

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
IDENTITY: Point = (0, 1)
ORDER = 2**252 + 27742317777372353535851937790883648493


def add(one: Point, other: Point) -> Point:
    """The sum of two points of -x^2 + y^2 = 1 + d x^2 y^2."""
    (x1, y1), (x2, y2) = one, other
    both = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + both, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - both, -1, P)
    return x % P, y % P


def times(number: int, point: Point) -> Point:
    """A multiple of a point."""
    result = IDENTITY
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def x_of(y: int) -> int | None:
    """An x that goes with y, if there is one (RFC 8032 section 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square else None


def encodings(point: Point) -> set[bytes]:
    """All 32 bytes that a lenient decoder takes for a point: y may exceed P, and zero may be negative."""
    x, y = point
    signs = {x & 1} if x else {0, 1}
    return {
        (number | sign << 255).to_bytes(32, "little")
        for number in (y, y + P)
        if number < 2**255
        for sign in signs
    }


def torsion() -> set[Point]:
    """The eight points whose order divides eight."""
    for y in range(2, 100):
        x = x_of(y)
        generator = IDENTITY if x is None else times(ORDER, (x, y))
        if times(4, generator) != IDENTITY:
            return {times(number, generator) for number in range(8)}
    pytest.fail("no point of order eight found")


CANONICAL = {(y | (x & 1) << 255).to_bytes(32, "little") for x, y in torsion()}
SMALL = sorted(encoding for point in torsion() for encoding in encodings(point))
BEYOND = [(P + number | sign << 255).to_bytes(32, "little") for number in range(19) for sign in (0, 1)]


def jwk_of(encoded: bytes) -> dict[str, Any]:
    """The JWK of an encoded point."""
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(encoded).rstrip(b"=").decode()}


def detail_of(encoded: bytes) -> str | None:
    """Why a point can't be a key."""
    with pytest.raises(JoseError) as caught:
        VerificationKey.from_jwk(jwk_of(encoded))
    assert caught.value.code == "unusable_key"
    return caught.value.detail


def test_there_are_eight_points_of_small_order_in_fourteen_spellings() -> None:
    """The tests below would prove little if they knew fewer."""
    assert (len(CANONICAL), len(SMALL)) == (8, 14)
    assert set(SMALL) > CANONICAL


@pytest.mark.parametrize("encoded", SMALL, ids=bytes.hex)
def test_a_point_of_small_order_is_no_key(encoded: bytes) -> None:
    """Alone it is refused by name; in a set of an issuer it is passed over."""
    assert detail_of(encoded) == ("weak_key" if encoded in CANONICAL else "key_form")
    assert KeySet.from_jwks({"keys": [jwk_of(encoded)]}).keys == ()


@pytest.mark.parametrize("encoded", BEYOND, ids=bytes.hex)
def test_a_point_has_one_spelling(encoded: bytes) -> None:
    """RFC 8032 section 5.1.3: a y that isn't below P is none."""
    assert detail_of(encoded) == "key_form"


def test_a_signature_without_a_secret_proves_nothing() -> None:
    """The reason: one token in a few would pass with a signature that anybody can write."""
    identity = (1).to_bytes(32, "little")
    lenient = Ed25519PublicKey.from_public_bytes(identity)
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"EdDSA"}', b'{"iss":"x"}')]
    forged = identity + bytes(32)
    token = b".".join([*parts, base64.urlsafe_b64encode(forged).rstrip(b"=")])

    lenient.verify(forged, b".".join(parts))  # the library takes it
    with pytest.raises(JoseError) as caught:
        verify(token, jwk_of(identity), ["EdDSA"])

    assert (caught.value.code, caught.value.detail) == ("unusable_key", "weak_key")


@settings(max_examples=samples(60))
@given(seed=st.binary(min_size=32, max_size=32))
def test_a_key_with_a_secret_is_a_key(seed: bytes) -> None:
    """Every secret gives a point of large order, and so a usable key."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()

    assert VerificationKey.from_jwk(jwk_of(public)).algorithms == {"EdDSA"}


@settings(max_examples=samples(60))
@given(y=st.integers(0, P - 1) | st.integers(0, 40) | st.integers(P - 40, P - 1), sign=st.integers(0, 1))
def test_only_points_of_small_order_are_weak(y: int, sign: int) -> None:
    """A point of the curve is refused if, and only if, eight times it is the identity."""
    x = x_of(y)
    encoded = (y | sign << 255).to_bytes(32, "little")
    if x is None:
        return
    weak = times(8, (x, y)) == IDENTITY

    try:
        VerificationKey.from_jwk(jwk_of(encoded))
    except JoseError as error:
        assert weak
        assert error.detail == ("weak_key" if x or not sign else "key_form")
    else:
        assert not weak
