"""What proofs take for granted, the engine makes sure of."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine import Client, PolicyEngine, User
from policy_engine.cedar import Authorizer, CedarRequest, EntityHandle, Schema
from policy_engine.engine import decided
from policy_engine.errors import ConfigError
from policy_engine.model import Identity, TokenFacts
from policy_engine.review import ASSUMPTIONS, Subject, assumptions
from policy_engine.review.symbolic import FACTS
from tests.conftest import NOW, World

ALL = '@id("all") permit (principal, action, resource);'
AGENT = Client(issuer="corp", client_id="desktop-agent", groups=frozenset({"agents"}))
PEOPLE = User(
    issuer="corp",
    subject="alice",
    actor=AGENT,
    email="a@example.com",
    groups=frozenset({"eng"}),
    roles=frozenset({"r"}),
)
MACHINE = Client(issuer="machines", client_id="ci-bot", groups=frozenset({"eng"}), roles=frozenset({"admin"}))
TOKEN = TokenFacts(scopes=("a",), client_id="web", acr="1", amr=("pwd",), issued_at=NOW, expires_at=NOW + 9)

MESSAGES = {
    "a tool": ("tools/call", {"name": "list_issues", "arguments": {"repo": "a", "limit": 3}}),
    "a fraction": ("tools/call", {"name": "create_issue", "arguments": {"repo": "a", "amount": 1.5}}),
    "a list": ("tools/list", {}),
    "a resource": ("resources/read", {"uri": "file:///a/b?c#d"}),
    "a prompt": ("prompts/get", {"name": "p"}),
    "a template": (
        "completion/complete",
        {"ref": {"type": "ref/resource", "uri": "file:///{a}"}, "argument": {"name": "a", "value": ""}},
    ),
    "a task": ("tasks/get", {"taskId": "t"}),
    "nothing": ("ping", {}),
}


def message(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """A request of JSON-RPC."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def asked(
    engine: PolicyEngine, who: User | Client, said: dict[str, Any]
) -> list[tuple[CedarRequest, EntityHandle]]:
    """What Cedar is asked about a message, and what it is told of entities."""
    _, requests = decided(engine.stages, Identity(principal=who, token=TOKEN), said, "github", at=NOW)
    return [
        (
            CedarRequest(
                principal=request.principal.uid,
                action=request.action,
                resource=request.resource,
                context=request.context,
            ),
            engine.stages.evaluator.entities(request),
        )
        for request in requests
    ]


def test_every_assumption_is_printed_with_what_holds_it_up() -> None:
    """Five on how decisions are made, and the facts about requests."""
    every = assumptions()

    assert [each.code for each in every] == [*ASSUMPTIONS, *FACTS]
    assert list(ASSUMPTIONS) == ["A1", "A2", "A3", "A4", "A5"]
    assert all(each.statement.endswith(".") and each.enforced.endswith(".") for each in every)


@pytest.mark.parametrize("who", [PEOPLE, MACHINE], ids=["a person through an agent", "a machine"])
@pytest.mark.parametrize(("method", "params"), MESSAGES.values(), ids=MESSAGES)
def test_a1_requests_have_the_types_of_the_schema(
    world: World, who: User | Client, method: str, params: dict[str, Any]
) -> None:
    """Cedar, given the schema, takes each request that the engine builds, and the entities with it."""
    engine = world.engine(ALL)
    schema = Schema.from_json(Subject.of_engine(engine).schema)
    authorizer = Authorizer.from_text(ALL, schema)

    questions = asked(engine, who, message(method, params))

    assert questions
    for request, handle in questions:
        told = [entity for entity in handle.to_json() if entity["uid"]["type"] != "Action"]
        answer = authorizer.decide(request, EntityHandle.from_json(told, schema))
        assert answer.errors == ()


def test_a1_what_has_another_type_is_refused_before_any_policy(world: World) -> None:
    """The argument is a number to the schema, and a text in the message."""
    said = message("tools/call", {"name": "list_issues", "arguments": {"repo": "a", "limit": "3"}})

    decision, requests = decided(
        world.engine(ALL).stages, Identity(principal=MACHINE, token=TOKEN), said, "github", at=NOW
    )

    assert (decision.code, requests) == ("invalid_arguments", ())


def test_a2_a_machine_is_in_no_group_of_people(world: World) -> None:
    """Of the names of its groups it gets those of machines; and no file can put it into another."""
    engine = world.engine(
        '@id("x") permit (principal, action, resource) when { principal in Group::"machines/eng" };'
    )
    said = message("tools/list", {})
    above = {str(uid) for _, handle in asked(engine, MACHINE, said) for uid in handle.ancestors(MACHINE.uid)}
    entity = {"uid": MACHINE.uid.to_json(), "parents": [{"type": "Group", "id": "corp/eng"}]}

    assert above == {'ClientGroup::"machines/eng"', 'ClientRole::"machines/admin"'}
    assert engine.authorize(MACHINE, said).code == "no_permit"
    with pytest.raises(ConfigError) as caught:
        world.engine(ALL, entities=[entity])
    assert caught.value.problem == 'entry 0: `Client::"machines/ci-bot"` doesn\'t fit the schema'


@pytest.mark.parametrize(("method", "params"), MESSAGES.values(), ids=MESSAGES)
def test_a3_who_asks_and_what_for_are_among_the_entities(
    world: World, method: str, params: dict[str, Any]
) -> None:
    """And whoever acts for somebody, whatever the policies name."""
    for request, handle in asked(world.engine(ALL), PEOPLE, message(method, params)):
        there = {(entity["uid"]["type"], entity["uid"]["id"]) for entity in handle.to_json()}
        needed = {(uid.type, uid.id) for uid in (request.principal, request.resource, AGENT.uid)}
        assert needed <= there


def test_a3_a_forbid_that_fails_denies(world: World, call: Callable[..., dict[str, Any]]) -> None:
    """Cedar alone would skip it, and allow."""
    forbid = (
        '@id("f") forbid (principal, action == Action::"github/list_issues", resource)'
        " when { context.arguments.limit * 2 > 2000 };"
    )

    decision = world.engine(ALL + forbid).authorize(MACHINE, call("list_issues", repo="a", limit=2**62))

    assert (decision.code, [error.policy for error in decision.errors]) == ("policy_error", ["f"])


def test_a4_a_decision_says_which_policies_made_it(world: World, call: Callable[..., dict[str, Any]]) -> None:
    """The digest is that of the review; other policies have another."""
    engine, other = world.engine(ALL), world.engine(ALL.replace("all", "any"))
    said = call("list_issues", repo="a")

    digests = [each.authorize(MACHINE, said).policy_digest for each in (engine, other)]

    assert digests == [Subject.of_engine(each).digests["policies"] for each in (engine, other)]
    assert len(set(digests)) == 2


def test_a5_a_token_that_may_be_either_kind_opens_nothing(
    world: World, call: Callable[..., dict[str, Any]]
) -> None:
    """Neither of them is guessed."""
    engine, said = world.engine(ALL), call("list_issues", repo="a")
    tokens = {
        "both": world.human(gty="client_credentials"),
        "neither": world.token("corp", {k: v for k, v in world.human_claims().items() if k != "auth_time"}),
        "of a machine's name": world.human("web-portal"),
    }

    codes = {name: engine.evaluate(token, said).code for name, token in tokens.items()}

    assert codes == dict.fromkeys(tokens, "ambiguous_principal")
    assert engine.evaluate(world.human(), said).allowed
