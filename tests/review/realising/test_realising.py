"""Near calls, what is left out of them, and why there is none."""

from typing import Any

import pytest

from policy_engine.cedar import CedarRequest
from policy_engine.harness import World
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.subject import Subject
from policy_engine.review.witness import Call, Realiser
from tests.plugins.witnesses import CONFIG, NOW, project

EMPTY: CedarJson = {
    "token": {"scopes": []},
    "time": {"__extn": {"fn": "datetime", "arg": "2020-01-01"}},
    "protocol_version": "",
    "input_responses": [],
    "has_request_state": False,
    "unrepresentable": [],
}
ISSUE = {"repo": "", "state": "", "draft": False}


def realiser(policies: str, **changes: Any) -> Realiser:
    """A realiser for a policy set."""
    world = World.of(project(policies, **changes), now=NOW)
    return Realiser(Subject.of_engine(world.engine), now=NOW)


def request(principal: str, action: str, resource: EntityUid | None = None, **context: Any) -> CedarRequest:
    """A question as a solver's model has it."""
    type_, _, id_ = principal.partition("::")
    server = EntityUid("Server", "github")
    tool = EntityUid("Tool", action) if "/" in action else server
    return CedarRequest(
        EntityUid(type_, id_), EntityUid("Action", action), resource or tool, {**EMPTY, **context}
    )


def entity(type_: str, id_: str, parents: tuple[tuple[str, str], ...] = (), **attrs: Any) -> CedarJson:
    """An entity in Cedar's JSON format."""
    above = [{"type": kind, "id": name} for kind, name in parents]
    return {"uid": {"type": type_, "id": id_}, "attrs": attrs, "parents": above, "tags": {}}


def arguments(call: Call) -> Any:
    """What a tool is called with."""
    assert call.message is not None
    return call.message["params"]["arguments"]


ISSUERS = CONFIG["issuers"]
PEOPLE_ONLY = {"corp": {**ISSUERS["corp"], "clients": {}}}
MACHINES_ONLY = {"machines": ISSUERS["machines"]}
SERVERS = CONFIG["servers"]

EVERYBODY = '@id("all") @kinds("both") @delegable permit (principal, action, resource);'


def test_arguments_that_nobody_reads_are_such_as_the_tool_takes() -> None:
    """Empty strings and choices that aren't there give way to what the schema says, and so do numbers."""
    found = realiser(EVERYBODY).realise(
        request(
            "Client::e1",
            "github/create_issue",
            arguments={**ISSUE, "title": "", "count": 0, "labels": [""], "author": {"name": "", "age": 0}},
        ),
        [],
    )

    assert arguments(found) == {
        "repo": "acme/app",
        "title": "xxx",
        "state": "closed",
        "count": 1,
        "draft": False,
        "labels": [""],
        "author": {"name": "", "age": 0},
    }
    assert (found.reachable, found.note) == (True, "")


def test_an_argument_that_is_read_stays_as_it_is_and_the_note_says_what_that_means() -> None:
    """The engine lets a value pass that breaks the tool's pattern; the call shows it, with a warning."""
    policies = '@id("odd") permit (principal is Client, action, resource) when { context has arguments };'
    policies = """
    @id("odd") permit (principal is Client, action == Action::"github/create_issue", resource)
    when { context.arguments.repo == "../secret" && context.arguments.draft };
    """

    found = realiser(policies).realise(
        request("Client::e1", "github/create_issue", arguments={**ISSUE, "repo": "../secret", "draft": True}),
        [],
    )

    assert arguments(found) == {"repo": "../secret", "state": "closed", "draft": True}
    assert found.note == (
        "the tool's own schema doesn't take the value of `repo`: the engine lets it pass, the server may not"
    )


def test_numbers_are_sent_as_json_has_them() -> None:
    """Decimals, and integers beyond those that every reader takes for the same."""
    policies = """
    @id("sums") permit (principal is User, action == Action::"github/create_issue", resource)
    when { context.arguments has amount && context.arguments.amount.greaterThan(decimal("99.9"))
        && context.arguments has author && context.arguments.author has age
        && context.arguments.author.age > 9007199254740993 };
    """
    amount = {"__extn": {"fn": "decimal", "arg": "99.9001"}}
    author = {"name": "x", "age": 2**63 - 1}

    found = realiser(policies).realise(
        request("User::e1", "github/create_issue", arguments={**ISSUE, "amount": amount, "author": author}),
        [],
    )

    assert (found.reachable, found.decision.code) == (True, "allowed")
    assert arguments(found)["amount"] == 99.9001
    assert arguments(found)["author"]["age"] == 2**63 - 1024


