"""Drawn callers and calls are what they say: good ones reach the policies, hostile ones never pass."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.config import config_from_values
from policy_engine.errors import ConfigError
from policy_engine.harness.strategies import calls, hostile_calls, hostile_tokens, principals, tokens
from policy_engine.harness.world import World
from policy_engine.model import Client, User
from tests.plugins.samples import samples

TYPES = {
    "env": {"type": "string", "enum": ["staging", "prod"]},
    "note": {"type": ["string", "null"]},
    "count": {"type": "integer"},
    "share": {"type": "number"},
    "force": {"type": "boolean", "default": False},
    "labels": {"type": "array", "items": {"type": "string"}},
    "owner": {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]},
    "anything": {},
}
DEPLOY = {
    "name": "deploy",
    "inputSchema": {
        "type": "object",
        "properties": TYPES,
        "required": ["env", "labels"],
        "additionalProperties": False,
    },
}
PLAIN = {"name": "plain", "inputSchema": {"type": "object"}}
POLICIES = """
@id("ci") permit (principal == Client::"machines/ci-bot", action == Action::"delivery/deploy", resource)
when { context.arguments.env == "staging" && context.token.scopes.contains("deploy") };
@id("team") permit (principal in Group::"corp/platform", action in Action::"delivery/*", resource);
@id("team-a") permit (principal is User, action == Action::"delivery/deploy", resource)
when { context.arguments has owner && context.arguments.owner.team like "team-*" };
@id("many") forbid (principal is Client, action == Action::"delivery/deploy", resource)
when { context.arguments has count && context.arguments.count > 7 };
"""


def world_of(**servers: object) -> World:
    """Two issuers, and these servers besides the one with tools."""
    values = {
        "version": 1,
        "servers": {
            "delivery": {
                "resource": "https://mcp.example.com/delivery",
                "catalogue": {"tools": [{"reviewed": True, "item": item} for item in (DEPLOY, PLAIN)]},
            },
            **servers,
        },
        "issuers": {
            "corp": {
                "issuer": "https://login.example.com",
                "profile": "rfc9068",
                "claims": {"user": {"groups": "groups"}},
                "clients": {"agent": {"grants": ["authorization_code"], "acts_for_users": True}},
            },
            "machines": {
                "issuer": "https://as.example.com",
                "profile": "policy-engine",
                "clients": {"ci-bot": {"grants": ["client_credentials"]}},
            },
            "auth0": {
                "issuer": "https://acme.eu.auth0.com/",
                "profile": "auth0",
                "clients": {"robot": {"grants": ["client_credentials"]}},
            },
        },
        "policies": [],
    }
    return World.of(config_from_values(values, policy_text=POLICIES), now=1_790_000_000.0)


WORLD = world_of()


@settings(max_examples=samples(150), deadline=None)
@given(tokens(WORLD), calls(WORLD))
def test_good_tokens_and_fitting_calls_reach_the_policies(token: str, message: dict[str, object]) -> None:
    """So policies decide, and nothing before them."""
    decision = WORLD.engine.evaluate(token, message)

    assert decision.code in {"allowed", "no_permit", "forbidden", "insufficient_scope"}, decision.note


@settings(max_examples=samples(150), deadline=None)
@given(hostile_tokens(WORLD), calls(WORLD))
def test_no_hostile_token_opens_anything(token: str, message: dict[str, object]) -> None:
    """Whatever is asked with it."""
    decision = WORLD.engine.evaluate(token, message)

    assert decision.status == 401, decision.code


@settings(max_examples=samples(150), deadline=None)
@given(tokens(WORLD), hostile_calls(WORLD))
def test_no_hostile_call_reaches_a_permit(token: str, message: dict[str, object] | bytes) -> None:
    """Whoever sends it."""
    decision = WORLD.engine.evaluate(token, message)

    assert not decision.allowed
    assert decision.code != "internal_error"


def test_what_policies_tell_apart_is_drawn() -> None:
    """Each policy decides for some draw: of machines, groups, agents, and values that they name."""
    seen: set[str] = set()
    who: set[tuple[str, bool]] = set()

    @settings(max_examples=samples(400), deadline=None, database=None, derandomize=True)
    @given(tokens(WORLD), calls(WORLD))
    def look(token: str, message: dict[str, object]) -> None:
        decision = WORLD.engine.evaluate(token, message)
        seen.update(match.id for match in decision.policies)

    @settings(max_examples=samples(200), deadline=None, database=None, derandomize=True)
    @given(principals(WORLD))
    def people(principal: User | Client) -> None:
        assert isinstance(principal, User | Client)
        who.add((principal.issuer, isinstance(principal, User) and principal.actor is not None))

    look()
    people()

    assert seen == {"ci", "team", "team-a", "many"}
    assert who == {("corp", False), ("corp", True), ("machines", False), ("auth0", False)}


@given(st.data())
@settings(max_examples=samples(20), deadline=None)
def test_only_one_kind_may_be_drawn(data: st.DataObject) -> None:
    """Machines' tokens, or people's."""
    machine, person = data.draw(tokens(WORLD, kind="client")), data.draw(tokens(WORLD, kind="user"))

    assert isinstance(WORLD.engine.identify(machine), Client)
    assert isinstance(WORLD.engine.identify(person), User)


def test_what_cannot_be_drawn_is_told() -> None:
    """Which server is meant, if there are several, and what isn't pinned."""
    other = world_of(bare={"resource": "https://mcp.example.com/bare"})

    with pytest.raises(ConfigError, match="it isn't known which server is meant"):
        calls(other)
    with pytest.raises(ConfigError, match="nothing is pinned of `bare`"):
        hostile_calls(other, server="bare")
    with pytest.raises(ConfigError, match="nobody has such a token"):
        tokens(other)
