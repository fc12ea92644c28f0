"""What the encoding takes for granted of every request, held against the engine itself."""

import random
from functools import cache
from typing import Any

import pytest

from policy_engine import Client, PolicyEngine, TokenFacts, User
from policy_engine.cedar import CedarRequest, PolicyTree, tree_of
from policy_engine.config import declared_attributes
from policy_engine.engine import decided
from policy_engine.evaluator import Vocabulary
from policy_engine.mcp import full_schema
from policy_engine.model import AuthorizationRequest, Identity
from policy_engine.review.symbolic import (
    FACTS,
    FALSE,
    TRUE,
    Environment,
    Point,
    Setting,
    World,
    allowed,
    conjunction,
    constant,
    encode,
    equal,
    evaluate,
    make_set,
)
from policy_engine.review.symbolic.terms import Sort
from tests.plugins.samples import FACTOR

CATALOGUE: dict[str, Any] = {
    "tools": [
        {
            "item": {
                "name": "create",
                "inputSchema": {
                    "type": "object",
                    "properties": {"repo": {"type": "string"}, "count": {"type": "integer"}},
                    "required": ["repo"],
                },
            },
            "labels": {"team": ["payments"]},
        },
        {
            "item": {
                "name": "read",
                "annotations": {"readOnlyHint": True},
                "inputSchema": {"type": "object"},
            },
            "reviewed": True,
        },
    ],
    "prompts": [{"item": {"name": "ask"}, "labels": {"team": ["support"]}}, {"name": "tell"}],
    "resources": [{"item": {"uri": "file:///a", "name": "a"}, "reviewed": True}],
    "resourceTemplates": [{"item": {"uriTemplate": "file:///{path}", "name": "files"}, "reviewed": True}],
}

STATIC: list[dict[str, Any]] = [
    {"uid": {"type": "Group", "id": "corp/eng"}, "parents": [{"type": "Group", "id": "corp/all"}]},
    {"uid": {"type": "Group", "id": "corp/all"}, "parents": [{"type": "Group", "id": "corp/world"}]},
    {
        "uid": {"type": "ClientGroup", "id": "corp/ci"},
        "parents": [{"type": "ClientGroup", "id": "corp/bots"}],
    },
    {"uid": {"type": "User", "id": "corp/alice"}, "parents": [{"type": "Group", "id": "corp/eng"}]},
    {"uid": {"type": "Client", "id": "corp/bot"}, "tags": {"team": ["static"]}},
    {
        "uid": {"type": "Tool", "id": "github/create"},
        "parents": [{"type": "ToolGroup", "id": "writing"}],
        "tags": {"team": ["static"], "other": ["x"]},
    },
    {"uid": {"type": "Tool", "id": "github/loose"}, "parents": [{"type": "ToolGroup", "id": "writing"}]},
    {"uid": {"type": "ToolGroup", "id": "writing"}, "parents": [{"type": "ToolGroup", "id": "everything"}]},
    {
        "uid": {"type": "Prompt", "id": "files/odd"},
        "parents": [{"type": "ToolGroup", "id": "everything"}],
        "tags": {"team": ["static"]},
    },
]

