"""The checks that come before the claims: form, issuer, algorithm, key, signature, type."""

import base64
from typing import Any

import pytest

from policy_engine.errors import ConfigError, JoseError
from policy_engine.jose import ALGORITHMS, MAX_TOKEN_BYTES, SigningKey
from policy_engine.tokens import StaticKeys, TokenRules, Verifier

CORP = "https://login.example.com/realms/corp"


@pytest.mark.parametrize("token", [None, "", b""], ids=repr)
def test_no_token_is_no_token(corp: Any, token: Any) -> None:
    """RFC 6750 section 3.1: a caller without credentials is told so without an error code."""
    assert corp.judge(token) == ("missing_token", None)


@pytest.mark.parametrize(
    ("token", "detail"),
    [
        ("alice", "not_compact"),
        ("a.b", "not_compact"),
        ("..", "not_json"),
        (" ", "not_compact"),
        ("Bearer a.b.c", "not_base64url"),
        ("\ud800.\ud800.\ud800", "not_ascii"),
        ("a." * MAX_TOKEN_BYTES, "too_long"),
        (b"\xff.a.a", "not_ascii"),
        (7, "not_compact"),
        ({"alg": "none"}, "not_compact"),
    ],
)
def test_a_malformed_token_is_refused(corp: Any, token: Any, detail: str) -> None:
    """The refusals of `jose` come out as refusals of tokens."""
    assert corp.judge(token) == ("malformed_token", detail)


@pytest.mark.parametrize(
    "iss",
    [..., None, 7, [CORP], "", CORP + "/", CORP.upper(), f"{CORP} ", CORP.replace("https", "http"), "corp"],
)
def test_an_issuer_is_compared_exactly(corp: Any, iss: Any) -> None:
    """A slash more is another issuer."""
    assert corp.judge(corp.mint({"iss": iss})) == ("unknown_issuer", None)


def test_the_keys_of_one_issuer_prove_nothing_for_another(corp: Any) -> None:
    """RFC 8725 section 3.8: each issuer is verified with its own keys, though names of keys collide."""
    own = SigningKey.generate("EdDSA", kid=corp.key.kid)
    keys = StaticKeys({"keys": [own.public_jwk()]})
    partner = corp.issuer(name="partner", url="https://idp.partner.example", keys=keys)
    verifier = Verifier([corp.issuer(), partner], corp.clock)
    claims = {"iss": "https://idp.partner.example"}

    assert corp.judge(corp.mint(claims, key=own), by=verifier).issuer == "partner"
    assert corp.judge(corp.mint(claims), by=verifier) == ("invalid_signature", "wrong_signature")
    assert corp.judge(corp.mint(key=own), by=verifier) == ("invalid_signature", "wrong_signature")


def test_a_key_that_the_issuer_does_not_have_is_unknown(corp: Any) -> None:
    """A token signed by anybody says so by its `kid`."""
    assert corp.judge(corp.mint(key=SigningKey.generate("EdDSA"))) == (
        "invalid_signature",
        "unknown_key",
    )


def test_an_algorithm_that_the_issuer_does_not_use_is_refused(corp: Any) -> None:
    """Its keys would verify the token; its rules don't let them."""
    assert corp.judge(corp.mint(), by=corp.verifier(TokenRules(algorithms=frozenset({"ES256"})))) == (
        "unsupported_algorithm",
        None,
    )


@pytest.mark.parametrize("names", [frozenset(), frozenset({"HS256"}), frozenset({"RS256", "none"})])
def test_rules_name_supported_algorithms(names: frozenset[str]) -> None:
    """An issuer can't be configured to use `none`, HMAC, or nothing."""
    with pytest.raises(ConfigError) as caught:
        TokenRules(algorithms=names)

    assert caught.value.remedy.startswith("name some of `ES256`")


def test_the_default_rules_are_those_of_rfc_9068() -> None:
    """What a caller leaves out is strict."""
    rules = TokenRules()

    assert rules.algorithms == frozenset(ALGORITHMS)
    assert rules.types == {"at+jwt"}
    assert rules.required_claims == {"iss", "sub", "exp", "iat", "jti", "client_id"}
    assert (rules.multiple_audiences, rules.audience_required, rules.max_lifetime) == (False, True, None)


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])
def test_the_type_of_an_access_token_has_several_spellings(corp: Any, typ: str) -> None:
    """RFC 9068 section 4 and RFC 7515 section 4.1.9: without regard to case, `application/` understood."""
    assert corp.judge(corp.mint(typ=typ)).header["typ"] == typ


@pytest.mark.parametrize(
    "typ",
    [None, "", "JWT", "at+jwt ", "x/at+jwt", "application/application/at+jwt", "logout+jwt", "at+jwt;v=1"],
)
def test_another_type_is_refused(corp: Any, typ: str | None) -> None:
    """An ID token or a logout token of the same issuer is no access token."""
    assert corp.judge(corp.mint(typ=typ)) == ("invalid_token_type", None)