def test_a_listed_machine_stands_in_for_an_invented_one() -> None:
    """It is one that is in the groups that the policy wants, by listing or by its token."""
    policies = """
    @id("readers") permit (principal in ClientRole::"machines/reader", action, resource)
    when { principal in ClientGroup::"machines/nightly-jobs" };
    """
    who = entity(
        "Client",
        "machines/e1",
        (("ClientRole", "machines/reader"), ("ClientGroup", "machines/nightly-jobs")),
        issuer="machines",
        client_id="e1",
        category="service",
    )

    found = realiser(policies).realise(request("Client::machines/e1", "list_tools"), [who])

    assert found.reachable
    assert str(found.principal.uid) == 'Client::"machines/nightly"'
    assert sorted(found.principal.roles | found.principal.groups) == ["nightly-jobs", "reader"]
    assert found.bearer is not None
    assert found.bearer.claims == {"groups": ["nightly-jobs"]}


def test_a_group_is_come_to_through_one_that_the_operator_put_into_it() -> None:
    """The model's groups lie in one another; the token names those that it takes."""
    policies = '@id("eng") permit (principal in Group::"corp/eng", action, resource);'
    who = entity("User", "corp/e1", (("Group", "corp/x"),))

    found = realiser(policies).realise(
        request("User::corp/e1", "list_tools"), [who, entity("Group", "corp/x", (("Group", "corp/eng"),))]
    )

    assert (found.reachable, sorted(found.principal.groups)) == (True, ["eng", "x"])


def test_a_machine_acts_for_a_person_through_an_application_that_is_listed_so() -> None:
    """The invented actor becomes the one that the configuration has, with all that is listed of it."""
    policies = """
    @id("agents") @delegable permit (principal is User, action, resource)
    when { context has actor && context.actor.category == "ai_agent" };
    """

    found = realiser(policies).realise(
        request("User::e1", "list_tools", actor={"__entity": {"type": "Client", "id": "e2"}}),
        [entity("Client", "e2", category="ai_agent")],
    )

    assert found.reachable
    assert found.bearer is not None
    assert (found.bearer.id, found.bearer.through) == ("alice", "desktop-agent")
    assert found.to_dict()["actor"] == 'Client::"corp/desktop-agent"'


def test_a_time_that_the_policy_reads_is_the_time_of_the_call() -> None:
    """Other calls are made now; this one says when it has to be made."""
    policies = """
    @id("night") permit (principal is Client, action, resource)
    when { context.time.toTime() > duration("23h") && context.time > datetime("2031-01-01") };
    """
    time = {"__extn": {"fn": "datetime", "arg": "2031-05-05T23:30:00.500Z"}}

    found = realiser(policies).realise(request("Client::e1", "list_tools", time=time), [])

    assert (found.reachable, found.timely, found.at) == (True, False, 1_935_790_200.5)
    assert found.note == "only at a time such as 2031-05-05 23:30:00 UTC"


def test_a_time_of_the_day_is_the_next_one_that_comes() -> None:
    """What was allowed on some night of the past is allowed on the next one, too."""
    policies = """
    @id("night") permit (principal is Client, action, resource)
    when { context.time.toTime() > duration("23h") };
    """
    time = {"__extn": {"fn": "datetime", "arg": "2020-01-01T23:30:00Z"}}

    found = realiser(policies).realise(request("Client::e1", "list_tools", time=time), [])

    assert (found.reachable, found.timely, found.note) == (
        True,
        False,
        "only at a time such as 2026-09-21 23:30:00 UTC",
    )


def test_what_only_the_past_allowed_can_be_sent_by_nobody() -> None:
    """It was a mistake once; there is a token for it, and no time left."""
    policies = """
    @id("launch") permit (principal is Client, action, resource)
    when { context.time < datetime("2021-01-01") };
    """

    found = realiser(policies).realise(request("Client::e1", "list_tools"), [])

    assert (found.reachable, found.decision.code) == (False, "allowed")
    assert found.bearer is not None
    assert found.note == "only at a time such as 2020-01-01 00:00:00 UTC, which is over"


