"""`separation`: which permits take a machine for a person."""

from collections.abc import Mapping

import pytest

from policy_engine.review import Options, Outcome, Severity, Verdict, review
from tests.plugins.solver import require_cvc5
from tests.review.questions.conftest import Reviewed, about, plain, said, subject

TOOLS = 'action in Action::"git/*", resource'

ALIKE = {
    "no word on who asks": "",
    "both kinds by name": "when { principal is User || principal is Client }",
    "a scope of the token": 'when { context.token.scopes.contains("write") }',
    "a claim of both": 'when { principal.hasTag("team") && principal.getTag("team").contains("a") }',
    "the issuer": 'when { principal.issuer == "corp" }',
    "a group of both": 'when { principal in Group::"corp/a" || principal in ClientGroup::"corp/a" }',
    "the same name of both": 'when { principal == User::"corp/a" || principal == Client::"corp/a" }',
    "an argument": 'when { context.arguments has repo && context.arguments.repo like "acme/*" }',
}

OPEN = {
    "what machines never have": "unless { principal has email }",
    "machines but one category": 'unless { principal is Client && principal.category == "ai_agent" }',
    "machines of one category": 'when { principal is User || principal.category == "service" }',
    "machines but one": 'unless { principal == Client::"machines/bot" }',
    "machines but those of one group": 'unless { principal in ClientGroup::"machines/ci" }',
}

APART = {
    "a machine by name": 'when { principal is User || principal == Client::"machines/bot" }',
    "a group of machines": 'when { principal in Group::"corp/a" || principal in ClientGroup::"machines/ci" }',
    "a tag that machines must have": 'when { principal is User || principal.hasTag("trusted") }',
}

ONE_KIND = {
    "people": ("principal is User", "", "people"),
    "people of a group": ('principal in Group::"corp/a"', "", "people"),
    "one machine": ('principal == Client::"machines/bot"', "", "machines"),
    "people by a condition": ("principal", "when { principal is User }", "people"),
    "people by what only they have": ("principal", "when { principal has subject }", "people"),
    "people, said twice in the negative": ("principal", "unless { !(principal is User) }", "people"),
    "machines by what only they have": ("principal", "when { principal has client_id }", "machines"),
    "machines by their category": (
        "principal",
        'when { principal is Client && principal.category == "service" }',
        "machines",
    ),
}


@pytest.fixture(scope="module")
def verdicts() -> Mapping[str, Verdict]:
    """What is said of each of these permits, which are all in one set."""
    require_cvc5()
    rows = {**ALIKE, **OPEN, **APART}
    permits = (f'@id("{name}") permit (principal, {TOOLS}) {condition};' for name, condition in rows.items())
    found = review(subject("\n".join(permits)), Options(questions=("separation",)))
    return {verdict.subject: verdict for verdict in found.verdicts}


def test_the_whole_says_how_many_take_machines_for_people(verdicts: Mapping[str, Verdict]) -> None:
    """And which, as far as there is room."""
    whole = verdicts["every permit"]

    assert whole.statement == (
        "13 of 16 permits can't tell a machine from a person: `no word on who asks`, `both kinds by name`,"
        " `a scope of the token`, `a claim of both` and 9 more"
    )
    assert (whole.outcome, dict(whole.details)) == (Outcome.violated, {"apart": 3, "open": 5, "blind": 8})
    assert whole.policies == (*ALIKE, *OPEN)


@pytest.mark.parametrize("name", ALIKE)
def test_a_permit_that_treats_twins_alike_is_shown_with_both(
    verdicts: Mapping[str, Verdict], name: str
) -> None:
    """Two requests that differ in nothing but the kind, and the engine allows both by this permit."""
    verdict = verdicts[name]

    (witness,) = verdict.witnesses
    twin = witness.twin
    assert twin is not None
    assert (verdict.outcome, verdict.severity, dict(verdict.details)) == (
        Outcome.violated,
        Severity.error,
        {"way": "blind"},
    )
    assert (witness.principal.type, twin.principal.type) == ("Client", "User")
    assert witness.principal.id == twin.principal.id
    assert (witness.allowed, twin.allowed) == (True, True)
    assert (name in witness.policies, name in twin.policies) == (True, True)
    assert (witness.action, witness.resource, witness.context) == (twin.action, twin.resource, twin.context)
    assert verdict.statement == (
        f"`{name}` lets in a machine as it lets in people: `{witness.principal}` can use"
        f" `{witness.action}` just like `{twin.principal}`"
    )


