"""The reason for this project: one `sub`, one call, two principals, two decisions."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from policy_engine import Client, TokenFacts, User
from policy_engine.cedar import Authorizer, CedarRequest
from policy_engine.errors import ConfigError, MappingError, PolicyError, TokenError
from policy_engine.model import EntityUid, PolicyMatch

Call = Callable[..., dict[str, Any]]


def test_one_sub_is_two_principals_with_two_decisions(world: Any, call: Call) -> None:
    """A person called `ci-bot` and the machine `ci-bot`, from one policy folder."""
    engine = world.engine()
    delete = call("delete_repository", repo="acme/app")

    human = engine.evaluate(world.human("ci-bot"), delete)
    machine = engine.evaluate(world.machine("ci-bot"), delete)

    assert human.principal == User(issuer="corp", subject="ci-bot")
    assert machine.principal == Client(issuer="machines", client_id="ci-bot", groups=frozenset({"ci"}))
    assert (human.code, [match.id for match in human.policies]) == ("allowed", ["people-github"])
    assert (machine.code, [match.id for match in machine.policies]) == ("forbidden", ["machines-harmless"])


@pytest.mark.parametrize(
    ("repo", "scope", "code"),
    [
        ("acme/app", "issues:write", "allowed"),
        ("acme/payroll", "issues:write", "no_permit"),
        ("acme/app", "issues:read", "insufficient_scope"),
    ],
)
def test_arguments_and_scopes_decide(world: Any, call: Call, repo: str, scope: str, code: str) -> None:
    """A permit for one machine holds where its condition does, and nowhere else."""
    decision = world.engine().evaluate(world.machine(scope=scope), call("create_issue", repo=repo))

    assert decision.code == code


def test_an_allowed_message_is_forwarded_as_it_was_decided_on(world: Any, call: Call) -> None:
    """Parsed and serialised anew, with the defaults that policies saw."""
    decision = world.engine().evaluate(world.human(), json.dumps(call("list_issues", repo="a"), indent=4))

    assert decision.forward is not None
    assert json.loads(decision.forward) == call("list_issues", repo="a", limit=20)


def test_an_agent_for_a_person_needs_a_permit_that_says_so(world: Any, call: Call) -> None:
    """Acting through an agent is opted into: without `@delegable` a permit doesn't apply."""
    delegable = (
        '@id("agents") @delegable permit (principal is User, action in Action::"read_only", resource);'
    )
    plain = '@id("people") permit (principal is User, action in Action::"github/*", resource);'
    token = world.human(client_id="desktop-agent")
    engine = world.engine(delegable + plain)

    listed = engine.evaluate(token, call("list_issues", repo="a"))
    created = engine.evaluate(token, call("create_issue", repo="a"))

    agent = Client(issuer="corp", client_id="desktop-agent")
    assert listed.principal == created.principal == User(issuer="corp", subject="alice", actor=agent)
    assert (listed.code, created.code) == ("allowed", "no_permit")
    assert listed.to_dict()["actor"] == {"type": "Client", "id": "corp/desktop-agent"}


def test_an_actor_from_the_token_is_seen_by_policies(world: Any, call: Call) -> None:
    """RFC 8693 `act`: the outermost actor is `context.actor`, with its groups."""
    policies = (
        '@id("robot-for-people") @delegable permit (principal is User, action, resource) '
        'when { context has actor && context.actor in ClientGroup::"corp/trusted" };'
    )
    issuers = world.issuers()
    issuers["corp"]["clients"]["robot"]["groups"] = ["trusted"]
    issuers["corp"]["clients"]["other"] = {"grants": ["client_credentials"]}
    engine = world.engine(policies, issuers=issuers)

    by = {
        actor: engine.evaluate(world.human(act={"sub": actor}), call("list_issues", repo="a")).code
        for actor in ("robot", "other")
    }

    assert by == {"robot": "allowed", "other": "no_permit"}


# --- traps that were tried ------------------------------------------------------------------------


