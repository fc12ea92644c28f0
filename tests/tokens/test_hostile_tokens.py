"""Whatever is sent, a token that isn't good is refused, and nothing but `TokenError` is raised."""

import base64
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.jose import sign

SERVER = "https://mcp.example.com/github"
# The verifier and the keys don't change from one example to the next.
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

CLAIMS = st.sampled_from(
    ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "act", "cnf", "scope"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
) | st.sampled_from([SERVER, [SERVER], "https://login.example.com/realms/corp", 1_800_000_100, "1800000100"])


def part(data: bytes) -> str:
    """Base64url as tokens have it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@SHARED
@given(name=CLAIMS, value=VALUES)
def test_a_changed_claim_breaks_the_signature(corp: Any, name: str, value: Any) -> None:
    """No claim of a token can be changed by who holds it."""
    claims = {**corp.claims, name: value}
    header, payload, signature = corp.mint().split(".")
    changed = part(json.dumps(claims).encode())
    if json.loads(base64.urlsafe_b64decode(payload + "==")) == claims:
        return

    assert isinstance(corp.judge(f"{header}.{changed}.{signature}"), tuple)


@SHARED
@given(changes=st.dictionaries(CLAIMS, VALUES | st.just(...), max_size=4))
def test_signed_claims_of_any_kind_pass_or_are_refused(corp: Any, changes: dict[str, Any]) -> None:
    """Even an issuer that writes nonsense meets only `TokenError`; what passes has what it must have."""
    try:
        token = corp.mint(changes)
    except ValueError:
        return  # the issuer couldn't have signed it either
    verified = corp.judge(token)
    if isinstance(verified, tuple):
        return

    assert verified.issuer == "corp"
    assert verified.claims["iss"] == corp.claims["iss"]
    assert verified.claims["aud"] in (SERVER, [SERVER])
    assert {type(verified.claims[name]) for name in ("sub", "jti", "client_id")} == {str}
    assert {type(verified.claims[name]) for name in ("exp", "iat")} <= {int, float}
    assert verified.claims["exp"] > 1_800_000_000 - 30


@SHARED
@given(token=st.text(max_size=60) | st.binary(max_size=60) | st.none() | st.integers() | st.lists(st.text()))
def test_noise_is_refused(corp: Any, token: Any) -> None:
    """No value of any type raises anything but `TokenError`."""
    assert isinstance(corp.judge(token), tuple)


@SHARED
@given(payload=st.binary(max_size=80))
def test_any_signed_bytes_are_judged(corp: Any, payload: bytes) -> None:
    """A good signature over anything is no token yet."""
    assert isinstance(corp.judge(sign(payload, corp.key, typ="at+jwt")), tuple)


def test_each_changed_character_is_noticed(corp: Any) -> None:
    """Put another character anywhere in a good token, known or not, and it opens nothing."""
    verifier, token = corp.verifier(), corp.mint()
    corp.judge(token, by=verifier)
    for place, right in enumerate(token):
        for wrong in "Aa0_-.".replace(right, ""):
            twin = token[:place] + wrong + token[place + 1 :]
            assert isinstance(corp.judge(twin, by=verifier), tuple)
