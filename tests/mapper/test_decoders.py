"""Claims of several fields: one spelling each, whatever it is that stands there."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine.mapper.decoders import DECODERS
from tests.plugins.samples import samples

LONG = "a" * 300

# Decoder, string, and its fields; None where it isn't one.
TABLE: list[tuple[str, str, dict[str, str] | None]] = [
    ("dex_subject", "CgZjaS1ib3Q", {"user_id": "ci-bot", "conn_id": ""}),
    ("dex_subject", "CgZjaS1ib3QSBWxvY2Fs", {"user_id": "ci-bot", "conn_id": "local"}),
    ("dex_subject", "EgVsb2NhbAoGY2ktYm90EgA", None),  # fields turned round, and an empty one appended
    ("dex_subject", "alice", None),
    ("dex_subject", "", None),
    ("dex_subject", "CgZjaS1ib3Q=", None),  # padded
    ("dex_subject", "CgZjaS1ib3R", None),  # stray bits at the end
    ("dex_subject", "CgZjaS1ib3Q\n", None),
    ("dex_subject", "Cg ZjaS1ib3Q", None),
    ("dex_subject", "\u0421gZjaS1ib3Q", None),
    ("dex_subject", "\ud800", None),
    (
        "email_address",
        "bot@p.iam.gserviceaccount.com",
        {"local": "bot", "domain": "p.iam.gserviceaccount.com"},
    ),
    ("email_address", "A.b+c@Example.COM", {"local": "A.b+c", "domain": "example.com"}),
    ("email_address", "a@localhost", {"local": "a", "domain": "localhost"}),
    ("email_address", "a@evil.example@x.gserviceaccount.com", None),
    ("email_address", "@x.example", None),
    ("email_address", "a@", None),
    ("email_address", "a", None),
    ("email_address", "", None),
    ("email_address", "a b@x.example", None),
    ("email_address", "a@x.example.", None),
    ("email_address", "a@.x.example", None),
    ("email_address", "a@-x.example", None),
    ("email_address", "a@x_y.example", None),
    ("email_address", "a@[192.0.2.1]", None),
    ("email_address", "a@x.example\n", None),
    ("email_address", "a\x00@x.example", None),
    ("email_address", "\u00e4@x.example", None),
    ("email_address", "a@\u212aelvin.example", None),  # the Kelvin sign, whose small letter is a k
    ("email_address", "a@" + "b" * 64 + ".example", None),
    ("email_address", "a" * 65 + "@x.example", None),
    ("email_address", "a@" + ".".join(["b" * 50] * 6), None),
    (
        "spiffe_id",
        "spiffe://prod.example.org/user/alice",
        {"trust_domain": "prod.example.org", "path": "/user/alice"},
    ),
    ("spiffe_id", "spiffe://a_b-c.9/A/_.-/...", {"trust_domain": "a_b-c.9", "path": "/A/_.-/..."}),
    ("spiffe_id", "spiffe://prod.example.org/ns/dev/../prod/sa/batch", None),
    ("spiffe_id", "spiffe://prod.example.org/./a", None),
    ("spiffe_id", "spiffe://prod.example.org//a", None),
    ("spiffe_id", "spiffe://prod.example.org/a/", None),
    ("spiffe_id", "spiffe://prod.example.org/", None),
    ("spiffe_id", "spiffe://prod.example.org", None),
    ("spiffe_id", "spiffe:///a", None),
    ("spiffe_id", "SPIFFE://prod.example.org/a", None),
    ("spiffe_id", "spiffe://Prod.example.org/a", None),
    ("spiffe_id", "spiffe://prod.example.org:8443/a", None),
    ("spiffe_id", "spiffe://alice@prod.example.org/a", None),
    ("spiffe_id", "spiffe://prod.example.org/a?b", None),
    ("spiffe_id", "spiffe://prod.example.org/a#b", None),
    ("spiffe_id", "spiffe://prod.example.org/%61", None),
    ("spiffe_id", "spiffe://prod.example.org/a\n", None),
    ("spiffe_id", "spiffe://prod.example.org/\u0430", None),
    ("spiffe_id", " spiffe://prod.example.org/a", None),
    ("spiffe_id", "https://prod.example.org/a", None),
    ("spiffe_id", f"spiffe://{'a' * 256}/a", None),
    ("spiffe_id", "spiffe://a/" + "b" * 2038, None),
]


@pytest.mark.parametrize(("name", "text", "fields"), TABLE)
def test_a_string_has_these_fields_or_is_none_of_its_kind(
    name: str, text: str, fields: dict[str, str] | None
) -> None:
    """What isn't spelt in the one way that the issuer writes isn't read at all."""
    assert DECODERS[name].decode(text) == fields


def test_the_longest_spiffe_id_is_one() -> None:
    """The specification allows 2048 bytes."""
    text = "spiffe://a/" + "b" * 2037

    assert DECODERS["spiffe_id"].decode(text) == {"trust_domain": "a", "path": "/" + "b" * 2037}


MESSAGES: list[tuple[bytes, dict[str, str] | None]] = [
    (b"\x0a\x01a\x12\x01b", {"user_id": "a", "conn_id": "b"}),
    (b"\x0a\x02\xc3\xa9", {"user_id": "\u00e9", "conn_id": ""}),
    (b"\x0a\xac\x02" + b"a" * 300, {"user_id": LONG, "conn_id": ""}),
    (b"\x0a\x01a\x12\x00", None),  # an empty field, which protobuf 3 never writes
    (b"\x0a\x01a\x12\x01b\x12\x00", None),  # the last one would win, and make a machine of a person
    (b"\x0a\x01a\x0a\x01b", None),
    (b"\x12\x01b\x0a\x01a", None),
    (b"\x12\x01b", None),  # a connector, and nobody at it
    (b"\x0a\x81\x00a", None),  # a length in more bytes than it needs
    (b"\x0a\x81\x80\x80\x80\x00a", None),
    (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a", None),
    (b"\x0a\x02a", None),
    (b"\x0a\x01ab", None),
    (b"\x0a\x01", None),
    (b"\x0a\x80", None),
    (b"\x0a", None),
    (b"\x0a\x01a\x18\x01", None),  # an unknown field
    (b"\x0a\x01a\x1a\x01c", None),
    (b"\x08\x01", None),
    (b"\x8a\x00\x01a", None),  # the tag itself in more bytes than it needs
    (b"\x0a\x01\xff", None),
    (b"\x0a\x02\xc0\x80", None),  # an overlong NUL
    (b"\x0a\x03\xed\xa0\x80", None),  # half of a surrogate pair
]


@pytest.mark.parametrize(("message", "fields"), MESSAGES)
def test_only_the_canonical_protobuf_is_a_dex_subject(message: bytes, fields: dict[str, str] | None) -> None:
    """A message that protobuf would read all the same isn't one that Dex wrote."""
    text = urlsafe_b64encode(message).rstrip(b"=").decode()

    assert DECODERS["dex_subject"].decode(text) == fields


