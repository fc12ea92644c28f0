"""A case is decided as the engine would, and held against each thing that is expected of it."""

from dataclasses import replace
from typing import Any

import pytest

from policy_engine.harness import Failure, Who
from policy_engine.harness.running import decide, run_cases
from policy_engine.harness.world import World
from policy_engine.model import Client, Identity, TokenFacts, User
from tests.harness.running.conftest import DEPLOY, NOW, MakeCase

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
BOT = 'Client::"machines/ci-bot"'


def answer(*tools: dict[str, Any]) -> dict[str, Any]:
    """What a server lists."""
    return {"jsonrpc": "2.0", "id": 1, "result": {"tools": list(tools)}}


def test_all_that_is_expected_may_hold(world: World, case: MakeCase) -> None:
    """Then nothing is otherwise."""
    everything = case(
        allowed=True,
        code="allowed",
        status=200,
        principal=BOT,
        policies=frozenset({"ci-deploys"}),
    )

    result = decide(world, everything)

    assert (result.failures, result.passed, result.visible) == ((), True, None)
    assert result.decision is not None
    assert result.decision.code == "allowed"
    assert result.seconds > 0


@pytest.mark.parametrize(
    ("expected", "failure"),
    [
        ({"allowed": False}, Failure(what="decision", expected="deny", actual="allow")),
        ({"code": "forbidden"}, Failure(what="code", expected="forbidden", actual="allowed")),
        ({"detail": "alg"}, Failure(what="detail", expected="alg", actual="none")),
        ({"status": 403}, Failure(what="status", expected="403", actual="200")),
        ({"principal": "none"}, Failure(what="principal", expected="none", actual=BOT)),
        (
            {"policies": frozenset({"people-deploy", "lists"})},
            Failure(what="policies", expected="lists, people-deploy", actual="ci-deploys"),
        ),
        ({"errors": frozenset({"lists"})}, Failure(what="errors", expected="lists", actual="none")),
        ({"visible": ("deploy",)}, Failure(what="visible", expected="deploy", actual="none")),
        ({"scopes": ("deploy",)}, Failure(what="challenge", expected="deploy", actual="none")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_thing_may_be_otherwise(
    world: World, case: MakeCase, expected: dict[str, Any], failure: Failure
) -> None:
    """And is told with what there is instead."""
    assert decide(world, case(**expected)).failures == (failure,)


def test_a_denial_for_another_reason_is_none(world: World, case: MakeCase) -> None:
    """`deny` stands for what policies say; a token that is refused isn't that."""
    expected = case(
        Who(name="forged", token=world.mint(id="ci-bot", tamper="alg_none")),
        allowed=False,
        codes=frozenset({"no_permit", "forbidden"}),
    )

    assert decide(world, expected).failures == (
        Failure(what="code", expected="one of forbidden, no_permit", actual="unsupported_algorithm"),
    )


def test_who_asks_may_be_an_identity_or_nobody(world: World, case: MakeCase) -> None:
    """An identity is told what scope it lacks; nobody is told that a token is missing."""
    bot = Client(issuer="machines", client_id="ci-bot")
    known = Identity(principal=bot, token=TokenFacts())
    person = Identity(principal=User(issuer="corp", subject="alice"), token=TokenFacts())

    results = [
        decide(world, case(Who(name="bot", identity=known), code="insufficient_scope", scopes=("deploy",))),
        decide(world, case(Who(name="alice", identity=person), policies=frozenset({"people-deploy"}))),
        decide(world, case(Who(name="nobody"), code="missing_token", status=401, principal="none")),
    ]

    assert [result.failures for result in results] == [(), (), ()]


def test_each_case_has_its_own_time(world: World, case: MakeCase) -> None:
    """In whatever order they are decided."""
    cases = [
        case(now=NOW, policies=frozenset({"ci-deploys"})),
        case(now=NOW - 30 * 86_400, code="forbidden", policies=frozenset({"not-at-night"})),
    ]

    assert run_cases(world, [*cases, *reversed(cases)]).passed == 4


def test_a_list_leaves_nothing_behind(world: World, case: MakeCase) -> None:
    """A changed tool in one case's list isn't changed in the next case."""
    changed = {**DEPLOY, "description": "Deploys something else"}
    listing = case(message=LIST, listed=answer(changed), allowed=True, visible=())
    pinned = case(message=LIST, listed=answer(DEPLOY), allowed=True, visible=("deploy",))

    run = run_cases(world, [listing, case(allowed=True), pinned, listing, case(allowed=True)])

    assert [result.failures for result in run.results] == [(), (), (), (), ()]
    assert [result.visible for result in run.results] == [(), None, ("deploy",), (), None]


def test_a_denied_list_shows_nothing(world: World, case: MakeCase) -> None:
    """Not even an empty list."""
    nobody = Who(name="nobody")
    denied = decide(world, case(nobody, message=LIST, listed=answer(DEPLOY), allowed=False, visible=("x",)))

    assert denied.visible is None
    assert denied.failures == (Failure(what="visible", expected="x", actual="none"),)


def test_a_run_counts_and_ends_where_it_is_told_to(world: World, case: MakeCase) -> None:
    """Skipped cases aren't decided; what is watched is told of each decision with its questions."""
    passing, failing, skipped = case(allowed=True), case(allowed=False), case(skip="later")
    told: list[str] = []
    seen: list[tuple[str, str, int]] = []

    run = run_cases(
        world,
        [passing, skipped, failing, passing],
        progress=lambda result: told.append(result.case.skip or ""),
        observe=lambda each, decision, asked: seen.append((each.who.name, decision.code, len(asked))),
    )
    early = run_cases(world, [passing, failing, passing], fail_fast=True)

    assert (run.passed, run.failed, run.skipped, run.stopped) == (2, 1, 1, False)
    assert [result.case for result in run.failures] == [failing]
    assert told == ["", "later", "", ""]
    assert seen == [("ci-bot", "allowed", 1)] * 3
    assert (early.passed, early.failed, early.stopped, len(early.results)) == (1, 1, True, 2)


def test_a_token_is_verified_once(world: World, case: MakeCase) -> None:
    """Ten thousand cases of one principal cost one signature check; the second is told from memory."""
    one = case(allowed=True)
    slow = decide(world, replace(one, who=replace(one.who, token=world.mint(id="ci-bot", scope="deploy x"))))
    runs = [decide(world, one) for _ in range(50)]

    assert slow.failures == ()
    assert sorted(run.seconds for run in runs)[25] < slow.seconds
