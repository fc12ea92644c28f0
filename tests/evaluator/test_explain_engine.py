"""`PolicyEngine.explain` says what `evaluate` and `authorize` decide, for everything that may be sent."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine import Client, PolicyEngine, TokenFacts, User
from policy_engine.errors import ConfigError
from policy_engine.evaluator import Explanation
from policy_engine.model import Decision
from tests.plugins.samples import samples

World = Any
"""The small world of tests/conftest.py."""


def same(explanation: Explanation, decision: Decision) -> bool:
    """Whether an explanation is of this decision, as far as a decision can be had twice."""
    compared = (
        "code",
        "detail",
        "note",
        "principal",
        "policies",
        "errors",
        "action",
        "resource",
        "method",
        "jti",
    )
    found = explanation.decision
    return all(getattr(found, name) == getattr(decision, name) for name in compared)


def consistent(explanation: Explanation) -> bool:
    """Whether the questions are those that led to the decision: all allowed, but perhaps the last.

    Which scopes are lacking is asked of the policies, and is no question of the message.
    """
    codes = [question.verdict.code for question in explanation.questions]
    if not codes:
        return explanation.code not in ("allowed", "no_permit", "forbidden", "policy_error")
    last = explanation.code in {codes[-1], "insufficient_scope"} and codes[-1] != "policy_error"
    return (last or codes[-1] == explanation.code) and all(code == "allowed" for code in codes[:-1])


@given(chance=st.randoms(use_true_random=True))
@settings(max_examples=samples(60))
def test_explain_and_evaluate_agree(shared_world: World, chance: Random) -> None:
    """For tokens good and bad, and messages of all kinds."""
    engine: PolicyEngine = shared_world.engine()
    tokens = [
        shared_world.human("alice"),
        shared_world.human("alice", client_id="desktop-agent"),
        shared_world.human("alice", exp=1),
        shared_world.machine("ci-bot"),
        shared_world.machine("ci-bot", scope="other"),
        shared_world.machine("stranger"),
        "nonsense",
        None,
    ]
    arguments: dict[str, Any] = {"repo": chance.choice(["acme/app", "acme/other", 7])}
    call = {
        "name": chance.choice(["list_issues", "create_issue", "delete_repository", "x"]),
        "arguments": arguments,
    }
    messages: list[Any] = [
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "file:///x"}},
        {"jsonrpc": "2.0", "id": 1, "method": "nonsense"},
        b"{",
    ]
    token, message = chance.choice(tokens), chance.choice([messages[0], *messages])
    server = chance.choice([None, "github", "nowhere"])

    decision = engine.evaluate(token, message, server=server)
    explanation = engine.explain(token, message, server)

    assert same(explanation, decision)
    assert consistent(explanation)


@pytest.mark.parametrize("tool", ["list_issues", "create_issue", "delete_repository"])
@pytest.mark.parametrize(
    "principal",
    [
        User(issuer="corp", subject="alice"),
        User(issuer="corp", subject="alice", actor=Client(issuer="corp", client_id="desktop-agent")),
        Client(issuer="machines", client_id="ci-bot"),
    ],
    ids=["human", "agent", "machine"],
)
@pytest.mark.parametrize("scopes", [(), ("issues:write",)], ids=["no scope", "scope"])
def test_explain_and_authorize_agree(
    world: World, call: Any, tool: str, principal: User | Client, scopes: tuple[str, ...]
) -> None:
    """For a principal that is known without a token."""
    engine: PolicyEngine = world.engine()
    message, facts = call(tool, repo="acme/app"), TokenFacts(scopes=scopes)

    decision = engine.authorize(principal, message, token=facts)
    explanation = engine.explain(principal, message, token=facts)

    assert same(explanation, decision)
    assert consistent(explanation)


def test_a_principal_without_token_facts_has_no_scopes(world: World, call: Any) -> None:
    """As with `authorize`."""
    bot = Client(issuer="machines", client_id="ci-bot")
    explanation = world.engine().explain(bot, call("create_issue", repo="acme/app"))
    (question,) = explanation.questions

    assert [need.name for need in question.near[0].findings] == ["scope issues:write"]


def test_explaining_is_not_recorded(world: World, call: Any) -> None:
    """Nobody is answered, so there is nothing to keep."""
    world.engine().explain(world.human(), call("list_issues", repo="acme/app"))

    assert world.sink.records == []


def test_several_servers_have_to_be_told_apart(world: World) -> None:
    """As with `evaluate`."""
    servers = {name: {"resource": f"https://mcp.example.com/{name}"} for name in ("a", "b")}
    engine = world.engine("", servers=servers)

    with pytest.raises(ConfigError, match="several servers are configured"):
        engine.explain(None, None)


def test_a_message_that_raises_several_questions_is_explained_to_the_first_denial(world: World) -> None:
    """A subscription asks for each resource separately."""
    params = {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        },
        "notifications": {"resourceSubscriptions": ["file:///a", "file:///b"]},
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}
    policies = (
        '@id("listen") permit (principal is User, action == Action::"listen", resource);'
        '@id("a") permit (principal is User, action == Action::"subscribe_resource", '
        'resource == Resource::"github/file:///a");'
    )
    explanation = world.engine(policies).explain(world.human(), message)

    assert [(str(each.request.resource), each.verdict.code) for each in explanation.questions] == [
        ('Server::"github"', "allowed"),
        ('Resource::"github/file:///a"', "allowed"),
        ('Resource::"github/file:///b"', "no_permit"),
    ]
