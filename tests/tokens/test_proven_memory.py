"""What proven tokens take is known beforehand, so that their number and their bytes stay within bounds."""

import base64
import itertools
import json
import string
import tracemalloc
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.jose import KeySet, SigningKey, UnverifiedJws, peek, sign
from policy_engine.mapper import ClaimSources, IssuerMapping, Mapper, Sources, load_profile
from policy_engine.model import VerifiedToken
from policy_engine.tokens import Issuer, StaticKeys, TokenRules
from policy_engine.tokens.claims import named_audiences, parse_claims
from policy_engine.tokens.memory import Proven, ProvenTokens, size_of
from tests.plugins.samples import samples

NOW = 1_800_000_000
KEY = SigningKey.generate("EdDSA", kid="corp-1")
KEYS = KeySet.from_jwk(KEY.public_jwk())
ISSUER = Issuer(
    name="corp",
    url="https://login.example.com/realms/corp",
    rules=TokenRules(),
    keys=StaticKeys({"keys": [KEY.public_jwk()]}),
)
# The dearest that operators commonly ask for: one claim read as groups, as roles and as a tag.
MAPPER = Mapper(
    [
        IssuerMapping(
            name="corp",
            profile=load_profile("rfc9068"),
            claims=ClaimSources(user=Sources(groups="groups", roles="groups", tags={"team": "groups"})),
        )
    ]
)
PERSON: dict[str, Any] = {
    "iss": ISSUER.url,
    "sub": "f3b0c1de-93a4-4b52-8d0c-5a1f7e6b2a90",
    "aud": "https://mcp.example.com/github",
    "client_id": "desktop",
    "auth_time": NOW - 60,
    "iat": NOW - 10,
    "exp": NOW + 290,
    "scope": "issues:read issues:write",
}
PAIRS = ["".join(pair) for pair in itertools.product(string.ascii_letters + string.digits, repeat=2)]
IDEOGRAPHS = [chr(0x4E00 + n) for n in range(1230)]


def claims_of(number: int, extra: dict[str, Any]) -> dict[str, Any]:
    """Claims of one of many tokens, no two of which share more than they must."""
    return {**PERSON, "jti": f"{number:032x}", **extra}


def token_of(claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """A token, signed by nobody: what it takes doesn't depend on that."""
    parts = [{"alg": "EdDSA", "typ": "at+jwt", "kid": "corp-1", **(header or {})}, claims]
    texts = [json.dumps(part, separators=(",", ":"), ensure_ascii=False).encode() for part in parts]
    return b".".join(base64.urlsafe_b64encode(text).rstrip(b"=") for text in [*texts, b"s" * 64]).decode()


def proven_of(jws: UnverifiedJws) -> Proven:
    """What the verifier keeps of a token, its principal included."""
    claims = parse_claims(jws.payload)
    token = VerifiedToken(
        issuer="corp",
        header=MappingProxyType(jws.header),
        claims=MappingProxyType(claims),
        audiences=named_audiences(claims, ISSUER.rules),
    )
    MAPPER.map(token)
    return Proven.of(token, ISSUER, jws.header["kid"], KEYS)


def measured(texts: list[str]) -> tuple[float, float]:
    """Bytes that each of some tokens takes once it is kept: really, and by the estimate."""
    memory = ProvenTokens(1_000_000, 1 << 40)
    proven_of(peek(texts[0]))  # what is made but once isn't theirs
    tracemalloc.start()
    estimated = 0
    try:
        before, _ = tracemalloc.get_traced_memory()
        for text in texts:
            jws = peek(text)
            size = size_of(jws)
            memory.keep(text, proven_of(jws), size)
            estimated += size
            del jws
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / len(texts), estimated / len(texts)


COMMON: dict[str, dict[str, Any]] = {
    "small": {"scope": "x"},
    "plain": {},
    "of a large issuer": {
        "name": "Alice Example",
        "email": "alice@example.com",
        "email_verified": True,
        "sid": "0f9d3f1e-5c3a-4f0a-b6ae-6d8f4c1f5a77",
        "acr": "urn:example:loa:2",
        "amr": ["pwd", "otp"],
        "realm_access": {"roles": ["default-roles-corp", "offline_access", "uma_authorization"]},
        "resource_access": {"account": {"roles": ["manage-account", "view-profile"]}},
    },
    "with groups": {"groups": [f"team-{n}" for n in range(20)]},
    "with many groups": {"groups": [f"c1a6d2be-0000-4000-8000-{n:012x}" for n in range(200)]},
}


@pytest.mark.parametrize("extra", COMMON.values(), ids=COMMON)
def test_a_common_token_is_estimated_well(extra: dict[str, Any]) -> None:
    """Never less than it takes, nor more than four times that."""
    real, estimated = measured([token_of(claims_of(n, extra)) for n in range(60)])

    assert real <= estimated <= 4 * real


def nested(depth: int, *, arrays: bool) -> Any:
    """A value within values."""
    value: Any = [] if arrays else {}
    for _ in range(depth):
        value = [value] if arrays else {"": value}
    return value


DENSE: dict[str, dict[str, Any]] = {
    "objects in objects": {"x": [nested(60, arrays=False) for _ in range(36)]},
    "arrays in arrays": {"x": [nested(60, arrays=True) for _ in range(90)]},
    "empty objects": {"x": [{}] * 3600},
    "empty arrays": {"x": [[]] * 3600},
    "objects of one member": {"x": [{"": 0}] * 1300},
    "objects of six members": {"x": [dict.fromkeys("abcdef", 0)] * 300},
    "objects of eleven members": {"x": [dict.fromkeys("abcdefghijk", 0)] * 170},
    "one large object": dict.fromkeys(PAIRS[:1290], 300),
    "integers": {"x": [300] * 2700},
    "fractions": {"x": [1.5] * 2700},
    "texts": {"x": ["ab"] * 2200},
    "wide texts": {"x": ["a😀"] * 1250},
    "one wide text": {"x": "a" * 11_000 + "😀"},
    "scopes": {"scope": " ".join(PAIRS[:3600])},
    "groups": {"groups": PAIRS[:1600]},
    # A set has just grown at these numbers, so that it is at its emptiest.
    "groups in a new set": {"groups": PAIRS[:1230]},
    "wide groups in a new set": {"groups": IDEOGRAPHS},
    "groups in a new small set": {"groups": PAIRS[:77]},
}


@pytest.mark.parametrize("extra", DENSE.values(), ids=DENSE)
def test_the_densest_token_takes_no_more_than_its_estimate(extra: dict[str, Any]) -> None:
    """Whatever the issuer writes, and however little of the token's length it needs for it."""
    real, estimated = measured([token_of(claims_of(n, extra)) for n in range(4)])

    assert real <= estimated


@pytest.mark.parametrize(
    "value",
    [nested(60, arrays=False), [{}] * 90, [{"": {}}] * 90, ["ab"] * 90],
    ids=["nested objects", "empty objects", "objects of one member", "texts"],
)
def test_a_header_counts_as_well(value: Any) -> None:
    """It is kept whole, and somebody may have put more into it than most do."""
    real, estimated = measured([token_of(claims_of(n, {}), {"x": [value] * 10}) for n in range(8)])

    assert real <= estimated


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text("abé", max_size=2), inner, max_size=5)
    ),
    max_leaves=30,
)


