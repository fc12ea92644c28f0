"""What is sealed is read by who has the key, for what it was sealed for, and not once it was changed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import Sealer, new_sealing_key

OLD, NEW, FOREIGN = (bytes([number]) * 32 for number in (1, 2, 3))


def opened(sealer: Sealer, sealed: bytes, context: str) -> bytes | str:
    """What is inside, or the code of the refusal."""
    try:
        return sealer.open(sealed, context=context)
    except JoseError as error:
        return str(error)


REFUSED = "unsealable: what is sealed can't be opened with these keys"


@given(data=st.binary(max_size=200), context=st.text(max_size=20), other=st.text(max_size=20))
def test_what_is_sealed_opens_for_the_same_purpose_alone(data: bytes, context: str, other: str) -> None:
    """Another context, or another key, opens nothing; and the text isn't inside in plain."""
    sealed = Sealer([OLD]).seal(data, context=context)

    assert opened(Sealer([OLD]), sealed, context) == data
    assert opened(Sealer([FOREIGN]), sealed, context) == REFUSED
    assert (opened(Sealer([OLD]), sealed, other) == data) is (other == context)
    assert len(data) < 4 or data not in sealed


@given(position=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_no_bit_of_it_can_be_changed(position: int, bit: int) -> None:
    """Not of the form, the nonce, the text or the tag."""
    sealed = bytearray(Sealer([OLD]).seal(b"a private key", context="k"))
    sealed[position % len(sealed)] ^= 1 << bit

    assert opened(Sealer([OLD]), bytes(sealed), "k") == REFUSED


@pytest.mark.parametrize("length", range(30))
def test_a_part_of_it_is_nothing(length: int) -> None:
    """However much is cut off."""
    assert opened(Sealer([OLD]), Sealer([OLD]).seal(b"x", context="k")[:length], "k") == REFUSED


def test_the_same_is_never_sealed_alike() -> None:
    """Each time with a nonce of its own."""
    assert len({Sealer([OLD]).seal(b"x", context="k") for _ in range(100)}) == 100


def test_keys_are_replaced_without_a_gap() -> None:
    """The first seals, all open; what is renewed needs the old one no longer, and is then left as it is."""
    sealed = Sealer([OLD]).seal(b"x", context="k")
    both = Sealer([NEW, OLD])
    renewed = both.renew(sealed, context="k")

    assert both.open(sealed, context="k") == b"x"
    assert Sealer([NEW]).open(renewed, context="k") == b"x"
    assert both.renew(renewed, context="k") == renewed
    with pytest.raises(JoseError):
        Sealer([FOREIGN]).renew(sealed, context="k")


@pytest.mark.parametrize("keys", [[], [b""], [b"x" * 16], [OLD, b"x" * 31], [b"x" * 33]])
def test_a_key_of_another_size_is_refused(keys: list[bytes]) -> None:
    """So a password can't be taken for one."""
    with pytest.raises(ConfigError) as refused:
        Sealer(keys)

    assert refused.value.code == "encryption_key"
    assert str(refused.value) == (
        "an encryption key isn't 32 bytes (make one: policy-engine keys encryption-key)"
    )


def test_a_new_key_is_32_bytes_of_chance_in_one_word() -> None:
    """Base64url without padding."""
    words = {new_sealing_key() for _ in range(50)}
    keys = [base64.urlsafe_b64decode(f"{word}=") for word in words]

    assert len(words) == 50
    assert all(len(word) == 43 for word in words)
    assert Sealer(keys).open(Sealer(keys[-1:]).seal(b"x", context="k"), context="k") == b"x"
