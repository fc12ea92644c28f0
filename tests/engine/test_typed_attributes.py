"""Declared attributes, from the token to the decision."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine import Client, PolicyEngine, User
from policy_engine.errors import PolicyError
from policy_engine.evaluator import explanation_record
from policy_engine.model import Principal
from tests.conftest import World

Ask = Callable[..., dict[str, Any]]

DECLARED = {
    "User": {"department": "string", "clearance": "long", "contractor": "bool", "cost_centres": "strings"},
    "Client": {"tier": "string", "quota": "long"},
}
POLICIES = """
@id("payments-list") permit (principal is User, action == Action::"github/list_issues", resource)
when { principal has department && principal.department == "payments" };
@id("cleared-create") permit (principal is User, action == Action::"github/create_issue", resource)
when { principal has clearance && principal.clearance >= 3 };
@id("no-contractors") forbid (principal is User, action == Action::"github/create_issue", resource)
when { principal has contractor && principal.contractor };
@id("centre-100-deletes") permit (principal is User, action == Action::"github/delete_repository", resource)
when { principal has cost_centres && principal.cost_centres.contains("100") };
@id("gold-agents-delete") @delegable
permit (principal is User, action == Action::"github/delete_repository", resource)
when { context has actor && context.actor has tier && context.actor.tier == "gold" };
@id("gold-machines") permit (principal is Client, action == Action::"github/list_issues", resource)
when { principal has tier && principal.tier == "gold" && principal has quota && principal.quota > 0 };
"""


def engine(world: World, policies: str = POLICIES, **changes: Any) -> PolicyEngine:
    """An engine with claims and registry entries for what is declared."""
    issuers = world.issuers()
    people = {"department": "dept", "clearance": "https://corp.example/clearance", "contractor": "contractor"}
    issuers["corp"]["claims"] = {"user": {"attributes": {**people, "cost_centres": "cc"}}}
    issuers["corp"]["clients"]["desktop-agent"]["attributes"] = {"tier": "gold", "region": "eu"}
    issuers["machines"]["claims"] = {"client": {"attributes": {"quota": "quota", "tier": "tier"}}}
    issuers["machines"]["clients"]["ci-bot"]["attributes"] = {"tier": "gold"}
    return world.engine(policies, issuers=issuers, attributes=DECLARED, **changes)


def test_people_are_decided_on_by_what_their_token_says(world: World, call: Ask) -> None:
    """Each type, compared as it is; what isn't there permits nothing and forbids nothing."""
    ours = engine(world)
    lists, creates = call("list_issues", repo="a"), call("create_issue", repo="a")
    clearance = "https://corp.example/clearance"

    def code(message: dict[str, Any], **claims: Any) -> str:
        return ours.evaluate(world.human(**claims), message).code

    assert code(lists) == "no_permit"
    assert code(lists, dept="payments") == "allowed"
    assert code(lists, dept="Payments") == "no_permit"
    assert code(creates, **{clearance: 2}) == "no_permit"
    assert code(creates, **{clearance: 3}) == "allowed"
    assert code(creates, **{clearance: 3, "contractor": False}) == "allowed"
    assert code(creates, **{clearance: 3, "contractor": True}) == "forbidden"
    assert code(call("delete_repository", repo="a"), cc="100") == "allowed"
    assert code(call("delete_repository", repo="a"), cc=["200", "100"]) == "allowed"
    assert code(call("delete_repository", repo="a"), cc=["1001"]) == "no_permit"


@pytest.mark.parametrize(
    ("claims", "detail"),
    [
        ({"dept": 5}, "claim_type"),
        ({"dept": ["payments"]}, "claim_type"),
        ({"dept": None}, "claim_type"),
        ({"dept": "pay\nments"}, "claim_type"),
        ({"https://corp.example/clearance": "3"}, "claim_type"),
        ({"https://corp.example/clearance": 3.5}, "claim_type"),
        ({"https://corp.example/clearance": True}, "claim_type"),
        ({"contractor": "false"}, "claim_type"),
        ({"cc": [1]}, "claim_type"),
        ({"_claim_names": {"contractor": "src1"}}, "groups_overage"),
    ],
    ids=repr,
)
def test_a_token_that_says_something_else_is_refused(
    world: World, call: Ask, claims: dict[str, Any], detail: str
) -> None:
    """An attribute that a forbid reads must not be got rid of by a value of another type."""
    decision = engine(world).evaluate(world.human(**claims), call("list_issues", repo="a"))

    assert (decision.code, decision.detail, decision.status) == ("invalid_claim", detail, 401)
    assert "pay" not in decision.note