def test_bare_cedar_allows_what_an_erroring_forbid_should_stop(world: Any, call: Call) -> None:
    """One input, two answers: Cedar skips the forbid, the engine denies with `policy_error`."""
    policies = (
        '@id("all") permit (principal is User, action, resource);'
        '@id("limit") forbid (principal is User, action == Action::"github/create_issue", resource) '
        "when { context.arguments has count && context.arguments.count * 2 > 10 };"
    )
    count = 2**62

    bare = Authorizer.from_text(policies).authorize(
        CedarRequest(
            EntityUid("User", "corp/alice"),
            EntityUid("Action", "github/create_issue"),
            EntityUid("Tool", "github/create_issue"),
            {"arguments": {"repo": "a", "count": count}},
        ),
        entities=[],
    )
    ours = world.engine(policies).evaluate(world.human(), call("create_issue", repo="a", count=count))

    assert (bare.allowed, bare.policies) == (True, ("all",))
    assert (ours.allowed, ours.code) == (False, "policy_error")
    assert ours.policies == (PolicyMatch("limit", {"id": "limit"}),)


def test_an_argument_never_becomes_an_entity(world: Any, call: Call) -> None:
    """`{"__entity": …}` would be read by Cedar as that entity; it is refused at any depth."""
    policies = '@id("p") permit (principal is User, action, resource);'
    hidden = {"__entity": {"type": "User", "id": "corp/root"}}
    engine = world.engine(policies)

    codes = {
        engine.evaluate(world.human(), call("create_issue", repo=value)).code
        for value in (hidden, {"a": [hidden]}, {"__extn": {"fn": "ip", "arg": "1.1.1.1"}}, {"__expr": "1"})
    }

    assert codes == {"invalid_arguments"}


@pytest.mark.parametrize("value", ["1000", 1.0, True, None, [1], 2**63])
def test_an_integer_is_an_integer(world: Any, call: Call, value: Any) -> None:
    """SDKs would coerce; what policies see is what the tool gets, so nothing else passes."""
    decision = world.engine().evaluate(world.human(), call("create_issue", repo="a", count=value))

    assert (decision.code, decision.status) == ("invalid_arguments", 400)


def test_a_number_beyond_four_digits_is_refused(world: Any, call: Call) -> None:
    """Cedar's decimal has four digits; a fifth would be decided on without being seen."""
    engine = world.engine()

    codes = [
        engine.evaluate(world.human(), call("create_issue", repo="a", amount=amount)).code
        for amount in (1.5, 0.1234, 0.12345)
    ]

    assert codes == ["allowed", "allowed", "invalid_arguments"]


@pytest.mark.parametrize("name", ["read_only", "destructive", "call_tool", "session"])
def test_a_server_named_like_a_group_is_only_a_server(world: Any, call: Call, name: str) -> None:
    """Its tools don't fall under policies on the group of that name."""
    policies = f'@id("p") permit (principal is User, action in Action::"{name}", resource);'
    catalogue = {"tools": [{"name": "x", "inputSchema": {"type": "object"}}]}
    engine = world.engine(
        policies,
        servers={
            name: {"resource": "https://mcp.example.com/github", "catalogue": catalogue, "unpinned": "allow"}
        },
    )

    decision = engine.evaluate(world.human(), call("x"))

    expected = {"destructive": "allowed", "call_tool": "allowed"}  # it is of these by what it is, not by name
    assert decision.code == expected.get(name, "no_permit")


def test_a_tool_without_annotations_is_destructive(world: Any, call: Call) -> None:
    """Under `machines-harmless` a machine can't call it, whatever permits it."""
    policies = (
        '@id("machines-all") permit (principal is Client, action, resource);'
        '@id("machines-harmless") forbid (principal is Client, action in Action::"destructive", resource);'
    )
    engine = world.engine(policies)

    assert engine.evaluate(world.machine(), call("delete_repository", repo="a")).code == "forbidden"
    assert engine.evaluate(world.machine(), call("create_issue", repo="a")).code == "allowed"


