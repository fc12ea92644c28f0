"""What is kept between calls never changes a decision: reused or not, it is what a fresh engine decides."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from random import Random
from typing import Any

import pytest

from policy_engine import Client, Decision, HttpFacts, PolicyEngine, TokenFacts, User
from policy_engine.evaluator import explanation_lines, explanation_record
from policy_engine.mcp.argument_types import RESERVED

ERRS = """
@id("errs") forbid (principal, action, resource)
when {
  context has arguments && context.arguments has count && context.arguments.count + 9223372036854775807 > 0
};
"""
SETS = (
    "",
    '@id("night") forbid (principal, action, resource) when { context.time.toTime() < duration("1h") };',
    '@id("seen") forbid (principal is User, action == Action::"github/create_issue", resource)\n'
    "unless { context.unrepresentable.isEmpty() };",
    '@id("old") forbid (principal, action, resource) when { context.protocol_version == "2025-06-18" };',
    '@id("large") forbid (principal is Client, action, resource) when { context has arguments && '
    'context.arguments has amount && context.arguments.amount.greaterThan(decimal("1.5")) };',
    '@id("also") permit (principal is Client, action == Action::"github/list_issues", resource)\n'
    "when { context.arguments.limit < 20 };",
    '@id("retries") forbid (principal, action, resource) when { !context.input_responses.isEmpty() };',
)

ARGUMENTS: dict[str, list[Any]] = {
    "repo": ["acme/app", "acme/app", "a", "", 1, None, "é", "\u2028"],
    "title": ["x", "y", '"', "\\", "a" * 300],
    "count": [1, 2, 1.0, True, 2**63, -1, "1"],
    "amount": [1, 1.0, 1.5, 1.6, 0.00001, 10**16, -0.0],
    "limit": [5, 20, 30, None],
    "other": [{"a": 1}, [], "x", {"__proto__": 1}],
    "__extn": ["x"],
    "Repo": ["acme/app"],
}
HTTP = (
    *[None] * 9,
    None,
    None,
    None,
    HttpFacts(headers={"Mcp-Protocol-Version": "2025-11-25"}),
    HttpFacts(headers={"mcp-protocol-version": "2025-06-18"}),
    HttpFacts(
        headers={"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "create_issue"}
    ),
    HttpFacts(headers={"Mcp-Protocol-Version": "1999-01-01"}),
    HttpFacts(headers={"Mcp-Method": "tools/list"}),
    HttpFacts(method="DELETE"),
)
SEEDS = [*range(3), *(pytest.param(n, marks=pytest.mark.long) for n in range(3, 60))]
IGNORED = {"latency_us", "reused"}


def said(decision: Decision) -> dict[str, Any]:
    """All of a decision but how it was come by."""
    return {each.name: getattr(decision, each.name) for each in fields(decision) if each.name not in IGNORED}


def messages(chance: Random) -> Any:
    """One message, in one of the forms that it may come in; few enough that many are alike."""
    names = chance.sample(sorted(ARGUMENTS), chance.choice([0, 1, 1, 2, 2, 3]))
    arguments = {name: chance.choice(ARGUMENTS[name][: chance.choice([2, 2, 2, 8])]) for name in names}
    if chance.random() < 0.8:
        arguments = {
            "repo": "acme/app",
            **{name: value for name, value in arguments.items() if name != "__extn"},
        }
    params: dict[str, Any] = {
        "name": chance.choice(["create_issue"] * 4 + ["list_issues", "delete_repository", "nothing", "", 1]),
        "arguments": arguments,
    }
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": chance.choice([1, "a", 7]), "method": "tools/call"}
    odd = chance.random()
    if odd < 0.15:
        extra = {
            "_meta": {"progressToken": 1},
            "inputResponses": {"a": {"action": "accept"}},
            "Name": "list_issues",
        }
        name = chance.choice(sorted(extra))
        params[name] = extra[name]
    elif odd < 0.2:
        del params["arguments"]
    elif odd < 0.25:
        message["method"] = chance.choice(["ping", "tools/list", "Tools/call", 3])
    elif odd < 0.3:
        message[chance.choice(["jsonrpc", "id", "more"])] = chance.choice([1.0, True, None, "2.0"])
    message["params"] = params
    form = chance.randrange(4)
    if form == 0:
        return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
    return json.dumps(message) if form == 1 else message


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reused_decision_is_what_a_fresh_engine_decides(seed: int, world: Any, tmp_path: Path) -> None:
    """Many calls by many callers, while policies, the clock and what the server lists change."""
    chance = Random(seed)
    file = tmp_path / "p.cedar"
    base = world.engine.__func__.__defaults__[0]

    def write() -> None:
        file.write_text(base + (ERRS if chance.random() < 0.2 else "") + chance.choice(SETS))

    write()
    reusing: PolicyEngine = world.engine(policies=tmp_path)
    fresh: PolicyEngine = world.engine(policies=tmp_path, reuse={"answers": False, "tokens": 0})
    tokens = [
        *[world.human(), world.machine()] * 6, world.human("bob"), world.human(scope="x"),
        world.human(client_id="desktop-agent"), world.machine(scope="issues:read"), world.machine("stranger"),
        world.machine(exp=world.now + 30), "nonsense", None,
    ]  # fmt: skip
    hits = 0
    for turn in range(1200):
        if turn % 297 == 296:
            write()
            reusing.reload()
            fresh.reload()
        if turn == 700:
            changed = [{"name": "delete_repository", "inputSchema": {"type": "object"}}]
            assert reusing.check_drift(changed) == fresh.check_drift(changed)
        world.now += chance.choice([0, 0, 0, 0.25, 1])
        token, message, http = chance.choice(tokens), messages(chance), chance.choice(HTTP)
        decision = reusing.evaluate(token, message, http=http)
        again = fresh.evaluate(token, message, http=http)
        assert said(decision) == said(again), (token, message, http)
        hits += decision.reused
        assert not again.reused
    assert hits > 20


def test_every_reserved_name_begins_with_two_underscores() -> None:
    """A text that has none written out can't hold one: that is what lets a call's names be passed over."""
    assert [name for name in RESERVED if not name.startswith("__")] == []


TYPED = """
@id("p") permit (principal is User, action, resource) when { principal has level && principal.level == 1 };
"""


def test_principals_that_python_takes_for_equal_are_told_apart(world: Any, call: Callable[..., Any]) -> None:
    """`True == 1`, and `User(…) == User(…)` where one holds the one and one the other."""
    engine = world.engine(TYPED, attributes={"User": {"level": "long"}})
    one = User(issuer="corp", subject="a", typed_attributes={"level": 1})
    true = User(issuer="corp", subject="a", typed_attributes={"level": True})

    assert one == true
    codes = [engine.authorize(who, call("list_issues", repo="a")).code for who in (one, true, one, true)]
    assert codes == ["allowed", "internal_error", "allowed", "internal_error"]


def test_what_a_caller_changes_later_does_not_change_who_somebody_is(
    world: Any, call: Callable[..., Any]
) -> None:
    """A principal is copied when it is made; another with the same id is another principal."""
    policy = (
        '@id("p") permit (principal in Group::"corp/eng", action, resource) when { principal.hasTag("t") };'
    )
    engine = world.engine(policy)
    groups, tags = {"eng"}, {"t": ["x"]}
    alice = User(issuer="corp", subject="alice", groups=groups, attributes=tags)  # type: ignore[arg-type] # what people hand over
    assert engine.authorize(alice, call("list_issues", repo="a")).allowed
    groups.clear()
    tags.clear()
    assert engine.authorize(alice, call("list_issues", repo="a")).allowed
    for other in (
        User(issuer="corp", subject="alice"),
        User(issuer="corp", subject="alice", groups=frozenset({"eng"})),
        User(issuer="corp", subject="alice", attributes={"t": ("x",)}),
        Client(issuer="corp", client_id="alice"),
    ):
        assert engine.authorize(other, call("list_issues", repo="a")).code == "no_permit"
    assert engine.authorize(alice, call("list_issues", repo="a")).allowed


def test_a_message_that_is_changed_afterwards_is_another_one(world: Any, call: Callable[..., Any]) -> None:
    """Its owner keeps it; what was forwarded is what was decided on."""
    engine = world.engine()
    token, message = world.machine(), call("create_issue", repo="acme/app", title="x")
    first = engine.evaluate(token, message)
    message["params"]["arguments"]["repo"] = "acme/other"
    second = engine.evaluate(token, message)

    assert (first.code, json.loads(first.forward or b"")["params"]["arguments"]["repo"]) == (
        "allowed",
        "acme/app",
    )
    assert second.code == "no_permit"


def test_token_facts_may_be_lists(world: Any, call: Callable[..., Any]) -> None:
    """They are taken as tuples, and compared by what they say."""
    engine = world.engine()
    scopes = ["issues:write"]
    facts = TokenFacts(scopes=scopes, amr=["pwd"])  # type: ignore[arg-type] # what people hand over
    bot = Client(issuer="machines", client_id="ci-bot")

    assert engine.authorize(bot, call("create_issue", repo="acme/app"), token=facts).allowed
    scopes.clear()
    assert engine.authorize(bot, call("create_issue", repo="acme/app"), token=facts).allowed
    assert not engine.authorize(bot, call("create_issue", repo="acme/app"), token=TokenFacts()).allowed


def test_an_answer_with_an_error_is_not_kept(world: Any, call: Callable[..., Any]) -> None:
    """It is asked for anew each time, and reported each time."""
    engine = world.engine(world.engine.__func__.__defaults__[0] + ERRS)
    token, message = world.human(), call("create_issue", repo="a", count=5)

    decisions = [engine.evaluate(token, message) for _ in range(3)]
    assert [(one.code, one.reused, [fault.policy for fault in one.errors]) for one in decisions] == [
        ("policy_error", False, ["errs"])
    ] * 3


def test_reuse_can_be_switched_off_and_is_told(world: Any, call: Callable[..., Any]) -> None:
    """By `reuse: {answers: false}`; decisions and explanations say whether an answer was reused."""
    message = call("create_issue", repo="acme/app")
    for answers in (True, False):
        engine = world.engine(reuse={"answers": answers})
        told = [engine.evaluate(world.machine(), message).reused for _ in range(3)]
        assert told == [False, answers, answers]
        explanation = engine.explain(world.machine(), message)
        lines = [line for line, _ in explanation_lines(explanation)]
        assert explanation_record(explanation)["reused"] is explanation.decision.reused is answers
        assert any(line.startswith("  reused  ") for line in lines) is answers


def test_a_token_that_expired_is_not_recalled(world: Any, call: Callable[..., Any]) -> None:
    """Nor is one whose audience is another server's."""
    engine = world.engine()
    token, message = world.machine(), call("create_issue", repo="acme/app")
    assert [engine.evaluate(token, message).code for _ in range(2)] == ["allowed", "allowed"]
    world.now += 600
    assert engine.evaluate(token, message).code == "expired_token"


