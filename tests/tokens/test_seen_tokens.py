"""A token that was proven before is answered without a step, and answered as any other."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policy_engine.errors import TokenError
from policy_engine.jose import SigningKey
from policy_engine.model import VerifiedToken
from policy_engine.tokens import ReadToken, StaticKeys, TokenRules, Verifier, drive
from tests.plugins.samples import samples
from tests.tokens.conftest import AUDIENCES, NOW, SERVER, ChangingKeys, NoNetwork

OTHER, THIRD = "https://mcp.example.com/other", "https://mcp.example.com/third"
LIFETIME, LEEWAY = 300, 30
PARTS = ("issuer", "header", "claims", "audiences", "introspected")
Answer = VerifiedToken | tuple[str, str | None] | None


def seen(verifier: Verifier, token: Any, audiences: Any = AUDIENCES) -> Answer:
    """What is known of a token: what it is, why it is refused, or that somebody has to look."""
    try:
        return verifier.seen(token, audiences)
    except TokenError as error:
        return error.code, error.detail


def told(answer: object) -> object:
    """The whole of an answer, to be compared: tokens themselves are one only if they are the same object."""
    if isinstance(answer, VerifiedToken | ReadToken):
        return [getattr(answer, name) for name in PARTS]
    return answer


def looked_at(verifier: Verifier, token: str, audiences: Any) -> object:
    """The same by the checks one by one, which know nothing of what is certain and of what is remembered."""
    found = drive(verifier.examine(token, audiences), NoNetwork())
    errors = [(error.code, error.detail) for error in found.made.values() if error is not None]
    return errors[0] if errors else told(found.token)


def times(*around: float) -> st.SearchStrategy[Any]:
    """Moments about some others: whole, broken, and just before or after; or a claim that isn't there."""
    moments = [NOW + each + by for each in around for by in (-LEEWAY, 0, LEEWAY)]
    edges = [moment + by for moment in moments for by in (-1, -0.5, -1e-6, 0, 1e-6, 0.5, 1)]
    return st.sampled_from([..., *edges, *(int(edge) for edge in edges), 0, -7.5])


ISSUED = times(-LIFETIME, 0, LIFETIME)
EXPIRES = times(-LIFETIME, 0, LIFETIME).filter(lambda moment: moment is not ...)
RULES = st.builds(
    TokenRules,
    required_claims=st.just(frozenset({"iss"})),
    max_lifetime=st.sampled_from([None, 0, LIFETIME, 2 * LIFETIME]),
    multiple_audiences=st.booleans(),
    audience_required=st.booleans(),
    audience_claims=st.sampled_from([("aud",), ("aud", "client_id"), ("azp", "aud")]),
)
CLAIMED = st.sampled_from(
    [..., SERVER, OTHER, [SERVER], [OTHER], [SERVER, OTHER], [OTHER, THIRD], [SERVER, SERVER]]
)
MOMENTS = st.tuples(
    st.sampled_from(["exp", "nbf", "iat"]),
    st.sampled_from([by + least for by in (-LEEWAY, 0, LEEWAY) for least in (-1, -1e-6, 0, 1e-6, 1)]),
)
"""Times to ask at: about those of the token, where answers change."""

ACCEPTED = st.sampled_from(
    [
        {"corp": frozenset({SERVER})},
        {"corp": frozenset({SERVER, OTHER})},
        {"corp": frozenset({"desktop"}), "partner": frozenset({SERVER})},
        {"corp": frozenset[str]()},
        {"partner": frozenset({SERVER})},
        {},
    ]
)


