"""Requests → verdicts, failing closed."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest

from policy_engine.cedar import Authorizer, CedarError, CedarRequest
from policy_engine.evaluator import Evaluator, Limits, PolicyStore, Verdict, principal_entity
from policy_engine.model import (
    AuthorizationRequest,
    CedarJson,
    Client,
    EntityUid,
    PolicyFault,
    PolicyMatch,
    Surroundings,
    User,
)

Load = Callable[..., PolicyStore]
Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]
PEOPLE = '@id("people") @reason("why") permit (principal is User, action, resource);'


def test_a_permit_allows_and_is_named(build: Build, ask: Ask, alice: User) -> None:
    """With all its annotations."""
    verdict = build(PEOPLE).evaluate(ask(alice, "ping"))

    assert verdict == Verdict("allowed", (PolicyMatch("people", {"id": "people", "reason": "why"}),))
    assert verdict.allowed


def test_nothing_applies_to_a_machine_where_only_people_are_meant(
    build: Build, ask: Ask, bot: Client
) -> None:
    """Deny by default."""
    verdict = build(PEOPLE).evaluate(ask(bot, "ping"))

    assert verdict == Verdict("no_permit")
    assert not verdict.allowed


def test_a_user_and_a_client_of_one_name_are_two(build: Build, ask: Ask) -> None:
    """A token whose `sub` is its client id gains nothing by it."""
    evaluator = build('@id("a") permit (principal == User::"corp/x", action, resource);')

    assert evaluator.evaluate(ask(User(issuer="corp", subject="x"), "ping")).allowed
    assert not evaluator.evaluate(ask(Client(issuer="corp", client_id="x"), "ping")).allowed


def test_a_forbid_wins(build: Build, ask: Ask, alice: User) -> None:
    """And is what decided."""
    evaluator = build(PEOPLE + '@id("no") forbid (principal, action in Action::"destructive", resource);')

    assert evaluator.evaluate(ask(alice, "github/delete_repo")) == Verdict(
        "forbidden", (PolicyMatch("no", {"id": "no"}),)
    )
    assert evaluator.evaluate(ask(alice, "github/get_issue")).allowed


def test_a_forbid_that_errs_denies_where_cedar_alone_allows(
    load: Load, build: Build, ask: Ask, alice: User
) -> None:
    """Cedar skips it; an input that was meant to be stopped would pass."""
    text = PEOPLE + '@id("no") forbid (principal, action, resource) when { 9223372036854775807 + 1 == 0 };'
    request = ask(alice, "ping")
    asked = CedarRequest(alice.uid, request.action, request.resource, request.context)

    bare = Authorizer.from_text(load(text).effective_text()).authorize(asked, [principal_entity(alice)])
    verdict = build(text).evaluate(request)

    assert bare.allowed
    assert verdict == Verdict(
        "policy_error", (PolicyMatch("no", {"id": "no"}),), (PolicyFault("no", "overflow"),)
    )


def test_a_permit_that_errs_is_no_permit_and_is_reported(build: Build, ask: Ask, alice: User) -> None:
    """It can't stop another permit either."""
    erring = '@id("errs") permit (principal is User, action, resource) when { 9223372036854775807 + 1 == 0 };'
    fault = PolicyFault("errs", "overflow")

    assert build(erring).evaluate(ask(alice, "ping")) == Verdict("no_permit", (), (fault,))
    assert build(erring + PEOPLE).evaluate(ask(alice, "ping")) == Verdict(
        "allowed", (PolicyMatch("people", {"id": "people", "reason": "why"}),), (fault,)
    )


def test_a_forbid_that_applies_is_named_before_one_that_errs(build: Build, ask: Ask, alice: User) -> None:
    """Both deny; the one that is certain is the reason."""
    verdict = build(
        '@id("errs") forbid (principal, action, resource) when { 9223372036854775807 + 1 == 0 };'
        '@id("no") forbid (principal, action, resource);'
    ).evaluate(ask(alice, "ping"))

    assert (verdict.code, [match.id for match in verdict.policies]) == ("forbidden", ["no"])
    assert [fault.policy for fault in verdict.errors] == ["errs"]


def test_a_shadow_policy_never_decides(build: Build, ask: Ask, alice: User) -> None:
    """Neither as a permit, nor as a forbid, nor by an error."""
    shadows = (
        '@id("s1") @mode("shadow") permit (principal is User, action, resource);'
        '@id("s2") @mode("shadow") forbid (principal, action, resource) '
        "when { 9223372036854775807 + 1 == 0 };"
    )

    assert build(shadows).evaluate(ask(alice, "ping")) == Verdict("no_permit")
    assert build(shadows.replace("permit", "forbid") + PEOPLE).evaluate(ask(alice, "ping")).errors == ()