def test_a_server_can_not_annotate_itself_harmless(world: Any, call: Call) -> None:
    """`readOnlyHint` counts only for an item that the operator reviewed."""
    item = {"name": "x", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}
    policies = '@id("readers") permit (principal, action in Action::"read_only", resource);'

    def code(entry: dict[str, Any]) -> str:
        server = {"resource": "https://mcp.example.com/github", "catalogue": {"tools": [entry]}}
        return str(
            world.engine(policies, servers={"github": server}).evaluate(world.machine(), call("x")).code
        )

    assert code({"item": item, "reviewed": True}) == "allowed"
    assert code({"item": item}) == "no_permit"
    assert code(item | {"reviewed": True}) == "no_permit"


def test_delegable_takes_no_value(world: Any) -> None:
    """`@delegable("false")` reads as a no and would be a yes."""
    with pytest.raises(PolicyError) as caught:
        world.engine('@id("p") @delegable("false") permit (principal is User, action, resource);')

    assert caught.value.code == "policy_annotation"


def test_a_machine_in_a_group_named_like_a_peoples_group_is_not_in_it(world: Any, call: Call) -> None:
    """Groups of people and of machines are two types, whatever a token says."""
    policies = (
        '@id("ci") permit (principal in Group::"corp/ci", action, resource);'
        '@id("ops") permit (principal in Group::"machines/ci", action, resource);'
    )
    issuers = world.issuers()
    issuers["corp"]["claims"] = {"user": {"groups": "groups"}, "client": {"groups": "groups"}}
    engine = world.engine(policies, issuers=issuers)

    person = engine.evaluate(world.human(groups=["ci"]), call("list_issues", repo="a"))
    robot = {k: v for k, v in world.human_claims("robot").items() if k != "auth_time"}
    token = world.token("corp", robot | {"client_id": "robot", "groups": ["ci"]})
    machine = engine.evaluate(token, call("list_issues", repo="a"))
    own = engine.evaluate(world.machine(), call("list_issues", repo="a"))

    assert (person.code, machine.code, own.code) == ("allowed", "no_permit", "no_permit")
    assert machine.principal == Client(issuer="corp", client_id="robot", groups=frozenset({"ci"}))


def test_a_tool_that_a_policy_only_names_is_known(world: Any, call: Call) -> None:
    """A condition on another pinned tool sees its server, groups and attributes."""
    policies = (
        '@id("p") permit (principal is User, action, resource) '
        'when { Tool::"github/list_issues" in Server::"github" && Tool::"github/list_issues".read_only };'
    )

    assert world.engine(policies).evaluate(world.human(), call("create_issue", repo="a")).code == "allowed"


def test_a_shadow_policy_never_decides(world: Any, call: Call) -> None:
    """`@mode("shadow")` is checked and stored; it neither allows nor forbids."""
    policies = (
        '@id("all") permit (principal is User, action, resource);'
        '@id("later") @mode("shadow") forbid (principal is User, action, resource);'
    )
    engine = world.engine(policies)

    decision = engine.evaluate(world.human(), call("list_issues", repo="a"))

    assert (decision.code, [match.id for match in decision.policies]) == ("allowed", ["all"])


# --- the other calls of the engine ----------------------------------------------------------------


def test_identify_tells_whose_a_token_is(world: Any) -> None:
    """A person, a machine; and errors, not decisions, for the rest."""
    engine = world.engine()

    assert engine.identify(world.human()) == User(issuer="corp", subject="alice")
    assert engine.identify(world.machine(), "github").uid == EntityUid("Client", "machines/ci-bot")
    with pytest.raises(TokenError):
        engine.identify("x")
    with pytest.raises(MappingError):
        engine.identify(world.human("web-portal"))
    with pytest.raises(ConfigError):
        engine.identify(world.human(), "gitlab")


def test_identify_without_a_server_takes_the_audience_of_any(world: Any) -> None:
    """And none but those configured."""
    other = "https://mcp.example.com/other"
    servers = {"github": {"resource": "https://mcp.example.com/github"}, "other": {"resource": other}}
    engine = world.engine('@id("p") permit (principal is User, action, resource);', servers=servers)

    assert engine.identify(world.human(aud=other)) == User(issuer="corp", subject="alice")
    with pytest.raises(TokenError):
        engine.identify(world.human(aud=other), "github")
    with pytest.raises(TokenError):
        engine.identify(world.human(aud="https://mcp.example.com/third"))