@settings(max_examples=samples(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claims=st.fixed_dictionaries({"exp": EXPIRES, "nbf": ISSUED, "iat": ISSUED, "aud": CLAIMED}),
    rules=RULES,
    leeway=st.sampled_from([0, LEEWAY]),
    calls=st.lists(st.tuples(ACCEPTED, MOMENTS), min_size=1, max_size=8),
)
@example(
    claims={"exp": NOW + 300, "nbf": NOW, "iat": NOW, "aud": SERVER},
    rules=TokenRules(max_lifetime=300),
    leeway=0,
    calls=[(AUDIENCES, (name, by)) for name in ("iat", "exp") for by in (-1e-6, 0, 1e-6)],
)
def test_what_is_seen_is_what_would_be_verified(
    corp: Any,
    claims: dict[str, Any],
    rules: TokenRules,
    leeway: int,
    calls: list[tuple[Any, tuple[str, float]]],
) -> None:
    """Whatever a token says, a rule asks and a server accepts, at any time: one answer, seen or not."""
    token = corp.mint(claims)
    remembering = corp.verifier(rules, leeway=leeway)
    corp.judge(token, by=remembering)  # whether it is good just now doesn't matter: it is proven
    for audiences, (name, by) in calls:
        corp.clock.time = (NOW if claims[name] is ... else claims[name]) + by
        forgetful = corp.verifier(rules, leeway=leeway, remember=0)
        expected = looked_at(forgetful, token, audiences)

        assert told(corp.judge(token, audiences, by=forgetful)) == expected
        assert told(seen(remembering, token, audiences)) == expected
        assert told(corp.judge(token, audiences, by=remembering)) == expected


def test_only_what_was_proven_is_seen(corp: Any) -> None:
    """Neither what nobody looked at, nor what was refused, nor what is no token."""
    verifier, good = corp.verifier(), corp.mint()
    stranger = corp.mint(key=SigningKey.generate("EdDSA", kid=corp.key.kid))
    corp.judge(stranger, by=verifier)
    corp.judge(corp.mint({"exp": "soon"}), by=verifier)
    no_tokens = (None, "", b"", "é", b"\xff", 7, ["a"], "a.b.c", "x" * 20_000)

    assert [seen(verifier, token) for token in (good, stranger, corp.mint({"exp": "soon"}))] == [None] * 3
    assert [seen(verifier, token) for token in no_tokens] == [None] * len(no_tokens)


def test_what_is_seen_is_the_very_token(corp: Any) -> None:
    """So what was made of it once is at hand; as text and as bytes."""
    verifier, token = corp.verifier(), corp.mint()
    proven = corp.judge(token, by=verifier)

    assert seen(verifier, token) is proven
    assert seen(verifier, token.encode()) is proven


@pytest.mark.parametrize(
    "spoil",
    [lambda t: t[:-1], lambda t: t + "A", lambda t: f" {t}", str.swapcase],
    ids=["shorter", "longer", "indented", "in other letters"],
)
def test_another_spelling_isnt_seen(corp: Any, spoil: Callable[[str], str]) -> None:
    """A token is known by each of its characters."""
    verifier, token = corp.verifier(), corp.mint()
    corp.judge(token, by=verifier)

    assert seen(verifier, spoil(token)) is None


def test_a_token_is_seen_for_each_server_anew(corp: Any) -> None:
    """That it opens one server says nothing of the next."""
    verifier, token = corp.verifier(), corp.mint()
    proven = corp.judge(token, by=verifier)
    other = {"corp": frozenset({OTHER})}

    assert seen(verifier, token, other) == ("invalid_audience", None)
    assert seen(verifier, token, {}) == ("invalid_audience", None)
    assert seen(verifier, token) is proven


def test_keys_that_were_replaced_prove_nothing_any_more(corp: Any) -> None:
    """Not even where the new ones hold the same key: whoever published them has to be asked."""
    keys = ChangingKeys(corp.key)
    verifier, token = corp.verifier_with(keys), corp.mint()
    corp.judge(token, by=verifier)
    before = seen(verifier, token)
    answers = []
    for published in ([SigningKey.generate("EdDSA", kid=corp.key.kid)], [corp.key]):
        keys.change(*published)
        answers.append(seen(verifier, token))
    anew = corp.judge(token, by=verifier)

    assert isinstance(before, VerifiedToken)
    assert answers == [None, None]
    assert seen(verifier, token) is anew


def test_each_issuer_answers_for_its_own_keys(corp: Any) -> None:
    """A change of keys at one issuer leaves the tokens of the others seen."""
    changing = ChangingKeys(corp.key)
    partner = corp.issuer(name="partner", url="https://partner.example", keys=changing)
    verifier = Verifier([corp.issuer(), partner], corp.clock)
    ours, theirs = corp.mint(), corp.mint({"iss": "https://partner.example"})
    proven = [corp.judge(token, by=verifier) for token in (ours, theirs)]
    both = [seen(verifier, token) for token in (ours, theirs)]
    changing.change(corp.key)

    assert both == proven
    assert seen(verifier, ours) is proven[0]
    assert seen(verifier, theirs) is None


def test_an_examination_makes_no_token_seen(corp: Any) -> None:
    """People who ask why leave no trace."""
    verifier, token = corp.verifier(), corp.mint()
    found = drive(verifier.examine(token, AUDIENCES), NoNetwork())

    assert found.proven
    assert seen(verifier, token) is None
    assert len(verifier._proven._kept) == 0  # noqa: SLF001 -- what is not kept can't be seen otherwise


def test_a_seen_token_is_examined_as_any_other(corp: Any) -> None:
    """What is remembered changes nothing of what is shown."""
    verifier, token = corp.verifier(), corp.mint()
    corp.judge(token, by=verifier)
    corp.clock.time += 10_000
    looks = [drive(each.examine(token, AUDIENCES), NoNetwork()) for each in (verifier, corp.verifier())]

    assert [look.token for look in looks] == [looks[0].token] * 2
    for look in looks:
        assert [(name, str(error)) for name, error in look.made.items() if error] == [
            ("times", "expired_token: `exp` is over")
        ]


def test_an_opaque_token_is_never_seen(opaque: Any, ask: Callable[..., Any]) -> None:
    """What its issuer says of it may change by the minute; the issuer is asked, as its answers allow."""
    verifier = opaque.verifier()
    token = opaque.give("opaque-1")

    assert isinstance(ask(verifier, token), VerifiedToken)
    assert verifier.seen(token, AUDIENCES) is None
    opaque.server.tokens.pop("opaque-1")
    opaque.clock.time += 10_000
    assert ask(verifier, token) == ("inactive_token", None)


def test_with_no_memory_nothing_is_seen(corp: Any) -> None:
    """As the operator wishes."""
    verifier, token = corp.verifier(remember=0), corp.mint()
    corp.judge(token, by=verifier)

    assert seen(verifier, token) is None


def test_keys_that_an_operator_wrote_down_are_always_current(corp: Any) -> None:
    """For every name, since none can be asked for anew."""
    keys = StaticKeys({"keys": [corp.key.public_jwk()]})

    assert {keys.current(kid) for kid in (None, "corp-1", "unknown")} == {keys.current(None)}
    assert keys.current(None) is drive(keys.keys(None), NoNetwork())
