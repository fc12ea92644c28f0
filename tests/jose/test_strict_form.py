"""One token has one spelling, and nothing else is read."""

import re
from collections.abc import Callable

import pytest

from policy_engine.errors import JoseError
from policy_engine.jose import MAX_TOKEN_BYTES, SigningKey, UnverifiedJws, peek, sign, verify

Craft = Callable[[bytes, bytes, SigningKey], str]


def refusal(token: str | bytes, key: SigningKey) -> tuple[str, str | None]:
    """The code and detail that a token is refused with."""
    with pytest.raises(JoseError) as caught:
        verify(token, key.public_jwk(), [key.algorithm])
    return caught.value.code, caught.value.detail


def test_peek_tells_what_a_token_claims(key: SigningKey, craft: Craft) -> None:
    """Header, payload, signing input and signature come apart, unverified."""
    token = craft(b'{"alg":"none"}', b'{"iss":"x"}', key)
    signing_input, _, _ = token.rpartition(".")

    assert peek(token) == UnverifiedJws(
        header={"alg": "none"},
        payload=b'{"iss":"x"}',
        signing_input=signing_input.encode(),
        signature=key.signature(signing_input.encode()),
    )


@pytest.mark.parametrize(
    ("spoil", "detail"),
    [
        pytest.param(lambda _: "", "not_compact", id="empty"),
        pytest.param(lambda t: t.rpartition(".")[0], "not_compact", id="two parts"),
        pytest.param(lambda t: t + ".", "not_compact", id="four parts"),
        pytest.param(lambda t: t + ".e30.e30", "not_compact", id="five parts, as a JWE has"),
        pytest.param(lambda t: t + "=", "not_base64url", id="padding"),
        pytest.param(lambda t: t + "\n", "not_base64url", id="line feed"),
        pytest.param(lambda t: " " + t, "not_base64url", id="blank"),
        pytest.param(lambda t: t.replace(".", ".+", 1), "not_base64url", id="plus"),
        pytest.param(lambda t: t.replace(".", "./", 1), "not_base64url", id="slash"),
        pytest.param(lambda t: re.sub(r"\..*\.", ".A.", t), "not_base64url", id="one character"),
        pytest.param(lambda t: t.replace(".", "\u00e9.", 1), "not_ascii", id="not ASCII"),
        pytest.param(lambda t: t + "\u0130", "not_ascii", id="a letter that lower-cases to ASCII"),
        pytest.param(lambda t: "." + t.partition(".")[2], "not_json", id="empty header"),
        pytest.param(lambda t: t + "A" * MAX_TOKEN_BYTES, "too_long", id="too long"),
    ],
)
def test_a_misspelt_token_is_refused(key: SigningKey, spoil: Callable[[str], str], detail: str) -> None:
    """A good token, spelt otherwise, isn't one."""
    token = sign({"iss": "x"}, key, typ="at+jwt")

    assert refusal(spoil(token), key) == ("malformed_token", detail)


def test_stray_bits_are_refused(key: SigningKey) -> None:
    """64 bytes leave four bits of the last character unused; only zeroes are right there."""
    token = sign({"iss": "x"}, key, typ=None)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]

    assert refusal(twin, key) == ("malformed_token", "not_base64url")


def test_a_token_is_text() -> None:
    """What isn't text is refused like any other malformed token."""
    with pytest.raises(JoseError, match="not_compact"):
        peek(None)  # type: ignore[arg-type]  # hostile on purpose


def test_bytes_are_as_good_as_text(key: SigningKey) -> None:
    """The two forms are one token, and bytes that aren't ASCII are none."""
    token = sign({"iss": "x"}, key, typ=None)

    assert peek(token.encode()) == peek(token)
    assert refusal(token.encode() + b"\xff", key) == ("malformed_token", "not_ascii")


def test_the_longest_token_is_read(key: SigningKey) -> None:
    """The cap is the last length that passes."""
    empty = len(sign(b"", key, typ=None))
    room = (MAX_TOKEN_BYTES - empty) * 3 // 4
    token = sign(b"x" * room, key, typ=None)

    assert MAX_TOKEN_BYTES - 2 <= len(token) <= MAX_TOKEN_BYTES
    assert verify(token, key.public_jwk(), ["EdDSA"]).payload == b"x" * room


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (b"", "not_json"),
        (b'{"alg":"EdDSA"', "not_json"),
        (b'{"alg":"EdDSA"} {}', "not_json"),
        (b'\xef\xbb\xbf{"alg":"EdDSA"}', "not_json"),
        (b'{"alg":"EdDSA","kid":"\xff"}', "not_utf8"),
        (b'{"alg":"none","alg":"EdDSA"}', "duplicate_member"),
        (b'{"alg":"EdDSA","\\u0061lg":"EdDSA"}', "duplicate_member"),
        (b'{"alg":"EdDSA","x":{"y":1,"y":1}}', "duplicate_member"),
        (b'{"alg":"EdDSA","x":NaN}', "not_finite"),
        (b'{"alg":"EdDSA","x":"\\ud800"}', "lone_surrogate"),
        (b'{"alg":"EdDSA","x":' + b"[" * 70 + b"]" * 70 + b"}", "too_deep"),
        (b'["EdDSA"]', "header_form"),
        (b'"EdDSA"', "header_form"),
        (b"null", "header_form"),
        (b"{}", "header_form"),
        (b'{"alg":null}', "header_form"),
        (b'{"alg":["EdDSA"]}', "header_form"),
        (b'{"alg":"EdDSA","kid":7}', "header_form"),
        (b'{"alg":"EdDSA","kid":null}', "header_form"),
        (b'{"alg":"EdDSA","crit":[]}', "critical_header"),
        (b'{"alg":"EdDSA","crit":["exp"],"exp":1}', "critical_header"),
        (b'{"alg":"EdDSA","b64":true}', "critical_header"),
        (b'{"alg":"EdDSA","jku":"https://attacker.example/jwks"}', "embedded_key"),
        (b'{"alg":"EdDSA","x5u":"https://attacker.example/cert"}', "embedded_key"),
        (b'{"alg":"EdDSA","jwk":{"kty":"OKP"}}', "embedded_key"),
        (b'{"alg":"EdDSA","x5c":[]}', "embedded_key"),
    ],
)
def test_a_header_is_strict_json_without_extensions(
    key: SigningKey, craft: Craft, header: bytes, detail: str
) -> None:
    """However good the signature, a header that could be read in two ways is refused."""
    assert refusal(craft(header, b"{}", key), key) == ("malformed_token", detail)


def test_members_that_are_not_understood_are_ignored(key: SigningKey, craft: Craft) -> None:
    """RFC 7515 section 4: unless they are critical."""
    token = craft(b'{"alg":"EdDSA","x5t":"abc","cty":"x","acme":{"a":1}}', b"{}", key)

    assert verify(token, key.public_jwk(), ["EdDSA"]).header == {
        "alg": "EdDSA",
        "x5t": "abc",
        "cty": "x",
        "acme": {"a": 1},
    }
