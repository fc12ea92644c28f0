"""A signature is checked once; everything that can change is checked each time."""

from typing import Any

from policy_engine.jose import SigningKey
from policy_engine.model import VerifiedToken
from policy_engine.tokens import Verifier
from tests.tokens.conftest import ChangingKeys


def test_a_token_is_proven_once(corp: Any) -> None:
    """The second time, the same value comes back, for bytes as for text."""
    verifier = corp.verifier()
    first = corp.judge(corp.mint(), by=verifier)

    assert corp.judge(corp.mint(), by=verifier) is first
    assert corp.judge(corp.mint().encode(), by=verifier) is first


def test_nothing_need_be_remembered(corp: Any) -> None:
    """With room for none, each call proves the token anew."""
    verifier = corp.verifier(remember=0)
    first, second = corp.judge(corp.mint(), by=verifier), corp.judge(corp.mint(), by=verifier)

    assert isinstance(first, VerifiedToken)
    assert (second.header, second.claims, second is first) == (first.header, first.claims, False)


def test_time_passes_for_a_remembered_token(corp: Any) -> None:
    """What was good a while ago expires like any other."""
    verifier, token = corp.verifier(), corp.mint()
    first = corp.judge(token, by=verifier)
    answers = []
    for step in (329, 1, -1000):
        corp.clock.time += step
        answers.append(corp.judge(token, by=verifier))

    assert answers == [first, ("expired_token", None), ("not_yet_valid", None)]


def test_a_remembered_token_does_not_open_another_server(corp: Any) -> None:
    """The audience is the server's question, asked each time."""
    verifier, token = corp.verifier(), corp.mint()
    other = {"corp": frozenset({"https://mcp.example.com/other"})}

    assert isinstance(corp.judge(token, by=verifier), VerifiedToken)
    assert corp.judge(token, other, by=verifier) == ("invalid_audience", None)
    assert corp.judge(token, {}, by=verifier) == ("invalid_audience", None)


def test_a_withdrawn_key_ends_its_remembered_tokens(corp: Any) -> None:
    """What counts is whether the issuer's keys prove the token now."""
    keys = ChangingKeys(corp.key)
    verifier, token = Verifier([corp.issuer(keys=keys)], corp.clock), corp.mint()
    first = corp.judge(token, by=verifier)
    answers = []
    for published in (
        [SigningKey.generate("EdDSA")],
        [SigningKey.generate("EdDSA", kid=corp.key.kid)],
        [SigningKey.generate("EdDSA"), corp.key],
    ):
        keys.change(*published)
        answers.append(corp.judge(token, by=verifier))

    assert isinstance(first, VerifiedToken)
    assert answers[:2] == [("invalid_signature", "unknown_key"), ("invalid_signature", "wrong_signature")]
    assert answers[2].claims == first.claims


def test_the_token_used_least_lately_is_forgotten(corp: Any) -> None:
    """Memory is bounded, however many good tokens there are."""
    verifier = corp.verifier(remember=2)
    a, b, c = (corp.mint({"jti": name}) for name in "abc")
    seen = {token: corp.judge(token, by=verifier) for token in (a, b, a, c)}

    assert corp.judge(a, by=verifier) is seen[a]
    assert corp.judge(c, by=verifier) is seen[c]
    assert corp.judge(b, by=verifier) is not seen[b]


def test_a_refused_token_is_not_remembered(corp: Any) -> None:
    """Nobody without a key of the issuer fills the memory."""
    verifier = corp.verifier()
    stranger = SigningKey.generate("EdDSA", kid=corp.key.kid)
    answers = [
        corp.judge(token, by=verifier)
        for token in (corp.mint(key=stranger), corp.mint(typ="JWT"), corp.mint({"exp": True}))
    ]

    assert [code for code, _ in answers] == ["invalid_signature", "invalid_token_type", "invalid_claim"]
    assert len(verifier._proven._kept) == 0  # noqa: SLF001 -- what is not kept can't be seen otherwise


def test_tokens_themselves_are_not_kept(corp: Any) -> None:
    """A dump of the memory holds nothing that could be replayed."""
    verifier, token = corp.verifier(), corp.mint()
    corp.judge(token, by=verifier)
    memory = verifier._proven._kept  # noqa: SLF001 -- what is kept can't be seen otherwise
    kept = {**memory._old, **memory._young}  # noqa: SLF001

    assert [(type(key), len(key)) for key in kept] == [(bytes, 32)]
    for part in token.split("."):
        assert part not in repr(kept)