def test_times_of_the_token_are_written_into_it() -> None:
    """A policy that asks for an old token is shown one."""
    policies = """
    @id("old") permit (principal is User, action, resource)
    when { context.token has issued_at
        && context.time.durationSince(context.token.issued_at) > duration("1h") };
    """
    token = {
        "scopes": [],
        "issued_at": {"__extn": {"fn": "datetime", "arg": "2026-09-21T00:00:00Z"}},
    }
    time = {"__extn": {"fn": "datetime", "arg": "2026-09-21T12:00:00Z"}}

    found = realiser(policies).realise(request("User::e1", "list_tools", token=token, time=time), [])

    assert found.reachable
    assert found.bearer is not None
    assert found.bearer.claims == {"iat": 1_789_948_800, "exp": int(NOW) + 600}


def test_a_resource_gets_a_uri_of_the_parts_that_policies_read() -> None:
    """The model says scheme, host and path each for itself; the message has one URI of them."""
    policies = """
    @id("docs") permit (principal is User, action == Action::"read_resource", resource)
    when { resource has host && resource.host == "docs.example.com" && resource.path like "/secret/*" };
    """
    resource = EntityUid("Resource", "github/e4")
    known = entity(
        "Resource",
        "github/e4",
        uri="",
        scheme="https",
        host="docs.example.com",
        path="/secret/",
        pinned=False,
    )

    found = realiser(policies).realise(request("User::e1", "read_resource", resource), [known])

    assert found.reachable
    assert found.message is not None
    assert found.message["params"] == {"uri": "https://docs.example.com/secret/"}


def test_answers_and_state_are_brought_as_the_protocol_has_them() -> None:
    """What a retried call brings is told by its kinds."""
    policies = """
    @id("consent") permit (principal is User, action in Action::"call_tool", resource)
    when { context.input_responses.containsAll(["elicitation", "roots"]) && context.has_request_state };
    """

    found = realiser(policies).realise(
        request(
            "User::e1",
            "github/odd/name",
            input_responses=["elicitation", "roots"],
            has_request_state=True,
            arguments={},
        ),
        [],
    )

    assert found.reachable
    assert found.message is not None
    assert found.message["params"]["name"] == "odd/name"


def test_what_policies_cannot_see_is_sent_where_they_want_it_to_be_there() -> None:
    """An argument of no Cedar type, and one that the schema doesn't name."""
    policies = """
    @id("unseen") permit (principal is Client, action == Action::"github/create_issue", resource)
    when { context.unrepresentable.containsAll(["anything", "zzz"]) };
    """

    found = realiser(policies).realise(
        request("Client::e1", "github/create_issue", arguments=ISSUE, unrepresentable=["anything", "zzz"]), []
    )

    assert found.reachable
    assert {name: arguments(found)[name] for name in ("anything", "zzz")} == {"anything": "x", "zzz": "x"}


def test_what_a_token_says_of_a_person_is_written_where_it_is_read() -> None:
    """Email, attributes and roles, each at the claim that the configuration names."""
    policies = """
    @id("all") permit (principal in Role::"corp/lead", action, resource)
    when { principal has email && principal.email like "*@corp.example" && principal has level
        && principal.level > 3 && principal has cleared && principal.cleared
        && context.token has acr && context.token.acr == "gold" };
    """
    who = entity("User", "corp/e1", (("Role", "corp/lead"),), email="e1@corp.example", level=4, cleared=True)
    token = {"scopes": ["a", "b"], "acr": "gold"}

    found = realiser(policies).realise(request("User::corp/e1", "list_tools", token=token), [who])

    assert (found.reachable, found.decision.code) == (True, "allowed")
    assert found.bearer is not None
    assert found.bearer.scope == "a b"
    assert found.bearer.claims == {
        "realm_access": {"roles": ["lead"]},
        "email": "e1@corp.example",
        "email_verified": True,
        "level": 4,
        "cleared": True,
        "acr": "gold",
    }


def test_a_machine_that_is_an_agent_says_so_in_its_token() -> None:
    """Where the issuer's profile tells agents by a claim."""
    policies = """
    @id("agents") permit (principal is Client, action, resource)
    when { principal.category == "ai_agent" };
    """

    found = realiser(policies).realise(
        request("Client::e1", "list_tools"), [entity("Client", "e1", category="ai_agent")]
    )

    assert found.reachable
    assert found.bearer is not None
    assert found.bearer.claims == {"sub_profile": "ai_agent"}


