"""What once was proved, and wasn't so: each is shown by a request that the engine allows, or isn't known."""

from copy import deepcopy
from typing import Any

import pytest

from policy_engine.config import config_from_values
from policy_engine.review import Options, Outcome, Review, Subject, review
from tests.plugins.solver import require_cvc5
from tests.review.questions.conftest import VALUES, Reviewed, about

LOOK = 'action == Action::"git/look"'
TAGGED = 'principal.hasTag("team")'


def compared(policies: str, before: dict[str, Any], after: dict[str, Any], entities: Any = None) -> Review:
    """The same policies in two configurations."""
    require_cvc5()
    sides = []
    for values, static in ((before, None), (after, entities)):
        sides.append(config_from_values({**VALUES, **values}, policy_text=policies, entity_values=static))
    old, new = map(Subject.of, sides)
    options = Options(questions=("diff",), before=old, no_widening=frozenset({"Client"}))
    return review(new, options)


def test_a_group_that_entities_nest_elsewhere_isnt_proved_to_be_the_same() -> None:
    """A member of `ci` is one of `ops` on the new side alone."""
    policies = f'@id("ops") permit (principal in ClientGroup::"machines/ops", {LOOK}, resource);'
    nested = [
        {
            "uid": {"type": "ClientGroup", "id": "machines/ci"},
            "attrs": {},
            "parents": [{"type": "ClientGroup", "id": "machines/ops"}],
        }
    ]

    found = compared(policies, {}, {}, nested)

    verdict = about(found, "Client: granted")
    assert (verdict.outcome, found.outcome) == (Outcome.unknown, Outcome.unknown)
    assert verdict.reason is not None
    assert verdict.reason.detail.startswith("the two sides have other entities")


@pytest.mark.parametrize("read", ["", 'when { principal.issuer == "partner" }'])
def test_machines_of_a_new_issuer_are_new(read: str) -> None:
    """Whether or not a policy speaks of it."""
    policies = f'@id("all") permit (principal is Client, {LOOK}, resource) {read};'
    issuers = deepcopy(VALUES["issuers"])
    issuers["partner"] = {
        "issuer": "https://partner.example.com",
        "profile": "rfc9068",
        "clients": {"robot": {"grants": ["client_credentials"]}},
    }

    found = compared(policies, {}, {"issuers": issuers})

    verdict = about(found, "Client: granted")
    assert (verdict.outcome, found.outcome) == (Outcome.violated, Outcome.violated)
    assert {witness.principal.id.partition("/")[0] for witness in verdict.witnesses} == {"partner"}


def test_what_machines_may_do_at_a_new_server_is_new() -> None:
    """Also where no policy names it."""
    policies = '@id("lists") permit (principal is Client, action == Action::"list_tools", resource);'
    servers = {**VALUES["servers"], "wiki": {"resource": "https://mcp.example.com/wiki"}}

    found = compared(policies, {}, {"servers": servers})

    (witness,) = about(found, "Client: granted").witnesses
    assert str(witness.resource) == 'Server::"wiki"'


def test_who_is_listed_otherwise_isnt_compared_and_that_is_said() -> None:
    """A machine in another group is a matter of the list, not of the policies."""
    policies = f'@id("ops") permit (principal in ClientGroup::"machines/ops", {LOOK}, resource);'
    issuers = deepcopy(VALUES["issuers"])
    issuers["machines"]["clients"]["bot"]["groups"] = ["ci", "ops"]

    statement = about(compared(policies, {}, {"issuers": issuers}), "Client: granted").statement

    assert statement == (
        "machines can do nothing that they couldn't do before; who is listed, and in which groups, is"
        " otherwise than before, and isn't compared"
    )


CONTRADICTED = [{"uid": {"type": "Tool", "id": "git/wipe"}, "attrs": {"read_only": True}, "parents": []}]


@pytest.mark.parametrize("first", ["git/look", "git/wipe"])
def test_a_tool_that_a_policy_names_is_the_one_that_is_asked_about(first: str) -> None:
    """What the catalogue says of it counts, whatever the entities file does, in whichever order."""
    require_cvc5()
    policies = '@id("x") permit (principal is Client, action, resource) when { !Tool::"git/wipe".read_only };'
    of = Subject.of(config_from_values(VALUES, policy_text=policies, entity_values=CONTRADICTED))
    never = (first, *({"git/look", "git/wipe"} - {first}))

    found = review(of, Options(questions=("never",), never=never))

    assert {verdict.subject: verdict.outcome for verdict in found.verdicts} == {
        "git/look": Outcome.violated,
        "git/wipe": Outcome.violated,
    }


SCOPE = 'context.token.scopes.contains("h")'
FORBIDS = {
    "people": f'@id("f") forbid (principal is User, {LOOK}, resource);',
    "people but for a scope, machines with it": (
        f'@id("f") forbid (principal is User, {LOOK}, resource) unless {{ {SCOPE} }};'
        f'@id("g") forbid (principal is Client, {LOOK}, resource) when {{ {SCOPE} }};'
    ),
}


@pytest.mark.parametrize("forbids", FORBIDS.values(), ids=FORBIDS)
def test_forbids_that_keep_out_people_dont_keep_out_machines(reviewed: Reviewed, forbids: str) -> None:
    """A permit for everybody, of which machines alone are left."""
    found = reviewed("separation", f'@id("any") permit (principal, {LOOK}, resource); {forbids}')

    verdict = about(found, "any")
    (witness,) = verdict.witnesses
    assert (verdict.outcome, witness.principal.type, witness.twin) == (Outcome.violated, "Client", None)
    assert "where forbids keep out even people" in verdict.statement


ADMINS = 'principal is User && principal in Group::"corp/admins"'
HIDDEN = {
    "De Morgan": f"unless {{ !{TAGGED} && !({ADMINS}) }}",
    "if": f"when {{ if {TAGGED} then true else ({ADMINS}) }}",
    "machines that are kept out": f'when {{ {TAGGED} && !(principal in ClientGroup::"machines/banned") }}',
    "one machine that is kept out": f'when {{ {TAGGED} && principal != Client::"machines/bot" }}',
}


@pytest.mark.parametrize("condition", HIDDEN.values(), ids=HIDDEN)
def test_another_way_to_write_it_hides_nothing(reviewed: Reviewed, condition: str) -> None:
    """A tagged machine gets in by the words that let in a tagged person."""
    found = reviewed("separation", f'@id("x") permit (principal, {LOOK}, resource) {condition};')

    verdict = about(found, "x")
    assert (verdict.outcome, verdict.details["way"]) == (Outcome.violated, "blind")


def test_a_machine_that_is_named_by_its_attributes_is_named(reviewed: Reviewed) -> None:
    """As one that is named by its uid."""
    named = 'principal is Client && principal.issuer == "machines" && principal.client_id == "bot"'
    condition = f'({named}) || principal in Group::"corp/x"'
    found = reviewed("separation", f'@id("x") permit (principal, {LOOK}, resource) when {{ {condition} }};')

    assert (found.outcome, about(found, "x").details["way"]) == (Outcome.proved, "apart")


def test_many_halves_take_no_time(reviewed: Reviewed) -> None:
    """Of 26 of them there are 67 million ways."""
    halves = " && ".join(
        f'(principal.hasTag("a{n}") || (principal is User && principal in Group::"corp/b{n}"))'
        for n in range(26)
    )

    found = reviewed("separation", f'@id("x") permit (principal, {LOOK}, resource) when {{ {halves} }};')

    assert about(found, "x").outcome in (Outcome.proved, Outcome.violated)