@pytest.mark.parametrize("name", OPEN)
def test_a_permit_that_is_open_to_machines_is_shown_with_one(
    verdicts: Mapping[str, Verdict], name: str
) -> None:
    """It doesn't treat twins alike everywhere; and yet machines are let in that nobody named."""
    verdict = verdicts[name]

    (witness,) = verdict.witnesses
    twin = witness.twin
    assert twin is not None
    assert (verdict.outcome, dict(verdict.details)) == (Outcome.violated, {"way": "open"})
    assert (witness.allowed, twin.allowed) == (True, True)
    assert (name in witness.policies, name in twin.policies) == (True, True)
    assert [entity["parents"] for entity in witness.entities if entity["uid"]["type"] == "Client"] == [[]]
    assert verdict.statement == (
        f"`{name}` lets in any machine that nobody named as it lets in people: `{witness.principal}` can use"
        f" `{witness.action}` just like `{twin.principal}`"
    )


@pytest.mark.parametrize("name", APART)
def test_a_permit_that_asks_more_of_machines_is_noted(verdicts: Mapping[str, Verdict], name: str) -> None:
    """Somebody said something of each machine that it lets in."""
    verdict = verdicts[name]

    assert plain(verdict) == Verdict(
        question="separation",
        subject=name,
        outcome=Outcome.proved,
        statement=f"`{name}` is for both kinds, and takes more than a person's words from a machine",
        policies=(name,),
        severity=Severity.note,
    )
    assert verdict.witnesses == ()


@pytest.mark.parametrize(("who", "condition", "kind"), ONE_KIND.values(), ids=ONE_KIND)
def test_a_permit_of_one_kind_needs_no_solver(
    reviewed: Reviewed, who: str, condition: str, kind: str
) -> None:
    """By its head, or by conditions that the types decide."""
    found = reviewed("separation", f'@id("x") permit ({who}, {TOOLS}) {condition};', timeout=None)

    assert said(found) == {
        "every permit": (
            "proved",
            f"no permit takes a machine for a person: of 1 permit, 1 is for {kind} alone",
        ),
        "x": ("proved", f"`x` is for {kind} alone"),
    }


def test_the_author_may_say_that_both_are_meant(reviewed: Reviewed) -> None:
    """That is told, with who is let in, and stands against nothing."""
    found = reviewed("separation", f'@id("x") @kinds("both") permit (principal, {TOOLS});')

    verdict = about(found, "x")
    assert (found.outcome, verdict.outcome, verdict.waived) == (
        Outcome.proved,
        Outcome.violated,
        '@kinds("both")',
    )
    assert len(verdict.witnesses) == 1
    assert said(found) == {
        "every permit": (
            "proved",
            "no permit takes a machine for a person: of 1 permit, 1 is for both by its own word",
        ),
        "x": ("violated", "`x` lets in a machine as it lets in people, and says that it is meant so"),
    }


def test_forbids_may_keep_the_machines_out(reviewed: Reviewed) -> None:
    """Then nobody is treated alike, though the permit itself couldn't tell; one that leaves a gap doesn't."""
    permit = f'@id("x") permit (principal, {TOOLS});'
    closed = reviewed("separation", f'{permit} @id("f") forbid (principal is Client, action, resource);')
    gap = 'forbid (principal is Client, action, resource) when { principal.category == "ai_agent" };'
    open_ = reviewed("separation", f'{permit} @id("f") {gap}')

    assert said(closed) == {
        "every permit": (
            "proved",
            "no permit takes a machine for a person: of 1 permit, 1 is for both, but for forbids that keep"
            " machines out",
        ),
        "x": ("proved", "`x` can't tell machines from people, but forbids keep the machines out"),
    }
    assert (open_.outcome, about(open_, "x").outcome) == (Outcome.violated, Outcome.violated)


def test_what_is_about_nothing_yet_proves_nothing(reviewed: Reviewed) -> None:
    """No tool is pinned, so no request could be about one; that is said."""
    server = {"servers": {"git": {"resource": "https://mcp.example.com/git"}}}
    found = reviewed("separation", f'@id("x") permit (principal, {TOOLS});', of=server)

    verdict = about(found, "x")
    assert (verdict.outcome, verdict.vacuous, verdict.severity) == (Outcome.proved, True, Severity.note)
    assert verdict.statement == "`x` is about nothing that there is yet"
    assert about(found, "every permit").vacuous


