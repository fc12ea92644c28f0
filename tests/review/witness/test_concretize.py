"""Models as requests: valid by the schema, true of what was looked for, and like those that callers make."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.cedar import CedarRequest, EntityHandle
from policy_engine.model import EntityUid
from policy_engine.review.solving import Sat
from policy_engine.review.symbolic import (
    Environment,
    Ids,
    Sort,
    World,
    apply,
    choose,
    constant,
    environments,
    equal,
    less,
    member,
    variable,
)
from policy_engine.review.witness import Concrete, Court, Ruling, concretize
from tests.review.symbolic.generating.schemas import SCHEMAS, case

POLICIES = """
@id("look") permit (principal is User in Group::"corp/eng", action == Action::"shop/look", resource)
when { context.arguments.env == "prod" && context.arguments has count && context.arguments.count > 41
       && context.arguments has ratio && context.arguments.ratio.lessThan(decimal("0.0")) };
@id("team") permit (principal, action == Action::"ping", resource)
when { principal.issuer == "corp" && principal.hasTag("team") && principal.getTag("team").contains("x") };
@id("agent") @delegable permit (principal is User, action == Action::"ping", resource)
when { context has actor && context.actor.category == "ai_agent" };
@id("bot") permit (principal == Client::"machines/bot", action == Action::"shop/look", resource);
@id("port") permit (principal is Client, action == Action::"read_resource", resource in Server::"shop")
when { resource has port && resource.port == 8080 };
@id("any-tool") permit (principal, action == Action::"lab/?", resource in ToolGroup::"fine");
@id("late") permit (principal is User, action == Action::"ping", resource)
when { context.time > datetime("9999-12-31T23:59:59.999Z") };
"""
SIMPLE = '@id("one") permit (principal is User, action == Action::"ping", resource);'
ENTITIES = [
    {"uid": {"type": "Group", "id": "corp/eng"}, "parents": [{"type": "Group", "id": "corp/all"}]},
    {
        "uid": {"type": "Client", "id": "machines/bot"},
        "tags": {"team": ["y"]},
        "parents": [{"type": "ClientRole", "id": "machines/ops"}],
    },
    {"uid": {"type": "Tool", "id": "shop/look"}, "tags": {"shelf": ["top"]}},
    {"uid": {"type": "Tool", "id": "lab/stir"}, "parents": [{"type": "ToolGroup", "id": "fine"}]},
]
SOMEBODY = {
    "uid": {"type": "User", "id": "corp/somebody"},
    "attrs": {"issuer": "corp", "subject": "somebody"},
    "parents": [],
}
LAB = {
    "uid": {"type": "Server", "id": "lab"},
    "attrs": {"resource": "https://mcp.example.com/lab"},
    "parents": [],
    "tags": {},
}
SHOP = {**LAB, "uid": {"type": "Server", "id": "shop"}, "attrs": {"resource": "https://mcp.example.com/shop"}}


def context(**fields: Any) -> dict[str, Any]:
    """What is said where nothing is asked."""
    return {
        "token": {"scopes": []},
        "time": {"__extn": {"fn": "datetime", "arg": "2026-01-01T00:00:00.000Z"}},
        "protocol_version": "2025-11-25",
        "input_responses": [],
        "has_request_state": False,
        "unrepresentable": [],
        **fields,
    }


def request(
    principal: str, name: str, action: str, resource: str, target: str, **fields: Any
) -> CedarRequest:
    """A request, with whatever its context says."""
    return CedarRequest(
        EntityUid(principal, name),
        EntityUid("Action", action),
        EntityUid(resource, target),
        context(**fields),
    )


def by_uid(concrete: Concrete) -> dict[str, dict[str, Any]]:
    """The entities, by what they are called; without tags that aren't there."""
    return {
        str(EntityUid(**entity["uid"])): {"tags": {}, **{k: v for k, v in entity.items() if k != "uid"}}
        for entity in concrete.entities
    }


def bare(entity: dict[str, Any]) -> dict[str, Any]:
    """The same of one entity."""
    return {"tags": {}, **{name: part for name, part in entity.items() if name != "uid"}}


def test_a_call_has_the_arguments_that_were_asked_for(deployed: Callable[..., Any]) -> None:
    """The tool is the pinned one, with what is known of it; the group is nested as the entities file says."""
    place = deployed(POLICIES, ENTITIES)
    world = place.world("User", "shop/look", "Tool")
    concrete = place.find(world, place.encoded(world)["look"].satisfied)

    ratio = {"__extn": {"fn": "decimal", "arg": "-0.0001"}}
    arguments = {"env": "prod", "count": 42, "ratio": ratio}
    assert concrete.request == request(
        "User", "corp/somebody", "shop/look", "Tool", "shop/look", arguments=arguments
    )
    found = by_uid(concrete)
    assert found.keys() == {
        'Group::"corp/eng"',
        'Server::"shop"',
        'Tool::"shop/look"',
        'User::"corp/somebody"',
    }
    group = {"type": "Group", "id": "corp/eng"}
    assert found['User::"corp/somebody"'] == bare({**SOMEBODY, "parents": [group]})
    assert found['Group::"corp/eng"']["parents"] == [{"type": "Group", "id": "corp/all"}]
    assert found['Tool::"shop/look"']["tags"] == {"shelf": ["top"]}