letters = st.characters(codec="utf-8")
labels = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
segments = st.from_regex(r"[A-Za-z0-9._-]{1,8}", fullmatch=True).filter(lambda text: text not in {".", ".."})

FIELDS: Mapping[str, st.SearchStrategy[dict[str, str]]] = {
    "dex_subject": st.fixed_dictionaries(
        {"user_id": st.text(letters, min_size=1, max_size=300), "conn_id": st.text(letters, max_size=140)}
    ),
    "email_address": st.fixed_dictionaries(
        {
            "local": st.from_regex(r"[!-?A-~]{1,20}", fullmatch=True),
            "domain": st.lists(labels, min_size=1, max_size=4).map(".".join),
        }
    ),
    "spiffe_id": st.fixed_dictionaries(
        {
            "trust_domain": st.from_regex(r"[a-z0-9._-]{1,20}", fullmatch=True),
            "path": st.lists(segments, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
        }
    ),
}


@pytest.mark.parametrize("name", sorted(DECODERS))
@settings(max_examples=samples(100))
@given(data=st.data())
def test_what_is_put_together_comes_apart_as_it_was(name: str, data: st.DataObject) -> None:
    """Encoding and decoding are each other's inverse."""
    fields = data.draw(FIELDS[name])
    decoder = DECODERS[name]
    text = decoder.encode(fields)

    assert (decoder.decode(text), set(fields)) == (fields, set(decoder.fields))


@pytest.mark.parametrize("name", sorted(DECODERS))
@settings(max_examples=samples(200))
@given(
    text=st.text(max_size=60)
    | st.text("=-_ACEYZacego0123\n", max_size=30)
    | st.text("a@.-", max_size=20)
    | st.text("/.aA", max_size=20).map("spiffe://".__add__)
    | st.binary(max_size=12).map(lambda raw: urlsafe_b64encode(b"\x0a" + raw).rstrip(b"=").decode())
)
@example(text="spiffe://a/..")
@example(text="\ud800@a")
@example(text="a@\ud800")
def test_no_two_strings_have_the_same_fields(name: str, text: str) -> None:
    """Any string is taken without complaint; one that is read is what its fields make, but for case."""
    decoder = DECODERS[name]
    fields = decoder.decode(text)
    if fields is None:
        return
    written = decoder.encode(fields)

    assert set(fields) == set(decoder.fields)
    if name == "email_address":
        local, _, domain = text.partition("@")
        text = f"{local}@{domain.lower()}"
    assert written == text


UNWRITABLE: list[tuple[str, dict[str, str]]] = [
    ("dex_subject", {"user_id": "", "conn_id": "local"}),
    ("dex_subject", {"user_id": "a"}),
    ("dex_subject", {"user_id": "a", "conn_id": "", "name": "A"}),
    ("dex_subject", {"user_id": "\ud800", "conn_id": ""}),
    ("email_address", {"local": "a", "domain": "X.example"}),
    ("email_address", {"local": "a@b", "domain": "x.example"}),
    ("email_address", {"local": "a"}),
    ("spiffe_id", {"trust_domain": "a", "path": "b"}),
    ("spiffe_id", {"trust_domain": "a/b", "path": "/c"}),
    ("spiffe_id", {"path": "/c"}),
]


@pytest.mark.parametrize(("name", "fields"), UNWRITABLE)
def test_fields_that_no_string_has_are_not_put_together(name: str, fields: dict[str, str]) -> None:
    """An example that the decoder couldn't read would be of no use."""
    with pytest.raises(ValueError, match=r"^an? "):
        DECODERS[name].encode(fields)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dex_subject", "Cg" + "A" * 1_000_000),
        ("dex_subject", "Cv____" + "_" * 1_000_000),
        ("email_address", "a" * 1_000_000),
        ("email_address", "a@" + "a-" * 500_000),
        ("email_address", "@" * 1_000_000),
        ("spiffe_id", "spiffe://a" + "/a" * 500_000),
        ("spiffe_id", "spiffe://" + "a" * 1_000_000),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_million_characters_are_refused_at_once(name: str, text: str) -> None:
    """The time that a string takes is bounded by its length."""
    begun = time.perf_counter()

    assert DECODERS[name].decode(text) is None
    assert time.perf_counter() - begun < 1