def test_a_set_without_permits_takes_nobody_for_anybody(reviewed: Reviewed) -> None:
    """Whatever it forbids."""
    found = reviewed("separation", '@id("f") forbid (principal, action, resource);')

    assert said(found) == {
        "every permit": ("proved", "no permit takes a machine for a person: there is no permit")
    }


def test_without_a_solver_it_isnt_known_who_is_let_in(reviewed: Reviewed) -> None:
    """Never proved; the reason is told, and the whole isn't known either."""
    condition = 'when { context.token.scopes.contains("write") }'
    found = reviewed("separation", f'@id("x") permit (principal, {TOOLS}) {condition};', timeout=None)

    assert found.outcome is Outcome.unknown
    assert said(found) == {
        "every permit": (
            "unknown",
            "of 1 of 1 permit it isn't known whether it tells a machine from a person: `x`",
        ),
        "x": ("unknown", "whether `x` takes a machine for a person isn't known: no solver is installed"),
    }
    reasons = [verdict.reason.reason for verdict in found.verdicts if verdict.reason is not None]
    assert reasons == ["solver_missing", "solver_missing"]


def test_what_the_plainest_request_shows_takes_no_solver(reviewed: Reviewed) -> None:
    """Nothing is said in it, and nobody is in any group: it is tried, and Cedar confirms it."""
    found = reviewed("separation", f'@id("x") permit (principal, {TOOLS});', timeout=None)

    verdict = about(found, "x")
    assert (verdict.outcome, verdict.solved) == (Outcome.violated, 0)
    assert [(witness.allowed, witness.policies) for witness in verdict.witnesses] == [(True, ("x",))]


def test_a_witness_is_a_call_that_somebody_can_make(reviewed: Reviewed) -> None:
    """With a token of a configured issuer, for the machine and for the person."""
    found = reviewed("separation", f'@id("x") permit (principal, {TOOLS});')

    (witness,) = about(found, "x").witnesses
    assert witness.call is not None
    assert witness.twin is not None
    assert witness.twin.call is not None
    calls = (witness.call, witness.twin.call)
    assert [(call.reachable, call.decision.code, call.principal.issuer) for call in calls] == [
        (True, "allowed", "machines"),
        (True, "allowed", "corp"),
    ]


TAGGED = 'principal.hasTag("team") && principal.getTag("team").contains("platform")'
HALVES = {
    "a claim of both, or people": f'({TAGGED}) || (principal is User && principal in Group::"corp/admins")',
    "groups of one name, or people": 'principal in Group::"corp/a" || principal in Role::"corp/r"'
    ' || principal in ClientGroup::"corp/a"',
    "within another condition": f"context.has_request_state == false && (({TAGGED}) ||"
    ' (principal is User && principal in Group::"corp/admins"))',
}


@pytest.mark.parametrize("condition", HALVES.values(), ids=HALVES)
def test_one_half_of_a_condition_doesnt_hide_what_the_other_does(reviewed: Reviewed, condition: str) -> None:
    """Some twins are treated differently; yet a machine gets in by the very words that let in a person."""
    found = reviewed("separation", f'@id("x") permit (principal, {TOOLS}) when {{ {condition} }};')

    verdict = about(found, "x")
    assert (verdict.outcome, dict(verdict.details)) == (Outcome.violated, {"way": "blind"})
    (witness,) = verdict.witnesses
    assert (witness.principal.type, witness.allowed) == ("Client", True)
    assert witness.twin is not None
    assert (witness.twin.principal.type, witness.twin.allowed) == ("User", True)


def test_halves_that_ask_more_of_machines_are_told_apart(reviewed: Reviewed) -> None:
    """Whatever else lets in people; also where no machine gets in by the half that is alike."""
    for condition in (
        f"principal is User || (principal is Client && {TAGGED})",
        f'({TAGGED} && context.token.scopes.contains("x") && principal is Client) || principal is User',
        f'(principal is Client && {TAGGED}) || (principal is User && principal in Group::"corp/admins")',
    ):
        found = reviewed("separation", f'@id("x") permit (principal, {TOOLS}) when {{ {condition} }};')
        assert (found.outcome, about(found, "x").details["way"]) == (Outcome.proved, "apart"), condition


def test_a_shadow_permit_isnt_asked_about(reviewed: Reviewed) -> None:
    """It never decides."""
    found = reviewed("separation", f'@id("x") @mode("shadow") permit (principal, {TOOLS});')

    assert [verdict.subject for verdict in found.verdicts] == ["every permit"]