@settings(max_examples=samples(150))
@given(value=VALUES, times=st.integers(1, 10))
def test_no_token_takes_more_than_its_estimate(value: Any, times: int) -> None:
    """Any JSON, some times over."""
    real, estimated = measured([token_of(claims_of(n, {"x": [value] * times})) for n in range(4)])

    assert real <= estimated


def distinct(count: int, shapes: list[dict[str, Any]]) -> Iterator[str]:
    """Tokens of some shapes in turn, no two alike."""
    for number in range(count):
        yield token_of(claims_of(number, shapes[number % len(shapes)]))


def peak_of(texts: Iterator[str], keep: Callable[[str], None]) -> int:
    """The most that was in use at once while some tokens were kept."""
    proven_of(peek(next(texts)))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for text in texts:
            keep(text)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "count", [1_000, pytest.param(200_000, marks=pytest.mark.long)], ids=["many tokens", "very many tokens"]
)
def test_memory_stays_below_its_bound(count: int) -> None:
    """However many good tokens come by, of whichever shape."""
    bound = 2 * 1024 * 1024
    kept = ProvenTokens(1_000_000, bound)

    def keep(text: str) -> None:
        jws = peek(text)
        kept.keep(text, proven_of(jws), size_of(jws))

    shapes = [COMMON[name] for name in ("small", "plain", "of a large issuer", "with groups")]
    peak = peak_of(distinct(count, [*shapes, DENSE["groups in a new small set"]]), keep)

    assert 0.1 * bound < peak < bound
    assert 20 < len(kept._kept) < 2000  # noqa: SLF001 -- how many are kept can't be seen otherwise


@pytest.mark.parametrize("most", [2, 100])
def test_their_number_has_a_bound_of_its_own(most: int) -> None:
    """Small tokens, too, are but so many."""
    kept = ProvenTokens(most, 1 << 40)
    proven = proven_of(peek(token_of(claims_of(0, {}))))
    for number in range(10 * most):
        kept.keep(f"token-{number}", proven, 1)

    assert most // 2 <= len(kept._kept) <= most  # noqa: SLF001
    assert kept.find(f"token-{10 * most - 1}") is proven


def test_a_verifier_keeps_a_token_at_its_estimate(corp: Any) -> None:
    """What the tests above measure is what is told to the memory."""
    verifier, token = corp.verifier(), sign(corp.claims, corp.key, typ="at+jwt")
    corp.judge(token, by=verifier)

    assert verifier._proven._kept._bytes == size_of(peek(token))  # noqa: SLF001


def test_a_token_too_large_for_the_memory_isnt_kept(corp: Any) -> None:
    """One token never takes the place of all others; it is proven each time."""
    verifier = corp.verifier(remember_bytes=2 * size_of(peek(corp.mint())))
    small, large = corp.mint(), corp.mint({"groups": PAIRS[:50]})
    proven = [corp.judge(token, by=verifier) for token in (small, large)]

    assert verifier.seen(small, {"corp": frozenset({corp.claims["aud"]})}) is proven[0]
    assert verifier.seen(large, {"corp": frozenset({corp.claims["aud"]})}) is None
    assert corp.judge(large, by=verifier).claims == proven[1].claims