def test_many_messages_of_one_bearer_are_decided_alike(world: Any, call: Callable[..., Any]) -> None:
    """`evaluate_many` says what `evaluate` says, in order, with one generation; also in an event loop."""
    engine = world.engine()
    calls = [call("create_issue", repo=repo) for repo in ("acme/app", "a", "acme/app")] + [{"jsonrpc": "2.0"}]
    expected = ["allowed", "no_permit", "allowed", "invalid_request"]

    assert [one.code for one in engine.evaluate_many(world.machine(), calls)] == expected
    assert [
        one.code for one in asyncio.run(engine.evaluate_many_async(world.machine(), iter(calls)))
    ] == expected
    assert [record["code"] for record in world.sink.records] == expected * 2


def test_threads_and_an_event_loop_share_an_engine(world: Any, call: Callable[..., Any]) -> None:
    """With little room, so that everything is thrown out and made anew all the time."""
    engine = world.engine(reuse={"tokens": 4, "megabytes": 1})
    tokens = [world.machine(), world.human(), *(world.human(f"u{n}") for n in range(6))]
    wrong: list[tuple[str, str]] = []

    def expected() -> Iterator[tuple[str, dict[str, Any], str]]:
        for turn in range(150):
            token = tokens[turn % len(tokens)]
            repo = f"a{turn % 5}" if turn % 2 else "acme/app"
            machine = token == tokens[0]
            yield token, call("create_issue", repo=repo), "no_permit" if machine and turn % 2 else "allowed"

    def work() -> None:
        wrong.extend(
            (code, found)
            for token, message, code in expected()
            if (found := engine.evaluate(token, message).code) != code
        )

    async def loop() -> None:
        for token, message, code in expected():
            found = (await engine.evaluate_async(token, message)).code
            if found != code:
                wrong.append((code, found))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    asyncio.run(loop())
    for thread in threads:
        thread.join(60)
    assert wrong == []