# --- delegation ---------------------------------------------------------------------------------


def test_a_permit_does_not_reach_agents_unless_it_says_so(
    build: Build, ask: Ask, alice: User, assisted: User
) -> None:
    """Acting through an agent is opted into, never inherited."""
    plain, delegable = build(PEOPLE), build("@delegable " + PEOPLE)

    assert plain.evaluate(ask(alice, "ping")).allowed
    assert plain.evaluate(ask(assisted, "ping")).code == "no_permit"
    assert delegable.evaluate(ask(assisted, "ping")).allowed


def test_a_forbid_always_reaches_agents(build: Build, ask: Ask, assisted: User) -> None:
    """Whatever the permit says."""
    evaluator = build(
        f'@delegable {PEOPLE} @id("no") forbid (principal, action == Action::"ping", resource);'
    )

    assert evaluator.evaluate(ask(assisted, "ping")).code == "forbidden"


def test_policies_read_the_actor(build: Build, ask: Ask, assisted: User) -> None:
    """Its attributes and its groups: it is an entity like any other."""
    text = """@id("a") @delegable permit (principal is User, action, resource)
        when { context has actor && context.actor.category == "ai_agent" };
        @id("b") forbid (principal, action, resource)
        when { context has actor && context.actor in ClientGroup::"corp/untrusted" };"""
    assert assisted.actor is not None
    untrusted = replace(assisted, actor=replace(assisted.actor, groups=frozenset({"untrusted"})))

    assert build(text).evaluate(ask(assisted, "ping")).allowed
    assert build(text).evaluate(ask(untrusted, "ping")).code == "forbidden"


@pytest.mark.parametrize(
    "actor",
    [
        None,
        {"__entity": {"type": "Client", "id": "corp/other"}},
        {"type": "Client", "id": "corp/assistant"},
    ],
    ids=["absent", "another", "only a record"],
)
def test_a_context_that_hides_the_actor_is_a_fault(
    build: Build, ask: Ask, assisted: User, actor: CedarJson | None
) -> None:
    """The guard reads the context: were it to say less, an agent would pass for a person."""
    request = ask(assisted, "ping")
    context = {key: value for key, value in request.context.items() if key != "actor"}
    if actor is not None:
        context["actor"] = actor

    with pytest.raises(CedarError) as caught:
        build(PEOPLE).evaluate(replace(request, context=context))
    assert (caught.value.code, caught.value.detail) == ("internal_error", "cedar_request")


@pytest.mark.parametrize("who", ["alice", "bot"])
def test_a_context_that_makes_up_an_actor_is_a_fault(
    build: Build, ask: Ask, who: str, request: pytest.FixtureRequest
) -> None:
    """Nobody acts for a machine, or for a person who acts for themselves."""
    actor = {"__entity": {"type": "Client", "id": "corp/x"}}
    asked = ask(request.getfixturevalue(who), "ping", actor=actor)

    with pytest.raises(CedarError):
        build(PEOPLE).evaluate(asked)


# --- entities -----------------------------------------------------------------------------------

GROUPS = [{"uid": {"type": "Group", "id": "corp/eng"}, "parents": [{"type": "Group", "id": "corp/all"}]}]


def test_groups_nest_as_the_operator_says(build: Build, ask: Ask, alice: User) -> None:
    """A group from the token has ancestors from the file."""
    text = '@id("a") permit (principal in Group::"corp/all", action, resource);'

    assert build(text, GROUPS).evaluate(ask(alice, "ping")).allowed
    assert not build(text).evaluate(ask(alice, "ping")).allowed


def test_ancestors_of_a_literal_count(build: Build, ask: Ask, alice: User) -> None:
    """The trap: with principal and resource alone, a Deny would be an Allow."""
    text = (
        PEOPLE
        + '@id("no") forbid (principal, action, resource) when { Group::"corp/eng" in Group::"corp/all" };'
    )

    assert build(text, GROUPS).evaluate(ask(alice, "ping")).code == "forbidden"
    assert build(text).evaluate(ask(alice, "ping")).allowed


def test_what_is_said_of_an_actor_counts(build: Build, ask: Ask, assisted: User) -> None:
    """The trap: without the actor's entity, this forbid wouldn't apply either."""
    text = f"""@delegable {PEOPLE}
        @id("no") forbid (principal, action, resource)
        when {{ context has actor && context.actor in ClientGroup::"corp/untrusted" }};"""
    group = {"type": "ClientGroup", "id": "corp/untrusted"}
    static = [{"uid": {"type": "Client", "id": "corp/assistant"}, "parents": [group]}]

    assert build(text).evaluate(ask(assisted, "ping")).allowed
    assert build(text, static).evaluate(ask(assisted, "ping")).code == "forbidden"