def test_a_machine_of_a_prefix_is_one_whose_id_begins_so() -> None:
    """And whose token the issuer's profile knows how to write."""
    jobs = {
        "issuer": "https://jobs.example.com",
        "profile": "kubernetes",
        "client_prefixes": {"system:serviceaccount:prod:": {"groups": ["jobs"]}},
    }
    policies = '@id("jobs") permit (principal in ClientGroup::"jobs/jobs", action, resource);'
    made = realiser(policies, issuers={**ISSUERS, "jobs": jobs})
    invented = made.realise(request("Client::e1", "list_tools"), [])

    assert (invented.reachable, invented.note) == (True, "")
    assert invented.principal.uid.id == "jobs/system:serviceaccount:prod:batch"


def test_an_actor_is_named_in_the_token_where_the_issuer_names_them() -> None:
    """A listed machine that acts for people by exchange, and by nothing that is listed of it."""
    robot = {"robot": {"grants": ["client_credentials"], "roles": ["deputy"]}}
    partner = {**ISSUERS["partner"], "clients": robot}
    policies = """
    @id("deputies") @delegable permit (principal is User, action, resource)
    when { context has actor && context.actor in ClientRole::"partner/deputy" };
    """

    found = realiser(policies, issuers={**ISSUERS, "partner": partner}).realise(
        request("User::e1", "list_tools", actor={"__entity": {"type": "Client", "id": "e2"}}),
        [entity("Client", "e2", (("ClientRole", "partner/deputy"),))],
    )

    assert found.reachable
    assert found.bearer is not None
    assert found.bearer.claims == {"act": {"sub": "robot", "client_id": "robot"}}
    assert found.to_dict()["actor"] == 'Client::"partner/robot"'


def test_a_near_call_that_does_not_show_the_same_is_not_taken() -> None:
    """Whoever asks says what has to hold: here, that it isn't a machine of the group that may."""
    engine = realiser(EVERYBODY)

    found = engine.realise(
        request("Client::e1", "list_tools"), [], holds=lambda asked, _: asked.principal.id.endswith("nightly")
    )

    assert str(found.principal.uid) == 'Client::"machines/nightly"'


def test_a_policy_that_has_to_decide_is_among_those_that_do() -> None:
    """A call that another permit allows is no witness of this one."""
    policies = """
    @id("any") permit (principal is Client, action, resource);
    @id("us") permit (principal is Client, action, resource)
    when { principal.hasTag("region") && principal.getTag("region").contains("us") };
    """
    who = {**entity("Client", "e1"), "tags": {"region": ["us"]}}

    found = realiser(policies).realise(request("Client::e1", "list_tools"), [who], policies=["us"])

    assert [match.id for match in found.decision.policies] == ["any", "us"]
    assert found.bearer is not None
    assert found.bearer.claims == {"region": ["us"]}


def test_a_denied_witness_is_a_call_that_policies_deny() -> None:
    """And never one that is refused before they are asked."""
    policies = '@id("people") permit (principal is User, action, resource);'

    found = realiser(policies).realise(
        request("Client::e1", "github/create_issue", arguments=ISSUE), [], allowed=False
    )

    assert (found.reachable, found.decision.code, str(found.decision.action)) == (
        True,
        "no_permit",
        'Action::"github/create_issue"',
    )