POLICIES = """
@id("1") @delegable permit (principal in Group::"corp/world", action, resource);
@id("2") @kinds("both") permit (principal, action, resource in ToolGroup::"everything");
@id("3") @kinds("both") permit (principal, action, resource) when {
  resource is Tool && resource.hasTag("team") && resource.getTag("team").contains("payments") };
@id("4") permit (principal is Client in ClientGroup::"corp/bots", action, resource in Server::"github");
@id("5") permit (principal == Client::"corp/bot", action, resource) when {
  principal.hasTag("team") && principal.getTag("team").contains("static") };
@id("6") permit (principal is User, action, resource) when {
  principal.issuer == "corp" && principal.subject == "bob/x" };
@id("7") permit (
  principal == User::"corp/bob/x", action == Action::"get_prompt", resource == Prompt::"github/ask");
@id("8") @kinds("both") permit (principal, action, resource) when { resource is Prompt && resource.pinned };
@id("9") @kinds("both") permit (principal, action, resource) when {
  resource is Prompt && resource.name == "odd" && resource in Server::"files" };
@id("10") @kinds("both") permit (principal, action, resource == Prompt::"files/odd");
@id("11") @delegable permit (principal is User, action, resource) when {
  context has actor && context.actor.category == "ai_agent" && context.actor in ClientGroup::"corp/bots" };
@id("12") @kinds("both") permit (principal, action in Action::"call_tool", resource) when {
  resource.name == "loose" && resource.destructive && !resource.read_only };
@id("13") @kinds("both") permit (principal, action, resource) when {
  resource is Server && resource.resource == "https://mcp.example.com/github" };
@id("14") @kinds("both") permit (principal, action, resource == Server::"files");
@id("15") @kinds("both") permit (principal, action == Action::"github/create", resource) when {
  context.arguments has count && context.arguments.count + 1 > 9 };
@id("16") @kinds("both") permit (principal, action, resource) when {
  resource is Resource && resource.pinned && resource has name && resource.name == "a" };
@id("17") permit (principal is Client, action, resource) when { principal.category == "workload" };
@id("18") @kinds("both") permit (principal, action, resource) when {
  Tool::"github/create" in ToolGroup::"writing" && Tool::"github/create".hasTag("other") &&
  resource is Task };
@id("21") @kinds("both") permit (principal, action, resource == ResourceTemplate::"github/file:///{other}");
@id("22") @kinds("both") permit (principal, action == Action::"complete", resource) when {
  resource is ResourceTemplate && resource.pinned && resource has name && resource.name == "files" };
@id("23") @kinds("both") permit (principal, action == Action::"get_task", resource == Task::"github/1");
@id("24") @kinds("both") permit (principal, action == Action::"get_task", resource) when {
  resource in Server::"files" && resource.task_id == "2" };
@id("25") @kinds("both") permit (principal, action, resource) when {
  resource is Prompt && resource.hasTag("team") &&
  resource.getTag("team").containsAny(["static", "support"]) };
@id("26") @kinds("both") permit (principal, action, resource) when {
  resource is Tool && resource.hasTag("other") && resource.getTag("other").contains("x") };
@id("19") forbid (principal in Group::"corp/all", action, resource) when {
  resource is Resource && resource.path like "*secret*" };
@id("20") forbid (principal is Client, action == Action::"github/create", resource) when {
  context.arguments has count && context.arguments.count + 1 < 0 };
"""

LARGE = 2**53
REFERENCES = (
    {"type": "ref/prompt", "name": "ask"},
    {"type": "ref/prompt", "name": "odd"},
    {"type": "ref/resource", "uri": "file:///{path}"},
    {"type": "ref/resource", "uri": "file:///{other}"},
)


@cache
def engine() -> PolicyEngine:
    """Two servers, one of which may be asked for what nobody pinned."""
    return PolicyEngine(
        policies=POLICIES,
        servers={
            "github": {
                "resource": "https://mcp.example.com/github",
                "catalogue": CATALOGUE,
                "unpinned": "allow",
            },
            "files": {"resource": "https://mcp.example.com/files", "unpinned": "deny"},
        },
        issuers={"corp": {"issuer": "https://login.example.com", "profile": "rfc9068"}},
        entities=STATIC,
    )


@cache
def setting() -> Setting:
    """What the engine's worlds have in common."""
    stages = engine().stages
    schema = full_schema(stages.servers, declared_attributes(stages.loaded.config))
    return Setting(Vocabulary(schema), stages.servers, stages.static, issuers={"corp"})


@cache
def trees() -> tuple[PolicyTree, ...]:
    """The policies that run."""
    return tuple(tree_of(policy.effective.est) for policy in engine().stages.policies.policies.values())


def client(chance: random.Random) -> Client:
    """A machine."""
    return Client(
        issuer="corp",
        client_id=chance.choice(("bot", "other", "bob/x")),
        category=chance.choice(("service", "ai_agent", "workload")),
        groups=frozenset(name for name in ("ci", "bots", "eng") if chance.random() < 0.3),
        attributes={"team": ("a",)} if chance.random() < 0.3 else {},
    )


def principal(chance: random.Random) -> User | Client:
    """A person, perhaps with a machine that acts for them, or a machine."""
    if chance.random() < 0.4:
        return client(chance)
    return User(
        issuer="corp",
        subject=chance.choice(("alice", "bob/x", "carol", "bot")),
        actor=client(chance) if chance.random() < 0.4 else None,
        groups=frozenset(name for name in ("eng", "all", "world", "ci") if chance.random() < 0.2),
        attributes={"team": ("b",)} if chance.random() < 0.3 else {},
    )


