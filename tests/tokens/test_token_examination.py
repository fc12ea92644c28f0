"""A token looked at check by check: the same verdict as `verify`, told in the order of the checks."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.errors import TokenError
from policy_engine.jose import SigningKey, sign
from policy_engine.tokens import (
    TOKEN_CHECKS,
    Fetch,
    FetchFailed,
    NoKeys,
    ReadToken,
    RemoteKeys,
    TokenExamination,
    TokenRules,
    Verifier,
    drive,
)
from tests.plugins.samples import samples

SERVER = "https://mcp.example.com/github"
NOW = 1_800_000_000
AUDIENCES = {"corp": frozenset({SERVER})}
NAMES = tuple(TOKEN_CHECKS)


class NoNetwork:
    """Whoever asks it for something shouldn't have."""

    def fetch(self, request: Fetch, /) -> Any:
        """Fail the test."""
        pytest.fail(f"fetched {request.url}")


def look(verifier: Verifier, token: Any, **options: Any) -> TokenExamination:
    """Examine a token; nothing may be fetched."""
    return drive(verifier.examine(token, AUDIENCES, **options), NoNetwork())


def said(found: TokenExamination) -> dict[str, tuple[str, str | None] | None]:
    """Each check that was made, and what it was refused with."""
    return {name: None if error is None else (error.code, error.detail) for name, error in found.made.items()}


def test_a_good_token_passes_every_check(corp: Any) -> None:
    """In the order of the table; it is proven, and what it says may be mapped."""
    found = look(corp.verifier(), corp.mint())

    assert said(found) == dict.fromkeys(NAMES)
    assert list(found.made) == list(NAMES)
    assert (found.proven, found.left_out, found.issuer) == (True, (), "corp")
    assert found.token == ReadToken(
        issuer="corp", header=found.header, claims=corp.claims, audiences=(corp.claims["aud"],)
    )


LATE = {"exp": NOW - 60}
ELSEWHERE = {"aud": "https://other.example.com"}

REFUSALS: dict[str, tuple[Any, str, tuple[str, str | None]]] = {
    "nothing": (None, "form", ("missing_token", None)),
    "noise": ("a.b", "form", ("malformed_token", "not_compact")),
    "no JSON": ("e30.AA.e30", "form", ("malformed_token", "not_json")),
    "another issuer": ({"iss": "https://x.example"}, "issuer", ("unknown_issuer", None)),
    "a missing claim": ({"jti": ...}, "required_claims", ("invalid_claim", "missing_claim")),
    "null": ({"jti": None}, "required_claims", ("invalid_claim", "claim_type")),
    "a number for an id": ({"sub": 7}, "claim_types", ("invalid_claim", "claim_type")),
    "an audience of no form": ({"aud": []}, "claim_types", ("invalid_audience", "audience_form")),
    "another server": (ELSEWHERE, "audience", ("invalid_audience", None)),
    "too late": (LATE, "times", ("expired_token", None)),
    "too early": ({"nbf": NOW + 60}, "times", ("not_yet_valid", None)),
}