def test_what_is_known_of_a_machine_is_said_of_it_too(deployed: Callable[..., Any]) -> None:
    """Its tags and roles of the entities file; its id says what its attributes are."""
    place = deployed(POLICIES, ENTITIES)
    world = place.world("Client", "shop/look", "Tool")
    concrete = place.find(world, place.encoded(world)["bot"].satisfied)

    assert concrete.request.principal == EntityUid("Client", "machines/bot")
    assert by_uid(concrete)['Client::"machines/bot"'] == {
        "attrs": {"issuer": "machines", "client_id": "bot", "category": "service"},
        "parents": [{"type": "ClientRole", "id": "machines/ops"}],
        "tags": {"team": ["y"]},
    }


def test_an_actor_is_an_entity_of_its_own(deployed: Callable[..., Any]) -> None:
    """It is in the context, and Cedar is told of it."""
    place = deployed(POLICIES, ENTITIES)
    world = place.world("User", "ping", "Server")
    concrete = place.find(world, place.encoded(world)["agent"].satisfied)

    actor = {"type": "Client", "id": "machines/some-machine"}
    assert concrete.request == request(
        "User", "corp/somebody", "ping", "Server", "lab", actor={"__entity": actor}
    )
    assert by_uid(concrete) == {
        'Client::"machines/some-machine"': {
            "attrs": {"issuer": "machines", "client_id": "some-machine", "category": "ai_agent"},
            "parents": [],
            "tags": {},
        },
        'Server::"lab"': bare(LAB),
        'User::"corp/somebody"': bare(SOMEBODY),
    }


def test_twins_are_of_one_id_in_one_store(deployed: Callable[..., Any]) -> None:
    """Two requests that differ in who asks, a person or a machine."""
    place = deployed(POLICIES, ENTITIES)
    person, machine = (
        place.world("User", "ping", "Server"),
        place.world("Client", "ping", "Server", twin=True),
    )
    concrete = place.find(
        person,
        place.encoded(person)["team"].satisfied,
        place.encoded(machine)["team"].satisfied,
        equal(person.principal.term, machine.principal.term),
        twin=machine,
    )

    assert concrete.request == request("User", "corp/somebody", "ping", "Server", "lab")
    assert concrete.twin == request("Client", "corp/somebody", "ping", "Server", "lab")
    assert by_uid(concrete) == {
        'Client::"corp/somebody"': {
            "attrs": {"issuer": "corp", "client_id": "somebody", "category": "service"},
            "parents": [],
            "tags": {"team": ["x"]},
        },
        'Server::"lab"': bare(LAB),
        'User::"corp/somebody"': {**bare(SOMEBODY), "tags": {"team": ["x"]}},
    }


def test_twins_that_differ_have_two_ids(deployed: Callable[..., Any]) -> None:
    """Numbers that differ are ids that differ."""
    place = deployed(POLICIES, ENTITIES)
    person, machine = (
        place.world("User", "ping", "Server"),
        place.world("Client", "ping", "Server", twin=True),
    )
    differ = ~equal(person.principal.term, machine.principal.term)
    concrete = place.find(person, differ, twin=machine)

    assert concrete.request.principal == EntityUid("User", "corp/somebody")
    assert concrete.twin is not None
    assert concrete.twin.principal == EntityUid("Client", "machines/some-machine")


def test_what_a_server_exposes_is_named_after_it(deployed: Callable[..., Any]) -> None:
    """The left half of its id is the server that it is in."""
    place = deployed(POLICIES, ENTITIES)
    world = place.world("Client", "read_resource", "Resource")
    concrete = place.find(world, place.encoded(world)["port"].satisfied)

    assert concrete.request.resource == EntityUid("Resource", "shop/file:///some-resource")
    assert by_uid(concrete)['Resource::"shop/file:///some-resource"'] == {
        "attrs": {
            "uri": "file:///some-resource",
            "scheme": "file",
            "port": 8080,
            "path": "/some-resource",
            "pinned": False,
        },
        "parents": [{"type": "Server", "id": "shop"}],
        "tags": {},
    }