def test_action_groups_of_a_literal_count(build: Build, ask: Ask, alice: User) -> None:
    """Also of an action that isn't the one asked for."""
    text = """@id("a") permit (principal is User, action, resource)
        when { Action::"github/delete_repo" in Action::"destructive" };"""

    assert build(text).evaluate(ask(alice, "ping")).allowed


def test_what_file_and_token_say_is_merged(build: Build, ask: Ask, alice: User) -> None:
    """Parents are united; attributes and tags of the token win, name by name."""
    static = [
        {
            "uid": alice.uid.to_json(),
            "attrs": {"subject": "mallory", "email": "a@corp.example"},
            "parents": [{"type": "Group", "id": "corp/eng"}, {"type": "Role", "id": "corp/lead"}],
            "tags": {"floor": ["3"], "region": ["us"]},
        }
    ]
    text = """@id("a") permit (principal is User, action, resource) when {
        principal in Group::"corp/eng" && principal in Role::"corp/lead" && principal.subject == "alice"
        && principal has email && principal.email == "a@corp.example"
        && principal.hasTag("floor") && principal.getTag("floor") == ["3"]
        && principal.hasTag("region") && principal.getTag("region") == ["eu"] };"""

    asked = ask(replace(alice, attributes={"region": ("eu",)}), "ping")

    assert build(text, static).evaluate(asked).allowed
    assert not build(text).evaluate(asked).allowed


def test_tools_are_in_the_groups_of_the_file(build: Build, ask: Ask, alice: User) -> None:
    """What stage 3 knows of a tool stays: its server, its name."""
    static = [
        {
            "uid": {"type": "Tool", "id": "github/get_issue"},
            "parents": [{"type": "ToolGroup", "id": "payments"}],
        },
        {"uid": {"type": "ToolGroup", "id": "payments"}, "parents": [{"type": "ToolGroup", "id": "money"}]},
    ]
    text = """@id("a") permit (principal is User, action, resource in ToolGroup::"payments")
        when { resource in Server::"github" && resource.name == "get_issue" };"""
    evaluator = build(text, static)

    assert evaluator.evaluate(ask(alice, "github/get_issue")).allowed
    assert not evaluator.evaluate(ask(alice, "github/create_issue")).allowed


def test_a_person_whom_a_policy_names_may_be_the_one_who_asks(
    build: Build, ask: Ask, alice: User, bot: Client
) -> None:
    """What the token says of them counts then, too; for everybody else, what the file says."""
    static = [{"uid": alice.uid.to_json(), "parents": [{"type": "Role", "id": "corp/lead"}]}]
    text = """@id("a") permit (principal, action, resource) when { User::"corp/alice" in Role::"corp/lead" };
        @id("no") forbid (principal is User, action, resource) unless { principal in Group::"corp/eng" };"""
    evaluator = build(text, static)

    assert evaluator.evaluate(ask(alice, "ping")).allowed
    assert evaluator.evaluate(ask(bot, "ping")).allowed
    assert not build(text).evaluate(ask(bot, "ping")).allowed


def test_what_is_asked_for_may_be_named_again(build: Build, ask: Ask, alice: User) -> None:
    """In the context, say; it stays the one entity that it is."""
    tool = {"type": "Tool", "id": "github/get_issue"}
    static = [{"uid": tool, "parents": [{"type": "ToolGroup", "id": "payments"}]}]
    text = '@id("a") permit (principal is User, action, resource in ToolGroup::"payments");'
    request = ask(alice, "github/get_issue", approver={"__entity": tool})

    assert build(text, static).evaluate(request).allowed


BOB = {"type": "User", "id": "corp/bob"}
BOB_LEADS: CedarJson = {"uid": BOB, "parents": [{"type": "Role", "id": "corp/lead"}]}


@pytest.mark.parametrize(
    ("condition", "static", "context"),
    [
        (
            'principal has manager && principal.manager in Role::"corp/lead"',
            [{"uid": {"type": "User", "id": "corp/alice"}, "attrs": {"manager": BOB}}],
            {},
        ),
        (
            'resource has owner && resource.owner in Role::"corp/lead"',
            [{"uid": {"type": "Tool", "id": "github/get_issue"}, "attrs": {"owner": BOB}}],
            {},
        ),
        (
            'context has approver && context.approver in Role::"corp/lead"',
            [],
            {"approver": {"__entity": BOB}},
        ),
    ],
    ids=["principal", "resource", "context"],
)
def test_what_attributes_and_context_name_counts(
    build: Build, ask: Ask, alice: User, *, condition: str, static: list[CedarJson], context: CedarJson
) -> None:
    """Attributes are read with the schema, which makes entities of uids, and these have ancestors too."""
    scope = '@id("a") permit (principal is User, action == Action::"github/get_issue", resource)'
    text = f"{scope} when {{ {condition} }};"
    request = ask(alice, "github/get_issue", **context)

    assert build(text, [*static, BOB_LEADS]).evaluate(request).allowed
    assert not build(text, static).evaluate(request).allowed


