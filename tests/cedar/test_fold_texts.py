"""Texts of extension values, and patterns, are read as Cedar reads them."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Authorizer, CedarRequest, parse_policies
from policy_engine.cedar.fold import KnownEntities, PartialRequest, fold_policy
from policy_engine.cedar.syntax import tree_of
from policy_engine.cedar.syntax.strings import quoted_pattern
from policy_engine.model import EntityUid
from tests.plugins.samples import samples

SOMEBODY = EntityUid("User", "a")

QUESTIONS = {
    "decimal": [
        "decimal(context.a) == decimal(context.b)",
        "decimal(context.a).lessThan(decimal(context.b))",
    ],
    "ip": [
        "ip(context.a) == ip(context.b)",
        "ip(context.a).isInRange(ip(context.b))",
        "ip(context.a).isIpv4()",
        "ip(context.a).isLoopback()",
        "ip(context.a).isMulticast()",
    ],
    "datetime": [
        "datetime(context.a) == datetime(context.b)",
        "datetime(context.a) < datetime(context.b)",
        "datetime(context.a).toDate() == datetime(context.b)",
        'datetime(context.a).durationSince(datetime(context.b)) == duration("1d")',
        'datetime(context.a).toTime() == duration("1ms")',
    ],
    "duration": [
        "duration(context.a) == duration(context.b)",
        "duration(context.a) < duration(context.b)",
        "duration(context.a).toSeconds() == duration(context.b).toSeconds()",
        'datetime("2026-01-01").offset(duration(context.a)) < datetime("2026-01-02")',
    ],
}
GOOD = {
    "decimal": [
        "0.0",
        "-0.0",
        "1.5",
        "1.50",
        "12.3456",
        "-922337203685477.5808",
        "922337203685477.5807",
        "00001.0",
    ],
    "ip": [
        "127.0.0.1",
        "127.255.0.0/8",
        "0.0.0.0/0",
        "10.0.0.0/31",
        "224.0.0.1",
        "::1",
        "::1/128",
        "::",
        "fe80::1:2",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "ff02::1/16",
        "::ffff:7f00:1",
        "ABCD:ef01::/99",
    ],
    "datetime": [
        "2026-01-01",
        "2024-02-29",
        "2023-02-29",
        "0000-01-01",
        "9999-12-31",
        "2026-01-01T00:00:00Z",
        "2026-01-01T23:59:59.999Z",
        "2026-01-01T23:59:59+2359",
        "0000-01-01T00:00:00.001+0001",
        "2026-01-01T00:00:00+0160",
        "2026-01-01T12:00:00-0030",
    ],
    "duration": [
        "1d",
        "24h",
        "1440m",
        "86400s",
        "86400000ms",
        "-1d2h3m4s5ms",
        "0ms",
        "-0d",
        "106751991167d7h12m55s807ms",
    ],
}
CHARACTERS = "0123456789abdfhmsTZ:./+-% é"


def nearly(name: str, chance: Random) -> str:
    """A good text with a few characters changed, doubled or dropped; as often a good one."""
    text = chance.choice(GOOD[name])
    for _ in range(chance.choice([0, 0, 1, 1, 2])):
        place = chance.randrange(len(text) + 1)
        text = (
            text[:place]
            + chance.choice(["", chance.choice(CHARACTERS)])
            + text[place + chance.randrange(2) :]
        )
    return text


def authorizers() -> dict[str, tuple[Authorizer, str]]:
    """A policy for each question about one type."""
    made = {}
    for name, questions in QUESTIONS.items():
        text = "\n".join(
            f"permit(principal, action, resource) when {{ {question} }};" for question in questions
        )
        made[name] = (Authorizer.from_text(text), text)
    return made


AUTHORIZERS = authorizers()


@pytest.mark.parametrize("name", QUESTIONS)
@given(chance=st.randoms(use_true_random=True))
@settings(max_examples=samples(150))
def test_a_text_means_what_it_means_to_cedar(name: str, chance: Random) -> None:
    """Good texts give the same values, and others the same errors."""
    authorizer, text = AUTHORIZERS[name]
    context = {"a": nearly(name, chance), "b": nearly(name, chance)}
    request = CedarRequest(SOMEBODY, EntityUid("Action", "v"), SOMEBODY, context)
    answer = authorizer.authorize(request)
    asked = PartialRequest.of(request, KnownEntities())
    outcomes = [fold_policy(tree_of(policy.est), asked) for policy in parse_policies(text)]

    assert list(answer.policies) == [
        f"policy{index}" for index, outcome in enumerate(outcomes) if outcome.certainty == "satisfied"
    ]
    assert [(fault.policy, fault.code) for fault in answer.errors] == [
        (f"policy{index}", outcome.folded.error)
        for index, outcome in enumerate(outcomes)
        if outcome.certainty == "errs"
    ]


LONG_TEXTS = {
    "decimal": f"{'0' * 5000}1.0",
    "ip": f"{'0' * 5000}1.0.0.0",
    "datetime": f"{'2' * 5000}-01-01",
    "duration": f"{'9' * 5000}d",
}


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_a_text_of_thousands_of_digits_is_no_bug(name: str) -> None:
    """Python refuses to read such numbers; here they are as good, or as bad, as they are to Cedar."""
    text = f"permit(principal, action, resource) when {{ {name}(context.a) == {name}(context.a) }};"
    request = CedarRequest(SOMEBODY, EntityUid("Action", "v"), SOMEBODY, {"a": LONG_TEXTS[name]})
    answer = Authorizer.from_text(text).authorize(request)
    ((policy),) = parse_policies(text)
    outcome = fold_policy(tree_of(policy.est), PartialRequest.of(request, KnownEntities()))

    assert (answer.allowed, [fault.code for fault in answer.errors]) == (
        outcome.certainty == "satisfied",
        sorted(outcome.folded.errors),
    )


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "ab", "*", "\n"])), max_size=5),
    st.text("ab*\n", max_size=6),
)
@settings(max_examples=samples(300))
@example([None, "a", None, "ab", None], "aab")
@example(["a", None, "a"], "a")
def test_a_pattern_matches_what_it_matches_for_cedar(pattern: list[str | None], text: str) -> None:
    """Wildcards, written stars, and texts that overlap."""
    policy = (
        f"permit(principal, action, resource) when {{ context.a like {quoted_pattern(tuple(pattern))} }};"
    )
    request = CedarRequest(SOMEBODY, EntityUid("Action", "v"), SOMEBODY, {"a": text})
    ((parsed),) = parse_policies(policy)
    outcome = fold_policy(tree_of(parsed.est), PartialRequest.of(request, KnownEntities()))

    assert Authorizer.from_text(policy).authorize(request).allowed == (outcome.certainty == "satisfied")