@pytest.mark.parametrize(
    ("asked", "entities", "changes", "note"),
    [
        (
            request("Client::e1", "list_tools"),
            [],
            {"issuers": PEOPLE_ONLY},
            "no machine is listed at any issuer, and none is admitted unlisted",
        ),
        (
            request("User::e1", "list_tools"),
            [],
            {"issuers": MACHINES_ONLY, "entities": False},
            "no configured issuer has tokens for people",
        ),
        (
            request("User::e1", "list_tools", actor={"__entity": {"type": "Client", "id": "e2"}}),
            [],
            {"issuers": PEOPLE_ONLY},
            "no application is listed that acts for people",
        ),
        (
            request("Client::e1", "github/?", EntityUid("Tool", "github/x")),
            [],
            {"servers": {"github": {**SERVERS["github"], "unpinned": "deny"}}, "entities": False},
            "`github` denies tools that aren't pinned before any policy is asked",
        ),
        (
            request("Client::e1", "crm/x"),
            [],
            {},
            "no tool named `x` is pinned of `crm`",
        ),
        (
            request("Client::e1", "list_tools", EntityUid("Server", "e9")),
            [],
            {},
            "no server is named `e9`",
        ),
        (
            request("Client::e1", "no_such_action"),
            [],
            {},
            'no message asks for `Action::"no_such_action"`',
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_where_nobody_can_call_it_is_said_why(
    asked: CedarRequest, entities: list[CedarJson], changes: dict[str, Any], note: str
) -> None:
    """In plain words, and without a token."""
    found = realiser(EVERYBODY, **changes).realise(asked, entities)

    assert (found.reachable, found.bearer, found.note) == (False, None, note)


ONE = '@id("one") permit (principal == {}, action, resource);'


@pytest.mark.parametrize(
    ("policy", "asked", "entities", "note"),
    [
        (
            ONE.format('Client::"machines/ghost"'),
            request("Client::machines/ghost", "list_tools"),
            [],
            "`machines` doesn't list the machine `ghost`, and no listed one will do",
        ),
        (
            '@id("g") permit (principal in ClientGroup::"partner/x", action, resource);',
            request("Client::partner/e1", "list_tools"),
            [entity("Client", "partner/e1", (("ClientGroup", "partner/x"),))],
            'nothing puts machines into `ClientGroup::"partner/x"`: `partner` is configured without a claim'
            " that could, and lists nobody who is",
        ),
        (
            '@id("g") permit (principal == User::"partner/auth0|1", action, resource)'
            ' when { principal in Role::"partner/x" };',
            request("User::partner/auth0|1", "list_tools"),
            [entity("User", "partner/auth0|1", (("Role", "partner/x"),))],
            'nothing puts people into `Role::"partner/x"`: `partner` is configured without a claim that'
            " could",
        ),
        (
            '@id("t") permit (principal is User, action, resource) when { principal.hasTag("team") };',
            request("User::corp/alice", "list_tools"),
            [{**entity("User", "corp/alice"), "tags": {"team": ["x"]}}],
            "no claim is configured that gives people the tag `team`",
        ),
        (
            '@id("c") permit (principal is Client, action, resource) when'
            ' { principal has owner && principal.owner == "team-z" };',
            request("Client::machines/ci-bot", "list_tools"),
            [entity("Client", "machines/ci-bot", owner="team-z")],
            "no token of a configured issuer says all that the policies ask for",
        ),
        (
            '@id("i") permit (principal is User, action, resource) when { principal.subject == "a b " };',
            request("User::corp/a b ", "list_tools"),
            [entity("User", "corp/a b ", subject="a b ")],
            "the mapper refuses the token: `sub` isn't 1 to 255 printable ASCII characters without outer"
            " blanks",
        ),
        (
            '@id("t") permit (principal is User, action == Action::"get_task", resource)'
            " when { resource.owned };",
            request("User::e1", "get_task", EntityUid("Task", "github/e3")),
            [entity("Task", "github/e3", task_id="e3", owned=True)],
            "only a host that remembers whose tasks are asks this",
        ),
        (
            '@id("u") permit (principal is User, action == Action::"read_resource", resource)'
            ' when { resource.path == "/../x" };',
            request("User::e1", "read_resource", EntityUid("Resource", "github/e3")),
            [entity("Resource", "github/e3", path="/../x")],
            "the engine decides otherwise of every call that comes near",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "permit" not in value else "",
)
def test_what_the_policy_asks_for_can_be_what_nobody_has(
    policy: str, asked: CedarRequest, entities: list[CedarJson], note: str
) -> None:
    """A witness of Cedar's that no token or message is, is shown with the reason."""
    found = realiser(policy).realise(asked, entities)

    assert (found.reachable, found.bearer, found.note) == (False, None, note)


@pytest.mark.parametrize(
    "id_", ["", "/", "corp/", "corp//", 'corp/"; permit', "corp/\x00", "corp/🎉", "corp/a\nb"]
)
@pytest.mark.parametrize("kind", ["User", "Client"])
def test_hostile_ids_lead_to_somebody_or_to_a_reason(kind: str, id_: str) -> None:
    """A model's id may be any text: a principal of that kind is found all the same."""
    asked = CedarRequest(
        EntityUid(kind, id_), EntityUid("Action", "list_tools"), EntityUid("Server", "github"), EMPTY
    )

    found = realiser(EVERYBODY).realise(asked, [entity(kind, id_)])

    assert (found.reachable, found.decision.code, found.principal.uid.type) == (True, "allowed", kind)
