"""Every check on the claims of a token whose signature is good."""

from typing import Any

import pytest

from policy_engine.errors import TokenError
from policy_engine.jose import sign
from policy_engine.model import VerifiedToken
from policy_engine.tokens import TokenRules

NOW = 1_800_000_000.0
SERVER = "https://mcp.example.com/github"
NO_AUDIENCES: list[Any] = [None, 7, True, {}, [], [7], [None]]


def test_a_good_token_is_verified(corp: Any) -> None:
    """The result holds the issuer's name here, the header and the claims, as they were signed."""
    verified = corp.judge(corp.mint())

    assert isinstance(verified, VerifiedToken)
    assert (verified.issuer, verified.audiences, verified.introspected) == ("corp", (SERVER,), False)
    assert verified.header == {"alg": "EdDSA", "typ": "at+jwt", "kid": corp.key.kid}
    assert verified.claims == corp.claims


def test_bytes_are_as_good_as_text(corp: Any) -> None:
    """A token is ASCII either way."""
    verifier = corp.verifier()

    assert corp.judge(corp.mint().encode(), by=verifier) == corp.judge(corp.mint(), by=verifier)


def test_what_was_verified_cannot_be_changed(corp: Any) -> None:
    """The same value may serve many requests."""
    verified = corp.judge(corp.mint())

    with pytest.raises(TypeError):
        verified.claims["sub"] = "root"
    with pytest.raises(TypeError):
        verified.header["typ"] = "JWT"


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        *[
            ({name: ...}, "invalid_claim", "missing_claim")
            for name in ("sub", "exp", "iat", "jti", "client_id")
        ],
        *[({name: None}, "invalid_claim", "claim_type") for name in ("sub", "exp", "iat", "jti", "nbf")],
        *[({name: 7}, "invalid_claim", "claim_type") for name in ("sub", "jti", "client_id")],
        *[
            ({name: ["x"]}, "invalid_claim", "claim_type")
            for name in ("sub", "jti", "client_id", "exp", "nbf")
        ],
        *[({name: {}}, "invalid_claim", "claim_type") for name in ("sub", "jti", "client_id", "exp", "iat")],
        *[({name: True}, "invalid_claim", "claim_type") for name in ("exp", "iat", "nbf", "sub")],
        *[({name: f"{NOW:.0f}"}, "invalid_claim", "claim_type") for name in ("exp", "iat", "nbf")],
        *[({name: 10**22}, "invalid_claim", "claim_type") for name in ("exp", "iat", "nbf")],
        *[({name: -(2**53)}, "invalid_claim", "claim_type") for name in ("exp", "iat", "nbf")],
        ({"exp": 2**53}, "invalid_claim", "claim_type"),
        ({"aud": ...}, "invalid_audience", "missing_audience"),
        *[({"aud": aud}, "invalid_audience", "audience_form") for aud in NO_AUDIENCES],
        ({"aud": {SERVER: True}}, "invalid_audience", "audience_form"),
        ({"aud": [SERVER, 7]}, "invalid_audience", "audience_form"),
        ({"aud": [[SERVER]]}, "invalid_audience", "audience_form"),
        ({"aud": [SERVER, "https://other.example"]}, "invalid_audience", "multiple_audiences"),
        ({"aud": [SERVER, SERVER]}, "invalid_audience", "multiple_audiences"),
        ({"aud": ""}, "invalid_audience", None),
        ({"aud": SERVER + "/"}, "invalid_audience", None),
        ({"aud": SERVER[:-1]}, "invalid_audience", None),
        ({"aud": SERVER.upper()}, "invalid_audience", None),
        ({"aud": f" {SERVER}"}, "invalid_audience", None),
        ({"aud": f"{SERVER} https://other.example"}, "invalid_audience", None),
        ({"aud": ["https://other.example"]}, "invalid_audience", None),
        ({"exp": NOW - 30}, "expired_token", None),
        ({"exp": 0}, "expired_token", None),
        ({"exp": -1}, "expired_token", None),
        ({"exp": -0.5}, "expired_token", None),
        ({"nbf": NOW + 30.5}, "not_yet_valid", None),
        ({"iat": NOW + 30.5}, "not_yet_valid", None),
    ],
)
def test_a_wrong_claim_is_refused(corp: Any, changes: dict[str, Any], code: str, detail: str | None) -> None:
    """However good the signature is."""
    assert corp.judge(corp.mint(changes)) == (code, detail)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [SERVER]},
        {"exp": NOW - 29.5},
        {"exp": int(NOW) + 1},
        {"exp": NOW + 0.25},
        {"exp": 2**53 - 1},
        {"nbf": NOW + 30},
        {"iat": NOW + 30},
        {"nbf": ...},
        {"nbf": -5},
        {"iat": 0},
        {"sub": ""},
        {"cnf": {"jkt": "abc"}},
        {"extra": {"deep": [1, None, True]}},
    ],
)
def test_a_right_claim_is_accepted(corp: Any, changes: dict[str, Any]) -> None:
    """The last values that pass; clocks may differ by the leeway."""
    verified = corp.judge(corp.mint(changes))

    assert {name: verified.claims.get(name, ...) for name in changes} == changes


@pytest.mark.parametrize(
    ("leeway", "exp", "code"),
    [(0, NOW, "expired_token"), (0, NOW + 1, None), (60, NOW - 60, "expired_token"), (60, NOW - 59, None)],
)
def test_the_leeway_can_be_set(corp: Any, leeway: int, exp: float, code: str | None) -> None:
    """RFC 7519 section 4.1.4: a token is refused on and after `exp`."""
    verifier = corp.verifier(leeway=leeway)
    if code is None:
        assert corp.judge(corp.mint({"exp": exp}), by=verifier).claims["exp"] == exp
    else:
        assert corp.judge(corp.mint({"exp": exp}), by=verifier) == (code, None)


