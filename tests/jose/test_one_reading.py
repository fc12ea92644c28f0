"""The quick ways of taking tokens apart, held to slow and plain ones."""

import base64
import binascii
import json
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import JoseError
from policy_engine.jose import (
    ALGORITHMS,
    KeySet,
    SigningKey,
    UnverifiedJws,
    VerificationKey,
    base64url,
    peek,
    sign,
    verify,
)
from policy_engine.jose.keyset import MAX_TRIES
from policy_engine.jose.verification import REFUSED_MEMBERS
from tests.plugins.samples import samples

ALPHABET = b"ABCXYZabcxyz0189-_"
ED, RSA = (SigningKey.generate(name, kid="k") for name in ("EdDSA", "RS256"))


def decoded_plainly(text: bytes) -> bytes | None:
    """What the library's lenient decoder reads, if its encoder writes the same text; None otherwise."""
    if not set(text) <= set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"):
        return None
    try:
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return data if base64.urlsafe_b64encode(data).rstrip(b"=") == text else None


def decoded(text: bytes) -> bytes | None:
    """The same by our decoder."""
    try:
        return base64url.decode(text)
    except JoseError as error:
        assert (error.code, error.detail) == ("malformed_token", "not_base64url")
        return None


@settings(max_examples=samples(500))
@given(
    text=st.one_of(
        st.binary(max_size=12),
        st.lists(st.sampled_from(list(ALPHABET + b"+/=*. \n")), max_size=12).map(bytes),
        st.lists(st.sampled_from(list(ALPHABET)), max_size=12).map(bytes),
    )
)
def test_base64url_is_decoded_as_the_library_would_if_it_were_strict(text: bytes) -> None:
    """For every text: one value, or none."""
    assert decoded(text) == decoded_plainly(text)


def test_each_pair_of_bytes_is_decoded_so() -> None:
    """Two bytes can have stray bits, padding and foreign characters: all of them are tried."""
    texts = [bytes(pair) for pair in product(range(256), repeat=2)]

    assert list(map(decoded, texts)) == list(map(decoded_plainly, texts))


@given(data=st.binary(max_size=64))
def test_base64url_is_written_as_the_library_does(data: bytes) -> None:
    """Without padding."""
    assert base64url.encode(data) == base64.urlsafe_b64encode(data).rstrip(b"=")
    assert base64url.decode(base64url.encode(data)) == data


@pytest.mark.parametrize("name", ["RS256", "ES256", "EdDSA"])
def test_what_is_proven_is_what_was_peeked_at(keys: dict[str, SigningKey], name: str) -> None:
    """A token that was taken apart is proven as it lies there: the same objects come back."""
    key = keys[name]
    token = peek(sign({"iss": "x"}, key, typ="at+jwt"))
    proven = verify(token, key.public_jwk(), [name])

    assert proven.header is token.header
    assert proven.payload is token.payload
    assert proven == verify(text_of(token), key.public_jwk(), [name])


def text_of(token: UnverifiedJws) -> str:
    """The text of a token that was taken apart."""
    return f"{token.signing_input.decode()}.{base64url.encode(token.signature).decode()}"


@settings(max_examples=samples(200))
@given(
    member=st.sampled_from(["", *REFUSED_MEMBERS, "x"]),
    alg=st.sampled_from([*ALGORITHMS, "none", "HS256", 7]),
    kid=st.sampled_from(["k", "other", None, 7, ...]),
    algorithms=st.sets(st.sampled_from(sorted(ALGORITHMS))),
    place=st.integers(-1, 300),
)
def test_taken_apart_or_whole_a_token_has_one_verdict(
    member: str, alg: object, kid: object, algorithms: set[str], place: int
) -> None:
    """Whatever its header says, and wherever it was changed."""
    header = {"alg": alg, "kid": kid, member: "x"}
    written = json.dumps({name: it for name, it in header.items() if it is not ...}).encode()
    parts = [written, b'{"iss":"x"}']
    signing_input = b".".join(map(base64url.encode, parts))
    text = bytearray(signing_input + b"." + base64url.encode(ED.signature(signing_input)))
    if 0 <= place < len(text):
        text[place] ^= 1
    keys = KeySet.from_jwks({"keys": [RSA.public_jwk(), ED.public_jwk()]})

    assert verdict(bytes(text), keys, algorithms, whole=True) == verdict(
        bytes(text), keys, algorithms, whole=False
    )


def verdict(text: bytes, keys: KeySet, algorithms: set[str], *, whole: bool) -> object:
    """What is proven, or why nothing is."""
    try:
        proven = verify(text if whole else peek(text), keys, algorithms)
    except JoseError as error:
        return error.code, error.detail, error.note
    return proven.header, proven.payload


@given(
    kids=st.lists(st.sampled_from(["a", "b", None]), max_size=25),
    names=st.lists(
        st.sampled_from([("RS256",), ("RS256", "PS256"), ("EdDSA",), ()]), min_size=25, max_size=25
    ),
    wanted=st.sampled_from(["a", "b", "c", None]),
    alg=st.sampled_from(["RS256", "PS256", "EdDSA"]),
)
def test_the_keys_to_try_are_those_that_a_plain_search_finds(
    kids: list[str | None], names: list[tuple[str, ...]], wanted: str | None, alg: str
) -> None:
    """Those of the name, those without one where nobody has it, or all where none is wanted; not too many."""
    key = KeySet.from_jwk(ED.public_jwk()).keys[0].key
    listed = [
        VerificationKey(kid=kid, algorithms=frozenset(each), key=key)
        for kid, each in zip(kids, names, strict=False)
    ]
    found = KeySet(tuple(listed))
    named = wanted if wanted in kids else None
    fitting = [one for one in listed if alg in one.algorithms and (wanted is None or one.kid == named)]

    assert list(found.candidates(wanted, ALGORITHMS[alg])) == fitting[:MAX_TRIES]
    assert [kid in found for kid in ("a", "b", "c", None, 7, ["a"])] == [
        *(kid in kids for kid in ("a", "b", "c", None)),
        False,
        False,
    ]