@pytest.mark.parametrize(("token", "check", "error"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_names_its_check(corp: Any, token: Any, check: str, error: tuple[str, str | None]) -> None:
    """What came before it passed, and what depends on it isn't reached."""
    compact = corp.mint(token) if isinstance(token, dict) else token

    found = look(corp.verifier(), compact)

    reached = NAMES if check in {"audience", "times"} else NAMES[: NAMES.index(check) + 1]
    assert said(found) == {**dict.fromkeys(reached), check: error}
    assert (found.token is None) is (check not in {"audience", "times"})


def test_header_key_and_type_have_their_checks(corp: Any) -> None:
    """Each refusal of the header stops where it is met."""
    stranger = SigningKey.generate("EdDSA")
    narrow = corp.verifier(TokenRules(algorithms=frozenset({"ES256"})))

    assert said(look(narrow, corp.mint()))["algorithm"] == ("unsupported_algorithm", None)
    unproven = look(corp.verifier(), corp.mint(key=stranger))
    assert list(unproven.made.items())[-1][0] == "signature"
    assert said(unproven)["signature"] == ("invalid_signature", "unknown_key")
    assert (unproven.proven, unproven.token) == (False, None)
    other = look(corp.verifier(), corp.mint(typ="JWT"))
    assert (said(other)["type"], other.proven) == (("invalid_token_type", None), True)
    assert list(other.made)[-1] == "type"


def test_audience_and_times_are_both_looked_at(corp: Any) -> None:
    """Nothing later depends on them, so whoever asks learns of both at once."""
    found = look(corp.verifier(), corp.mint({**LATE, **ELSEWHERE}))

    assert said(found) == {
        **dict.fromkeys(NAMES),
        "audience": ("invalid_audience", None),
        "times": ("expired_token", None),
    }
    assert found.token is not None


def test_without_keys_nothing_is_proven(corp: Any) -> None:
    """Everything else is looked at; a signature by anybody makes no difference."""
    for key in (corp.key, SigningKey.generate("EdDSA")):
        found = look(corp.verifier(), corp.mint(key=key), with_keys=False)

        assert found.left_out == ("keys", "signature")
        assert said(found) == dict.fromkeys(name for name in NAMES if name not in found.left_out)
        assert not found.proven
        assert found.token == ReadToken(
            issuer="corp", header=found.header, claims=corp.claims, audiences=(corp.claims["aud"],)
        )


def test_keys_that_cannot_be_had_leave_the_signature_out(corp: Any) -> None:
    """The refusal is told, and the rest of the token is looked at all the same."""
    for keys, detail in ((NoKeys(), "no_keys"), (unreachable(corp.clock), "fetch_failed")):
        verifier = corp.verifier_with(keys)
        found = drive(verifier.examine(corp.mint(LATE), AUDIENCES), Down())

        assert found.left_out == ("signature",)
        assert not found.proven
        assert said(found) == {
            **dict.fromkeys(name for name in NAMES if name != "signature"),
            "keys": ("keys_unavailable", detail),
            "times": ("expired_token", None),
        }


class Down:
    """A network on which nobody answers."""

    def fetch(self, _request: Fetch, /) -> Any:
        """Fail, as fetchers do."""
        return FetchFailed("refused")


def unreachable(clock: Any) -> RemoteKeys:
    """Keys that an issuer publishes."""
    return RemoteKeys(jwks_uri="https://x.example/jwks", issuer_url="https://x.example", now=clock)


def test_what_is_examined_is_no_verified_token(corp: Any) -> None:
    """And isn't remembered as one: the next call verifies it."""
    verifier = corp.verifier()
    found = look(verifier, corp.mint())

    assert type(found.token) is ReadToken
    assert found.token.sender_constrained is False
    bound = look(verifier, corp.mint({"cnf": {"jkt": "x"}})).token
    assert bound is not None
    assert bound.sender_constrained is True


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [..., None, "", 7, True, [], {}, "alice", [SERVER], SERVER, f"{SERVER}/", NOW + 60, NOW - 60, "https://x"]
)
CHANGES = st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "cnf"]), ODD, max_size=3
)


@settings(max_examples=samples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=CHANGES,
    typ=st.sampled_from(["at+jwt", "JWT", None]),
    signer=st.sampled_from(["corp", "stranger"]),
    spoil=st.tuples(st.integers(min_value=0, max_value=400), st.sampled_from(["", "A", ".", "=", "é"])),
)
def test_an_examination_and_verify_have_one_verdict(
    corp: Any, changes: dict[str, Any], typ: str | None, signer: str, spoil: tuple[int, str]
) -> None:
    """For every token: the first error of the checks is the one that `verify` raises."""
    key = corp.key if signer == "corp" else SigningKey.generate("EdDSA", kid=corp.key.kid)
    token = corp.mint(changes, key=key, typ=typ)
    place, character = spoil
    tokens = [token, token[:place] + character + token[place + 1 :]]
    for each, verifier in product(tokens, (corp.verifier(), corp.verifier_with(NoKeys()))):
        found = look(verifier, each)
        errors = [(error.code, error.detail, error.note) for error in found.made.values() if error]
        try:
            drive(verifier.verify(each, AUDIENCES), NoNetwork())
            expected = []
        except TokenError as error:
            expected = [(error.code, error.detail, error.note)]

        assert errors[:1] == expected
        assert found.proven or expected
        assert list(found.made) == [name for name in NAMES if name in found.made]


def test_noise_never_raises(corp: Any) -> None:
    """Signed bytes that are no claims, and values that are no text."""
    for token in (
        7,
        b"\xff",
        "",
        "a.b.c",
        sign(b"[]", corp.key, typ="at+jwt"),
        sign(b'{"sub":["x"]}', corp.key, typ=None),
    ):
        found = look(corp.verifier(), token)

        assert found.token is None
        assert any(found.made.values())