def test_a_server_that_knows_no_audience_of_the_issuer_is_closed(corp: Any) -> None:
    """Another issuer's audiences, or none at all, open nothing."""
    verifier = corp.verifier(TokenRules(audience_required=False))

    assert corp.judge(corp.mint(), {}, by=verifier) == ("invalid_audience", None)
    assert corp.judge(corp.mint(), {"other": frozenset({SERVER})}, by=verifier) == ("invalid_audience", None)
    assert corp.judge(corp.mint(), {"corp": frozenset()}, by=verifier) == ("invalid_audience", None)
    assert corp.judge(corp.mint({"aud": ...}), {}, by=verifier) == ("invalid_audience", None)


def test_several_audiences_pass_where_the_rules_say_so(corp: Any) -> None:
    """One of them must still be ours, exactly."""
    verifier = corp.verifier(TokenRules(multiple_audiences=True))
    token = corp.mint({"aud": ["https://other.example", SERVER]})

    assert corp.judge(token, by=verifier).claims["sub"] == "alice"
    assert corp.judge(corp.mint({"aud": ["https://other.example", SERVER + "x"]}), by=verifier) == (
        "invalid_audience",
        None,
    )


def test_no_audience_passes_where_the_rules_say_so(corp: Any) -> None:
    """Some issuers write none; one that is written must be right nevertheless."""
    verifier = corp.verifier(TokenRules(audience_required=False))

    assert "aud" not in corp.judge(corp.mint({"aud": ...}), by=verifier).claims
    assert corp.judge(corp.mint({"aud": "https://other.example"}), by=verifier) == ("invalid_audience", None)
    assert corp.judge(corp.mint({"aud": []}), by=verifier) == ("invalid_audience", "audience_form")


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"iat": NOW, "exp": NOW + 630}, True),
        ({"iat": NOW, "exp": NOW + 631}, False),
        ({"iat": NOW - 400, "exp": NOW + 231}, False),
        ({"iat": ..., "exp": NOW + 630}, True),
        ({"iat": ..., "exp": NOW + 631}, False),
    ],
)
def test_a_lifetime_can_be_bounded(corp: Any, changes: dict[str, Any], allowed: object) -> None:
    """From `iat`, or from now where there is none, to `exp`, give or take the leeway."""
    verifier = corp.verifier(TokenRules(max_lifetime=600, required_claims=frozenset({"iss", "sub"})))
    if allowed:
        assert corp.judge(corp.mint(changes), by=verifier).issuer == "corp"
    else:
        assert corp.judge(corp.mint(changes), by=verifier) == ("invalid_claim", "lifetime_too_long")


def test_claims_are_required_as_the_rules_say(corp: Any) -> None:
    """An issuer that can't meet RFC 9068 states its own; `exp` isn't up for choice."""
    verifier = corp.verifier(TokenRules(required_claims=frozenset({"azp"})))
    few = {"sub": ..., "iat": ..., "nbf": ..., "jti": ..., "client_id": ...}

    assert corp.judge(corp.mint({**few, "azp": 7}), by=verifier).claims["azp"] == 7
    assert corp.judge(corp.mint(few), by=verifier) == ("invalid_claim", "missing_claim")
    assert corp.judge(corp.mint({**few, "azp": None}), by=verifier) == ("invalid_claim", "claim_type")
    assert corp.judge(corp.mint({**few, "azp": "x", "exp": ...}), by=verifier) == (
        "invalid_claim",
        "missing_claim",
    )


def test_a_refusal_names_the_claim_and_not_its_value(corp: Any) -> None:
    """Logs are read by many."""
    for changes in ({"jti": ["s3cret"]}, {"aud": "s3cret"}, {"iss": "s3cret"}, {"aud": ["s3cret", "b"]}):
        with pytest.raises(TokenError) as caught:
            next(corp.verifier().verify(corp.mint(changes), {"corp": frozenset({SERVER})}))
        assert next(iter(changes)) in caught.value.note
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("payload", "detail"),
    [
        (b"", "not_json"),
        (b"alice", "not_json"),
        (b'{"iss":"https://login.example.com/realms/corp"} ,', "not_json"),
        (b'{"iss":"x","iss":"https://login.example.com/realms/corp"}', "duplicate_member"),
        (b'{"iss":"https://login.example.com/realms/corp","exp":1,"\\u0065xp":9e9}', "duplicate_member"),
        (b'{"iss":"https://login.example.com/realms/corp","exp":NaN}', "not_finite"),
        (b'{"iss":"https://login.example.com/realms/corp","exp":Infinity}', "not_finite"),
        (b'{"iss":"https://login.example.com/realms/corp","exp":1e999}', "not_finite"),
        (b'{"iss":"\\ud800"}', "lone_surrogate"),
        (b'{"iss":"\xff"}', "not_utf8"),
        (b"[" * 100 + b"]" * 100, "too_deep"),
        (b'["iss"]', "payload_form"),
        (b"null", "payload_form"),
        (b'"https://login.example.com/realms/corp"', "payload_form"),
    ],
)
def test_claims_are_one_strict_json_object(corp: Any, payload: bytes, detail: str) -> None:
    """A payload that two readers could read differently is refused before anything else is asked of it."""
    assert corp.judge(sign(payload, corp.key, typ="at+jwt")) == (
        "malformed_token",
        detail,
    )
