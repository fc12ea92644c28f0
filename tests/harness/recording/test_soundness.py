"""What is told for certain of recorded traffic holds, whatever wasn't recorded: arguments, groups, scopes."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.harness.comparing import Effect, compare
from policy_engine.harness.recording import Exchange, Judge, read_log, situation_of
from policy_engine.harness.world import World
from policy_engine.model import Client, Principal, TokenFacts, User
from tests.harness.recording.conftest import NOW
from tests.plugins.samples import samples

HEADS = (
    "principal",
    "principal is User",
    "principal is Client",
    'principal in Group::"corp/stock"',
    'principal in ClientGroup::"machines/stock"',
    'principal == Client::"machines/bot"',
)
ACTIONS = ('action == Action::"shop/look"', 'action in Action::"call_tool"', "action")
CONDITIONS = (
    "",
    ' when { context.token.scopes.contains("s") }',
    " unless { context has actor }",
    " when { principal is User && principal has email }",
    ' when { context.time < datetime("2026-10-01") }',
)
ON_ORDERS = (
    *CONDITIONS,
    " when { context.arguments.count <= 10 }",
    ' when { context.arguments.item like "a*" }',
)

ONE_POLICY = st.one_of(
    st.tuples(
        st.sampled_from(["permit", "permit @delegable", "forbid"]),
        st.sampled_from(HEADS),
        st.sampled_from(ACTIONS),
        st.sampled_from(CONDITIONS),
    ),
    st.tuples(
        st.sampled_from(["permit", "permit @delegable", "forbid"]),
        st.sampled_from(HEADS),
        st.just('action == Action::"shop/order"'),
        st.sampled_from(ON_ORDERS),
    ),
)
SOME_POLICIES = st.lists(ONE_POLICY, min_size=1, max_size=4)
GROUPS = st.sampled_from([frozenset[str](), frozenset({"stock"}), frozenset({"sales"})])
ACTOR = st.sampled_from([None, Client(issuer="corp", client_id="helper")])
CALLERS = st.one_of(
    st.builds(
        User, issuer=st.just("corp"), subject=st.sampled_from(["ann", "bot"]), groups=GROUPS, actor=ACTOR
    ),
    st.just(Client(issuer="machines", client_id="bot", groups=frozenset({"stock"}))),
)
CALLS = st.tuples(
    CALLERS,
    st.sampled_from(["look", "order"]),
    st.fixed_dictionaries({"item": st.sampled_from(["a", "b"]), "count": st.sampled_from([1, 10, 11])}),
    st.sampled_from([(), ("s",)]),
)


def _text(policies: list[tuple[str, str, str, str]]) -> str:
    written = []
    for number, (effect, head, action, condition) in enumerate(policies):
        word, _, annotation = effect.partition(" ")
        written.append(f'@id("p{number}") {annotation} {word} ({head}, {action}, resource){condition};')
    return "\n".join(written)


def _decide(world: World, call: tuple[Principal, str, dict[str, Any], tuple[str, ...]]) -> Any:
    who, tool, arguments, scopes = call
    params = {"name": tool, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return world.engine.authorize(who, message, "shop", TokenFacts(scopes=scopes))


def _recorded(world: World, call: tuple[Principal, str, dict[str, Any], tuple[str, ...]]) -> Any:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "audit.jsonl"
        file.write_text(json.dumps(_decide(world, call).to_dict()) + "\n")
        return read_log(file)


@pytest.fixture
def base(shop: Path) -> World:
    """The shop; the examples bring policies of their own."""
    return World.load(shop / "policy-engine.yaml", now=NOW)


@settings(max_examples=samples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=SOME_POLICIES, after=SOME_POLICIES, call=CALLS)
def test_what_is_told_of_a_change_is_what_happens(
    base: World, before: list[Any], after: list[Any], call: tuple[Any, str, dict[str, Any], tuple[str, ...]]
) -> None:
    """Nothing changes that isn't told; and what is told for certain, or to be possible alone, is so."""
    old, new = base.with_policies(_text(before)), base.with_policies(_text(after))
    was, would = _decide(old, call).allowed, _decide(new, call).allowed

    changes = compare(old, new, _recorded(old, call)).changes

    effect = changes[0].effect if changes else None
    if was is would:
        assert effect not in (Effect.granted, Effect.denied)
    else:
        assert effect in (
            (Effect.granted, Effect.may_be_granted) if would else (Effect.denied, Effect.may_be_denied)
        )
    assert effect is not Effect.unknown


@settings(max_examples=samples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policies=SOME_POLICIES, call=CALLS)
def test_an_opinion_without_a_doubt_is_right(
    base: World, policies: list[Any], call: tuple[Any, str, dict[str, Any], tuple[str, ...]]
) -> None:
    """Of all policies: those that are certain to decide do, and no others."""
    world = base.with_policies(_text(policies))
    log = _recorded(world, call)
    if not log.exchanges:
        return
    exchange: Exchange = log.exchanges[0]
    situation = situation_of(world, exchange)
    opinion = Judge(world.policies).opinion(situation.request)  # type: ignore[union-attr]  # it isn't gone

    decision = _decide(world, call)
    assert opinion.allowed in (None, decision.allowed)
    assert {match.id for match in decision.policies} <= set(opinion.leanings)
    if opinion.allowed and all(each.holds is not None for each in opinion.leanings.values()):
        assert {match.id for match in decision.policies} == set(opinion.deciding)