def message(chance: random.Random) -> dict[str, Any]:
    """Something that is asked for."""
    pick = chance.choice
    asked_for: tuple[tuple[str, dict[str, Any]], ...] = (
        ("tools/call", {"name": pick(("create", "create", "read", "loose", "unheard")), "arguments": {}}),
        ("prompts/get", {"name": pick(("ask", "tell", "odd", "x"))}),
        ("resources/read", {"uri": pick(("file:///a", "file:///secret/b", "x://y"))}),
        ("tasks/get", {"taskId": pick(("1", "2"))}),
        ("completion/complete", {"ref": pick(REFERENCES), "argument": {"name": "path", "value": ""}}),
        ("ping", {}),
        ("tools/list", {}),
    )
    method, params = pick(asked_for)
    if params.get("name") == "create":
        params["arguments"] = {
            "repo": "a",
            **({"count": pick((0, 9, LARGE))} if chance.random() < 0.7 else {}),
        }
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def environment_of(request: AuthorizationRequest) -> Environment:
    """The kind of a request."""
    uid = request.principal.uid
    return Environment(principal=uid.type, action=request.action.id, resource=request.resource.type)


def asked(chance: random.Random) -> tuple[Any, AuthorizationRequest] | None:
    """What the engine decides of something drawn, and what policies were asked."""
    who = Identity(principal=principal(chance), token=TokenFacts(scopes=("a",)))
    server = chance.choice(("github", "files"))
    decision, requests = decided(engine().stages, who, message(chance), server, at=1_790_000_000)
    return (decision, requests[0]) if len(requests) == 1 else None


def point(request: AuthorizationRequest) -> Point:
    """The request and its store, as Cedar is handed them."""
    evaluator = engine().stages.evaluator
    literals = engine().stages.policies.literals
    entities = evaluator.entities(request, literals).to_json()
    cedar = CedarRequest(request.principal.uid, request.action, request.resource, request.context)
    return Point(cedar, entities, setting().ids)


@pytest.mark.parametrize("seed", range(4 * FACTOR))
def test_formulas_say_what_the_engine_decides(seed: int) -> None:
    """Of every policy, and of the whole; and what is taken for granted holds."""
    chance, environments = random.Random(seed), set(setting().environments())
    looked_at = 0
    for _ in range(60):
        found = asked(chance)
        if found is None:
            continue
        decision, request = found
        environment = environment_of(request)
        assert environment in environments
        world = setting().world(environment)
        encoded = [encode(tree, world) for tree in trees()]
        whole = allowed(encoded)
        terms = [whole, *(each.satisfied for each in encoded), *(each.errs for each in encoded)]
        at = point(request)
        assert evaluate(world.wellformed(*terms), at) is True
        assert evaluate(whole, at) is decision.allowed
        deciding = {
            policy.id
            for policy, each in zip(engine().stages.policies.policies.values(), encoded, strict=True)
            if each.effect == ("permit" if decision.allowed else "forbid") and evaluate(each.satisfied, at)
        }
        assert deciding == {match.id for match in decision.policies}
        looked_at += 1
    assert looked_at > 30


def _world(principal_: str, action: str, resource: str) -> World:
    return setting().world(Environment(principal=principal_, action=action, resource=resource))


def test_every_fact_is_named() -> None:
    """Each has a sentence, for the page of assumptions."""
    assert {fact.name for fact in FACTS.values()} == set(FACTS)
    assert all(fact.sentence.endswith(".") for fact in FACTS.values())


def test_a_pinned_tool_is_known_in_full() -> None:
    """Its attributes, its tags and its groups are constants; so is the tool itself."""
    world = _world("User", "github/create", "Tool")
    tool = world.resource.term
    assert tool is constant(setting().ids.number("github/create"))
    assert world.attribute("Tool", tool, "destructive").value.term is TRUE  # type: ignore[union-attr]
    assert world.attribute("Tool", tool, "read_only").value.term is FALSE  # type: ignore[union-attr]
    groups = sorted(setting().ids.number(name) for name in ("everything", "writing"))
    assert world.ancestors("Tool", tool, "ToolGroup") is make_set(Sort.INTS, *map(constant, groups))
    # The catalogue's word comes before that of the entities file.
    team = world.tag("Tool", tool, constant("team"))
    assert team.value.term is make_set(Sort.STRINGS, constant("payments"))  # type: ignore[union-attr]