def test_a_catalogue_completes_tools_that_policies_name(build: Build, ask: Ask, alice: User) -> None:
    """A tool that isn't the one asked for is known from there alone."""
    text = """@id("a") permit (principal is User, action, resource)
        when { Tool::"github/get_issue" in Server::"github" };"""
    tool, server = EntityUid("Tool", "github/get_issue"), EntityUid("Server", "github")
    known = {tool: {"uid": tool.to_json(), "attrs": {}, "parents": [server.to_json()]}}

    assert not build(text).evaluate(ask(alice, "ping")).allowed
    assert build(text, catalogue=known.get).evaluate(ask(alice, "ping")).allowed


def test_a_catalogue_completes_what_the_context_names(build: Build, ask: Ask, alice: User) -> None:
    """Whatever no file and no stage says of it."""
    text = """@id("a") permit (principal is User, action, resource)
        when { context has approver && context.approver in Role::"corp/lead" };"""
    known = {EntityUid("User", "corp/bob"): {**BOB_LEADS, "attrs": {}}}
    request = ask(alice, "ping", approver={"__entity": BOB})

    assert not build(text).evaluate(request).allowed
    assert build(text, catalogue=known.get).evaluate(request).allowed


HOSTILE = ['a"b', "a`b", "a\nb", "a\\", "a\0", "a/b", "é\u202e"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_names(build: Build, ask: Ask, name: str) -> None:
    """Of people, and of groups."""
    user = User(issuer="corp", subject=name, groups=frozenset({name}))
    group = EntityUid("Group", f"corp/{name}")
    evaluator = build(
        f'@id("a") permit (principal == {user.uid}, action, resource) when {{ principal in {group} }};'
    )

    assert evaluator.evaluate(ask(user, "ping")).allowed
    assert not evaluator.evaluate(ask(replace(user, subject="b"), "ping")).allowed
    assert not evaluator.evaluate(ask(replace(user, groups=frozenset()), "ping")).allowed


# --- faults of earlier stages -------------------------------------------------------------------


SCOPED = """
@id("scoped") permit (principal is User, action, resource)
when { principal in Group::"corp/eng" || context.token.scopes.contains("x") };
"""
TYPELESS: CedarJson = {"uid": {"type": "Tool", "id": "x"}, "attrs": {"name": 1}, "parents": []}


@pytest.mark.parametrize(
    "broken",
    [
        lambda request: replace(request, context={"token": None}),
        lambda request: replace(request, surroundings=Surroundings(({"uid": "github"},))),
        lambda request: replace(request, surroundings=Surroundings((TYPELESS,))),
        lambda request: replace(request, action=EntityUid("Action", "initialize")),
        lambda request: replace(request, resource=EntityUid("Tool", "github/get_issue")),
    ],
    ids=["context", "no uid", "types", "action", "resource"],
)
def test_what_cedar_cannot_read_is_a_fault_and_no_answer(
    build: Build, ask: Ask, alice: User, broken: Callable[[AuthorizationRequest], AuthorizationRequest]
) -> None:
    """The engine refuses it as a bug."""
    with pytest.raises(CedarError):
        build(SCOPED).evaluate(broken(ask(alice, "ping")))


def test_a_schema_without_a_place_for_principals_is_refused(load: Load) -> None:
    """When the evaluator is made, not at the first request."""
    with pytest.raises(CedarError):
        Evaluator(load(PEOPLE), {"": {"entityTypes": {"User": {}}, "actions": {}}})


# --- sharing ------------------------------------------------------------------------------------


def test_threads_share_an_evaluator(build: Build, ask: Ask, alice: User, bot: Client) -> None:
    """With few places for parsed entities, so that they are thrown out and made anew."""
    evaluator = build(PEOPLE, limits=Limits(most_bytes=50_000))
    actions = ["ping", "initialize", "list_tools", "github/get_issue"]
    wrong: list[tuple[str, str]] = []

    def work() -> None:
        for turn in range(60):
            action = actions[turn % len(actions)]
            if (
                not evaluator.evaluate(ask(alice, action)).allowed
                or evaluator.evaluate(ask(bot, action)).allowed
            ):
                wrong.append((action, "wrong"))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