def test_an_acting_machine_is_decided_on_by_what_is_listed(world: World, call: Ask) -> None:
    """`context.actor` has the registry's attributes; those that aren't declared are tags."""
    token = world.human(client_id="desktop-agent", tier="silver")
    decision = engine(world).evaluate(token, call("delete_repository", repo="a"))

    assert [match.id for match in decision.policies] == ["gold-agents-delete"]
    assert decision.principal == User(
        issuer="corp",
        subject="alice",
        actor=Client(
            issuer="corp",
            client_id="desktop-agent",
            attributes={"region": ("eu",)},
            typed_attributes={"tier": "gold"},
        ),
    )


def test_machines_are_decided_on_by_the_registry_and_then_by_their_token(world: World, call: Ask) -> None:
    """A claim adds what isn't listed, and replaces nothing that is."""
    ours = engine(world)
    lists = call("list_issues", repo="a")

    assert ours.evaluate(world.machine(), lists).code == "no_permit"
    assert ours.evaluate(world.machine(quota=5), lists).code == "allowed"
    assert ours.evaluate(world.machine(quota=5, tier="silver"), lists).code == "allowed"
    assert ours.evaluate(world.machine(quota=-5), lists).code == "no_permit"


def test_what_a_token_says_stands_against_entities_of_ones_own(world: World, call: Ask) -> None:
    """The file completes a principal, name by name; it doesn't correct one."""
    entities = [
        {
            "uid": {"type": "User", "id": "corp/alice"},
            "attrs": {"department": "payments", "contractor": True, "clearance": 9},
        }
    ]
    ours = engine(world, entities=entities)

    def code(tool: str, **claims: Any) -> str:
        return ours.evaluate(world.human(**claims), call(tool, repo="a")).code

    assert code("list_issues") == "allowed"
    assert code("list_issues", dept="sales") == "no_permit"
    assert code("create_issue") == "forbidden"
    assert code("create_issue", contractor=False) == "allowed"
    assert code("create_issue", contractor=False, **{"https://corp.example/clearance": 1}) == "no_permit"
    assert ours.evaluate(world.human("bob"), call("list_issues", repo="a")).code == "no_permit"


def test_a_policy_that_does_not_fit_is_not_loaded(world: World) -> None:
    """An attribute of one kind isn't one of the other."""
    policy = '@id("x") permit (principal is User, action, resource) when { principal.tier == "gold" };'

    with pytest.raises(PolicyError) as error:
        engine(world, policy)

    assert (error.value.code, error.value.line, error.value.column) == ("policy_schema", 1, 72)


@pytest.mark.parametrize(
    "principal",
    [
        User(issuer="corp", subject="alice", typed_attributes={"clearence": 9}),
        User(issuer="corp", subject="alice", typed_attributes={"clearance": "9"}),
        User(issuer="corp", subject="alice", typed_attributes={"tier": "gold"}),
        Client(issuer="machines", client_id="ci-bot", typed_attributes={"tier": 1}),
    ],
    ids=["misspelt", "wrong type", "of the other kind", "machine"],
)
def test_a_principal_that_a_program_made_wrong_is_refused(
    world: World, call: Ask, principal: Principal
) -> None:
    """`authorize` trusts its caller with who it is, but not with values that policies weren't checked for."""
    decision = engine(world).authorize(principal, call("list_issues", repo="a"))

    assert decision.code == "internal_error"


def test_the_record_of_a_decision_holds_no_attribute(world: World, call: Ask) -> None:
    """Who it was is recorded, and not all that is known of them."""
    decision = engine(world).evaluate(world.human(dept="payments"), call("list_issues", repo="a"))

    assert decision.allowed
    assert "payments" not in str({**decision.to_dict(), "policies": None})


def test_an_explanation_shows_the_values(world: World, call: Ask) -> None:
    """What the token said, beside what the policy wants."""
    explanation = engine(world).explain(world.human(dept="sales"), call("list_issues", repo="a"))
    record = explanation_record(explanation)["questions"][0]["policies"]
    (told,) = [policy for policy in record if policy["id"] == "payments-list"]

    assert told["findings"][0]["values"] == [{"part": "principal.department", "value": '"sales"'}]