def test_tools_without_a_pin_are_asked_about_only_where_they_may_be() -> None:
    """`files` denies them beforehand, `github` asks the policies."""
    actions = {environment.action for environment in setting().environments()}
    assert "github/?" in actions
    assert "files/?" not in actions


def test_a_tool_without_a_pin_is_what_nobody_reviewed() -> None:
    """Its kinds are constants, its name is free."""
    world = _world("Client", "github/?", "Tool")
    tool = world.resource.term
    kinds = {
        name: world.attribute("Tool", tool, name).value.term  # type: ignore[union-attr]
        for name in ("pinned", "read_only", "destructive", "idempotent", "open_world")
    }
    assert kinds == {
        "pinned": FALSE,
        "read_only": FALSE,
        "destructive": TRUE,
        "idempotent": FALSE,
        "open_world": TRUE,
    }
    assert world.attribute("Tool", tool, "name").value.term.name == ("attr", "Tool", "name")  # type: ignore[union-attr]


@pytest.mark.parametrize(("server", "name"), [("github", "create"), ("github", "read")])
def test_a_tool_without_a_pin_has_no_pinned_name(server: str, name: str) -> None:
    """A call of `create` is about the pinned tool; so the other one has another name."""
    world = _world("Client", f"{server}/?", "Tool")
    called = equal(
        world.attribute("Tool", world.resource.term, "name").value.term,  # type: ignore[union-attr]
        constant(name),
    )
    assert conjunction(world.wellformed(called), called) is FALSE


def test_only_people_have_an_actor() -> None:
    """A machine has nobody who acts for it; a person's actor exists."""
    assert _world("Client", "ping", "Server").context.fields["actor"].there is FALSE
    world = _world("User", "ping", "Server")
    actor = world.context.fields["actor"]
    assert actor.there.name == ("context?", "actor")
    assert world.exists("Client", actor.value.term) is TRUE  # type: ignore[union-attr]


def test_groups_that_no_file_names_do_not_exist() -> None:
    """No request brings entities of groups, so there are none but the operator's."""
    world = _world("User", "ping", "Server")
    ids = setting().ids
    assert world.exists("Group", constant(ids.number("corp/eng"))) is TRUE
    assert world.exists("Group", constant(ids.number("corp/nobody"))) is FALSE
    above = world.ancestors("Group", constant(ids.number("corp/eng")), "Group")
    names = sorted(ids.number(name) for name in ("corp/all", "corp/world"))
    assert above is make_set(Sort.INTS, *map(constant, names))


def test_a_named_principal_has_the_halves_of_its_name() -> None:
    """`User::"corp/bob/x"` is who has that issuer and that subject, and nobody else is."""
    world = _world("User", "ping", "Server")
    who, ids = world.principal.term, setting().ids
    is_bob = equal(who, constant(ids.number("corp/bob/x")))
    issuer = world.attribute("User", who, "issuer").value.term  # type: ignore[union-attr]
    subject = world.attribute("User", who, "subject").value.term  # type: ignore[union-attr]
    halves = conjunction(equal(issuer, constant("corp")), equal(subject, constant("bob/x")))
    # Whoever is one and not the other is in no world.
    for impossible in (conjunction(is_bob, ~halves), conjunction(halves, ~is_bob)):
        assert conjunction(world.wellformed(is_bob, halves), impossible) is FALSE


def test_issuers_are_configured_and_names_are_not_empty() -> None:
    """Nobody is vouched for by an issuer that isn't there, and nobody has no name."""
    world = _world("Client", "ping", "Server")
    who = world.principal.term
    issuer = world.attribute("Client", who, "issuer").value.term  # type: ignore[union-attr]
    name = world.attribute("Client", who, "client_id").value.term  # type: ignore[union-attr]
    assert world.wellformed(issuer) is equal(issuer, constant("corp"))
    assert world.wellformed(name) is ~equal(name, constant(""))