@pytest.mark.parametrize(
    ("types", "typ", "allowed"),
    [
        ({"JWT"}, "JWT", True),
        ({"JWT"}, "jwt", True),
        ({"JWT"}, None, False),
        ({"JWK"}, "JW\u212a", False),
        ({None}, None, True),
        ({None}, "JWT", False),
        ({None, "application/at+jwt"}, "at+jwt", True),
        (set(), "at+jwt", False),
        (set(), None, False),
    ],
)
def test_the_rules_say_which_types(
    corp: Any, types: set[str | None], typ: str | None, allowed: object
) -> None:
    """`None` stands for a header without `typ`, and for nothing else."""
    verifier = corp.verifier(TokenRules(types=frozenset(types)))
    if allowed:
        assert corp.judge(corp.mint(typ=typ), by=verifier).header.get("typ") == typ
    else:
        assert corp.judge(corp.mint(typ=typ), by=verifier) == ("invalid_token_type", None)


@pytest.mark.parametrize("typ", [b"null", b"7", b'["at+jwt"]', b"{}", b"true"])
def test_a_type_is_text(corp: Any, typ: bytes) -> None:
    """`typ: null` isn't an absent `typ`."""
    header = base64.urlsafe_b64encode(b'{"alg":"EdDSA","typ":%s}' % typ).rstrip(b"=").decode()
    signing_input = f"{header}.{corp.mint().split('.')[1]}"
    signature = base64.urlsafe_b64encode(corp.key.signature(signing_input.encode())).rstrip(b"=").decode()

    verifier = corp.verifier(TokenRules(types=frozenset({None, "at+jwt"})))

    assert corp.judge(f"{signing_input}.{signature}", by=verifier) == ("invalid_token_type", None)


def test_a_token_that_brings_its_key_is_refused(corp: Any) -> None:
    """Not only ignored: whoever writes `jku` hopes that somebody reads it."""
    header = (
        base64.urlsafe_b64encode(b'{"alg":"EdDSA","jku":"https://attacker.example"}').rstrip(b"=").decode()
    )
    _, payload, signature = corp.mint().split(".")

    assert corp.judge(f"{header}.{payload}.{signature}") == (
        "malformed_token",
        "embedded_key",
    )


@pytest.mark.parametrize(
    "twins",
    [
        [("corp", CORP, ""), ("corp", "https://idp.partner.example", "")],
        [("corp", CORP, ""), ("partner", CORP, "")],
        [("corp", CORP, "td.example"), ("partner", "https://idp.partner.example", "td.example")],
    ],
)
def test_issuers_must_differ(corp: Any, twins: list[tuple[str, str, str]]) -> None:
    """Two issuers with one name, one `iss` or one trust domain would vouch for each other's people."""
    issuers = [corp.issuer(name=name, url=url, trust_domain=domain) for name, url, domain in twins]
    with pytest.raises(ConfigError):
        Verifier(issuers, corp.clock)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": ..., "sub": "spiffe://td.example/ci/bot"}, None),
        ({"iss": "spiffe://td.example", "sub": "spiffe://td.example/ci/bot"}, None),
        ({"iss": ..., "sub": "spiffe://td.example"}, "unknown_issuer"),
        ({"iss": ..., "sub": "spiffe://td.example/"}, "unknown_issuer"),
        ({"iss": ..., "sub": "spiffe://td.example.attacker.example/ci"}, "unknown_issuer"),
        ({"iss": ..., "sub": "spiffe://other.example/td.example/ci"}, "unknown_issuer"),
        ({"iss": ..., "sub": "spiffe:///ci"}, "unknown_issuer"),
        ({"iss": ..., "sub": "https://td.example/ci"}, "unknown_issuer"),
        ({"iss": ..., "sub": ["spiffe://td.example/ci"]}, "unknown_issuer"),
        ({"iss": ..., "sub": ...}, "unknown_issuer"),
        ({"iss": None, "sub": "spiffe://td.example/ci/bot"}, "unknown_issuer"),
        ({"iss": CORP, "sub": "spiffe://td.example/ci/bot"}, "unknown_issuer"),
    ],
)
def test_a_token_without_issuer_belongs_to_its_trust_domain(
    corp: Any, claims: dict[str, Any], code: str | None
) -> None:
    """SPIFFE tokens need no `iss`; then their `sub` names the trust domain, exactly."""
    rules = TokenRules(required_claims=frozenset({"sub", "aud"}))
    mesh = corp.issuer(rules, name="mesh", url="spiffe://td.example", trust_domain="td.example")
    verifier = Verifier([mesh], corp.clock)
    if code is None:
        assert corp.judge(corp.mint(claims), by=verifier).issuer == "mesh"
    else:
        assert corp.judge(corp.mint(claims), by=verifier) == (code, None)


@pytest.mark.parametrize(
    ("jwks", "detail"),
    [
        ({"keys": []}, "no_usable_key"),
        ({"keys": [{"kty": "AKP", "pub": "AA"}]}, "no_usable_key"),
        ({"keys": [{"kty": "oct", "k": "AA"}]}, "symmetric_key"),
        ({"keys": [SigningKey.generate("EdDSA").public_jwk(), {"kty": "oct", "k": "AA"}]}, "symmetric_key"),
        ({"keys": [SigningKey.generate("EdDSA").to_jwk()]}, "private_key"),
        ({}, "set_form"),
        ([], "set_form"),
    ],
)
def test_keys_that_are_written_down_are_checked_at_once(jwks: object, detail: str) -> None:
    """An operator learns on load that no token could pass, or that a secret stands where none belongs."""
    with pytest.raises(JoseError) as caught:
        StaticKeys(jwks)

    assert (caught.value.code, caught.value.detail) == ("unusable_key", detail)
