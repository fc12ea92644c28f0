"""What a refused caller is told: the scopes that would turn the refusal round, or nothing."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine import Client, Decision, PolicyEngine, TokenFacts, User

TOOL = {"name": "create_issue", "inputSchema": {"type": "object", "properties": {"repo": {"type": "string"}}}}
CALL = {
    "jsonrpc": "2.0",
    "id": 7,
    "method": "tools/call",
    "params": {"name": "create_issue", "arguments": {}},
}
ALICE = User(issuer="corp", subject="alice")
BOT = Client(issuer="corp", client_id="bot")


def engine(policies: str) -> PolicyEngine:
    """One server with one tool."""
    return PolicyEngine(
        policies=policies,
        servers={"github": {"resource": "https://mcp.example.com/github", "catalogue": {"tools": [TOOL]}}},
        issuers={"corp": {"issuer": "https://login.example.com", "profile": "rfc9068"}},
    )


def asked(
    policies: str,
    *scopes: str,
    who: User | Client = ALICE,
    message: Mapping[str, Any] = CALL,
) -> Decision:
    """The decision on a call with some scopes."""
    return engine(policies).authorize(who, message, token=TokenFacts(scopes=scopes))


def has(*scopes: str) -> str:
    """A condition that asks for scopes."""
    return " && ".join(f'context.token.scopes.contains("{scope}")' for scope in scopes)


WRITE = f'@id("w") permit (principal is User, action, resource) when {{ {has("issues:write")} }};'

ROWS: dict[str, tuple[str, tuple[str, ...], User | Client, tuple[str, tuple[str, ...]]]] = {
    "one scope is lacking": (WRITE, (), ALICE, ("insufficient_scope", ("issues:write",))),
    "it is there": (WRITE, ("issues:write",), ALICE, ("allowed", ())),
    "other scopes don't help": (WRITE, ("issues:read",), ALICE, ("insufficient_scope", ("issues:write",))),
    "a machine is refused for being one": (WRITE, (), BOT, ("no_permit", ())),
    "two at once": (
        f'@id("w") permit (principal, action, resource) when {{ {has("a", "b")} }};',
        ("a",),
        BOT,
        ("insufficient_scope", ("b",)),
    ),
    "the smaller of two ways": (
        f'@id("w") permit (principal, action, resource) when {{ {has("a", "b")} || {has("c")} }};',
        (),
        BOT,
        ("insufficient_scope", ("c",)),
    ),
    "one of some": (
        '@id("w") permit (principal, action, resource)'
        ' when { context.token.scopes.containsAny(["b", "a"]) };',
        (),
        BOT,
        ("insufficient_scope", ("a",)),
    ),
    "all of some": (
        '@id("w") permit (principal, action, resource)'
        ' when { context.token.scopes.containsAll(["b", "a"]) };',
        ("b",),
        BOT,
        ("insufficient_scope", ("a",)),
    ),
    "a forbid unless": (
        '@id("p") permit (principal, action, resource);'
        f'@id("f") forbid (principal, action, resource) unless {{ {has("admin")} }};',
        (),
        BOT,
        ("insufficient_scope", ("admin",)),
    ),
    "a forbid that nothing turns round": (
        f'@id("f") forbid (principal is User, action, resource);{WRITE}',
        (),
        ALICE,
        ("forbidden", ()),
    ),
    "a forbid of the very scope": (
        f'{WRITE}@id("f") forbid (principal, action, resource) when {{ {has("issues:write")} }};',
        (),
        ALICE,
        ("no_permit", ()),
    ),
    "the scopes of another action": (
        f'@id("w") permit (principal, action == Action::"ping", resource) when {{ {has("a")} }};',
        (),
        ALICE,
        ("no_permit", ()),
    ),
    "the scopes of somebody else": (
        f'@id("w") permit (principal == User::"corp/bob", action, resource) when {{ {has("a")} }};',
        (),
        ALICE,
        ("no_permit", ()),
    ),
    "a group of actions": (
        f'@id("w") permit (principal, action in Action::"github/*", resource) when {{ {has("a")} }};',
        (),
        ALICE,
        ("insufficient_scope", ("a",)),
    ),
    "what no challenge can carry": (
        '@id("w") permit (principal, action, resource) when { context.token.scopes.contains("a b\\"") };',
        (),
        ALICE,
        ("no_permit", ()),
    ),
    "too many to look at": (
        f'@id("w") permit (principal, action, resource) when {{ {has(*(f"s{n}" for n in range(30)))} }};',
        (),
        ALICE,
        ("no_permit", ()),
    ),
    "a set that takes long to find": (
        f'@id("w") permit (principal, action, resource) when {{ {has(*(f"s{n}" for n in range(8)))} }};'
        f'@id("v") forbid (principal, action == Action::"ping", resource) when {{ {has("x", "y")} }};',
        (),
        ALICE,
        ("insufficient_scope", tuple(f"s{n}" for n in range(8))),
    ),
    "a shadow policy": (
        f'@id("w") @mode("shadow") permit (principal, action, resource) when {{ {has("a")} }};',
        (),
        ALICE,
        ("no_permit", ()),
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_scopes_are_asked_for_where_scopes_are_all_that_is_lacking(
    row: tuple[str, tuple[str, ...], User | Client, tuple[str, tuple[str, ...]]],
) -> None:
    """The smallest set of those that policies name, and nothing where no set would do."""
    policies, scopes, who, expected = row

    decision = asked(policies, *scopes, who=who)

    assert (decision.code, decision.scopes) == expected


def test_the_answer_carries_the_challenge() -> None:
    """RFC 6750 section 3.1, RFC 9728 section 5.1; the body says nothing of policies."""
    decision = asked(f'@id("w") permit (principal, action, resource) when {{ {has("b", "a")} }};')

    assert decision.status == 403
    assert decision.headers() == {
        "WWW-Authenticate": (
            'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/github", '
            'error="insufficient_scope", scope="a b"'
        )
    }
    assert decision.body() == {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {"code": 403, "message": "Insufficient scope"},
    }
    assert decision.to_dict()["missing_scopes"] == ["a", "b"]
    assert json.dumps(decision.body()).count("w") == 0


def test_every_question_of_a_message_counts() -> None:
    """A subscription to two resources lacks what either of them needs, in one challenge."""
    policies = (
        '@id("l") permit (principal, action == Action::"listen", resource);'
        f'@id("a") permit (principal, action, resource == Resource::"github/x://a") when {{ {has("a")} }};'
        f'@id("b") permit (principal, action, resource == Resource::"github/x://b") when {{ {has("b")} }};'
    )
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    uris = {"resourceSubscriptions": ["x://a", "x://b"]}
    listen = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "subscriptions/listen",
        "params": {"_meta": meta, "notifications": uris},
    }

    assert asked(policies, message=listen).scopes == ("a", "b")
    assert asked(policies, "a", message=listen).scopes == ("b",)
    assert asked(policies, "a", "b", message=listen).allowed


def test_without_a_token_there_is_nothing_to_add() -> None:
    """A principal that is configured, as for stdio, is refused as before."""
    decision = engine(WRITE).authorize(ALICE, CALL)

    assert (decision.code, decision.scopes, decision.headers()) == ("no_permit", (), {})


SCOPES = "abcd"


@given(
    ways=st.lists(st.sets(st.sampled_from(SCOPES), min_size=1, max_size=3), min_size=1, max_size=3),
    barred=st.sets(st.sampled_from(SCOPES), max_size=2),
    held=st.sets(st.sampled_from(SCOPES), max_size=3),
)
def test_what_is_told_suffices_and_nothing_smaller_does(
    ways: list[set[str]], barred: set[str], held: set[str]
) -> None:
    """Against every set of scopes there is; nothing is told only where all of them together don't suffice."""
    permits = "".join(
        f'@id("p{n}") permit (principal, action, resource) when {{ {has(*sorted(way))} }};'
        for n, way in enumerate(ways)
    )
    forbids = "".join(
        f'@id("f{n}") forbid (principal, action, resource) when {{ {has(scope)} }};'
        for n, scope in enumerate(sorted(barred))
    )
    deciding = engine(permits + forbids)

    def decide(scopes: set[str]) -> Decision:
        return deciding.authorize(BOT, CALL, token=TokenFacts(scopes=tuple(scopes)))

    first = decide(held)
    if first.allowed:
        return
    named = set().union(*ways, barred)
    if first.scopes:
        assert decide(held | set(first.scopes)).allowed
        assert not held & set(first.scopes)
        for smaller in subsets(named - held, len(first.scopes) - 1):
            assert not decide(held | smaller).allowed
    else:
        assert not decide(held | named).allowed


def subsets(scopes: set[str], most: int) -> list[set[str]]:
    """Every set of at most as many of these."""
    found: list[set[str]] = [set()]
    for scope in sorted(scopes):
        found += [{*one, scope} for one in found]
    return [one for one in found if len(one) <= most]