def test_an_audience_can_be_for_one_kind_only(world: Any) -> None:
    """Some issuers write another audience for machines than for people."""
    audiences = {"corp": {"user": "api://people", "client": "api://machines"}}
    servers = {"github": {"resource": "https://mcp.example.com/github", "audiences": audiences}}
    engine = world.engine('@id("p") @kinds("both") permit (principal, action, resource);', servers=servers)
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    robot = {k: v for k, v in world.human_claims("robot").items() if k != "auth_time"} | {
        "client_id": "robot"
    }

    codes = [
        engine.evaluate(world.human(aud="api://people"), ping).code,
        engine.evaluate(world.human(aud="api://machines"), ping).code,
        engine.evaluate(world.token("corp", robot | {"aud": "api://machines"}), ping).code,
        engine.evaluate(world.token("corp", robot | {"aud": "api://people"}), ping).code,
    ]

    assert codes == ["allowed", "invalid_audience", "allowed", "invalid_audience"]


def test_a_principal_that_is_known_needs_no_token(world: Any, call: Call) -> None:
    """A stdio server's configured principal, decided on like any other."""
    engine = world.engine()
    bot = Client(issuer="machines", client_id="ci-bot")
    facts = TokenFacts(scopes=("issues:write",))

    with_scope = engine.authorize(bot, call("create_issue", repo="acme/app"), token=facts)
    without = engine.authorize(bot, call("create_issue", repo="acme/app"))
    nonsense = engine.authorize(bot, b"nonsense")

    assert (with_scope.code, without.code, nonsense.code) == ("allowed", "no_permit", "malformed_message")
    assert [record["code"] for record in world.sink.records] == ["allowed", "no_permit", "malformed_message"]


def test_a_path_given_as_text_is_told_from_policies(world: Any) -> None:
    """`policies="policies/"` would otherwise be a policy set that doesn't parse."""
    with pytest.raises(ConfigError) as caught:
        world.engine("policies/")

    assert caught.value.remedy == "give a path as one: policies=Path(…)"


def test_no_policies_at_all_are_a_mistake(world: Any) -> None:
    """An empty list looks just like a path that was forgotten."""
    with pytest.raises(PolicyError):
        world.engine(policies=[])


def test_what_was_wrong_with_arguments_is_noted_without_their_values(world: Any, call: Call) -> None:
    """The operator reads which argument; nobody reads what was in it."""
    decision = world.engine().evaluate(world.human(), call("list_issues", repo="a", limit="secret"))

    assert (decision.detail, "limit" in decision.note) == ("wrong_type", True)
    assert "secret" not in json.dumps(decision.to_dict())


def test_an_engine_is_closed_in_either_world(world: Any, call: Call) -> None:
    """`close` and `aclose` may be called at the end, and the engine of another loop goes on."""
    engine = world.engine()
    engine.evaluate(world.human(), call("list_issues", repo="a"))
    engine.close()
    asyncio.run(engine.aclose())


def test_several_servers_want_to_be_named(world: Any, call: Call) -> None:
    """Leaving the server out is a mistake of the program, told as one."""
    servers = {
        "github": {"resource": "https://mcp.example.com/github"},
        "other": {"resource": "https://mcp.example.com/other"},
    }
    engine = world.engine('@id("p") permit (principal is User, action, resource);', servers=servers)

    with pytest.raises(ConfigError):
        engine.evaluate(world.human(), call("x"))
    assert engine.evaluate(world.human(), call("x"), server="other").code == "invalid_audience"


async def _both(engine: Any, token: str, message: Any) -> Any:
    return engine.evaluate(token, message), await engine.evaluate_async(token, message)


def test_both_drivers_decide_alike(world: Any, call: Call) -> None:
    """One core; the event loop's driver gives the same decision."""
    engine = world.engine()
    one, other = asyncio.run(_both(engine, world.machine(), call("create_issue", repo="acme/app")))

    assert {**one.to_dict(), "latency_us": 0} == {**other.to_dict(), "latency_us": 0}
    assert one.forward == other.forward