def test_a_tool_without_a_pin_is_the_one_that_the_entities_file_names(deployed: Callable[..., Any]) -> None:
    """It alone is in the group."""
    place = deployed(POLICIES, ENTITIES)
    world = place.world("User", "lab/?", "Tool")
    concrete = place.find(world, place.encoded(world)["any-tool"].satisfied)

    assert concrete.request.resource == EntityUid("Tool", "lab/stir")
    assert place.court.rule(concrete.request, concrete.entities).permits == ("any-tool",)


def test_a_moment_that_no_text_says_is_an_offset(deployed: Callable[..., Any]) -> None:
    """Cedar counts further than four digits of a year."""
    place = deployed(POLICIES, ENTITIES)
    world = place.world("User", "ping", "Server")
    concrete = place.find(world, place.encoded(world)["late"].satisfied)

    assert concrete.request.context["time"]["__extn"]["fn"] == "offset"
    assert place.court.rule(concrete.request, concrete.entities).permits == ("late",)


def test_ids_are_those_of_the_model_where_the_formulas_arent_told(deployed: Callable[..., Any]) -> None:
    """Any number that has an id stands for that."""
    place = deployed(POLICIES, ENTITIES)
    world = place.world("User", "ping", "Server")
    model, _ = place.model(world, equal(world.principal.term, constant(place.setting.ids.number("corp/eve"))))

    assert concretize(model, world).request.principal == EntityUid("User", "corp/eve")


@pytest.mark.parametrize("name", SCHEMAS)
def test_where_nothing_is_asked_a_request_is_what_the_schema_says(name: str) -> None:
    """Of every kind, with all that has to be there."""
    known = case(name)
    court = Court((), known.schema)
    for environment in environments(known.vocabulary):
        concrete = concretize(Sat({}), World(known.vocabulary, environment, Ids()))

        assert court.rule(concrete.request, concrete.entities) == Ruling()


def test_where_every_entity_exists_those_that_are_referred_to_do() -> None:
    """In a closed world, Cedar is told of whatever the formulas speak of."""
    known, ids = case("numbers"), Ids()
    environment = Environment(principal="Account", action="read", resource="Doc")
    world = World(known.vocabulary, environment, ids, closed=True)
    owner = apply(Sort.INT, ("attr", "Doc", "owner"), world.resource.term)
    level = apply(Sort.INT, ("attr", "Account", "level"), owner)
    sizes = apply(Sort.INTS, ("attr", "Doc", "sizes"), world.resource.term)
    chosen = Sat({world.resource.term: 7, owner: 8, level: 9, sizes: frozenset({1, 2**63})})
    concrete = concretize(chosen, world)

    assert concrete.request.principal == EntityUid("Account", "any/something")
    assert concrete.request.resource == EntityUid("Doc", "any/something-2")
    found = by_uid(concrete)
    assert found.keys() == {
        'Account::"any/something"',
        'Account::"any/something-3"',
        'Doc::"any/something-2"',
    }
    doc = found['Doc::"any/something-2"']["attrs"]
    assert doc["owner"] == {"__entity": {"type": "Account", "id": "any/something-3"}}
    assert doc["sizes"] == [1]
    assert found['Account::"any/something-3"']["attrs"]["level"] == 9
    assert Court((), known.schema).rule(concrete.request, concrete.entities) == Ruling()


def test_an_entity_that_a_condition_chooses_keeps_its_id(deployed: Callable[..., Any]) -> None:
    """Whichever of the two it is, it isn't just anybody."""
    place = deployed(SIMPLE)
    known, ids = case("numbers"), Ids()
    environment = Environment(principal="Account", action="read", resource="Doc")
    world = World(known.vocabulary, environment, ids)
    amount = variable(Sort.INT, "context", "amount")
    either = choose(less(amount, constant(0)), constant(ids.number("eve")), constant(ids.number("bob")))
    level = apply(Sort.INT, ("attr", "Account", "level"), either)
    concrete = place.find(
        world, world.exists("Account", either), equal(level, constant(7)), less(amount, constant(0))
    )

    accounts = {entity["uid"]["id"]: entity["attrs"].get("level") for entity in concrete.entities}
    assert accounts["eve"] == 7


def test_a_group_that_is_reached_through_another_type_is(deployed: Callable[..., Any]) -> None:
    """A robot can't be in a club, but in a role that is."""
    place = deployed(SIMPLE)
    known, ids = case("texts"), Ids()
    world = World(known.vocabulary, Environment(principal="Robot", action="enter", resource="Room"), ids)
    clubs = apply(Sort.INTS, ("ancestors", "Robot", "Club"), world.principal.term)
    concrete = place.find(world, member(constant(ids.number("chess")), clubs))

    handle = EntityHandle.from_json(concrete.entities, known.schema)
    assert handle.ancestors(concrete.request.principal) == {
        EntityUid("Club", "chess"),
        EntityUid("Role", "any/something in chess"),
    }
