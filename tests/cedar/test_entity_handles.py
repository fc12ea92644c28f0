"""Entities, parsed once: with a schema, or what goes wrong without."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.cedar import Authorizer, CedarError, CedarRequest, EntityHandle, Schema
from policy_engine.model import CedarJson, EntityUid

BOT, CALL, TOOL = EntityUid("Client", "m/bot"), EntityUid("Action", "call"), EntityUid("Tool", "t")
REQUEST = CedarRequest(BOT, CALL, TOOL)
SCHEMA = Schema.from_text(
    "entity Group; entity ClientGroup; entity Client in [ClientGroup] = {issuer: String} tags Set<String>; "
    "entity Tool = {ip?: ipaddr};"
)


def entity(uid: EntityUid, *parents: EntityUid, **attrs: Any) -> CedarJson:
    """One entity in Cedar's format."""
    return {"uid": uid.to_json(), "attrs": attrs, "parents": [parent.to_json() for parent in parents]}


BASE = EntityHandle.from_json([entity(CALL, EntityUid("Action", "risky")), entity(TOOL)])


def test_entities_without_actions_lose_action_group_policies_in_silence() -> None:
    """The trap: the forbid is there, and doesn't apply."""
    authorizer = Authorizer.from_text(
        'permit(principal, action, resource); forbid(principal, action in Action::"risky", resource);'
    )

    assert authorizer.authorize(REQUEST, [entity(BOT)]).allowed
    assert not authorizer.decide(REQUEST, BASE.with_added([entity(BOT)])).allowed


def test_only_a_schema_refuses_a_machine_with_a_human_parent() -> None:
    """The trap: without a schema, a machine becomes a member of a group of people."""
    authorizer = Authorizer.from_text('permit(principal in Group::"people", action, resource);')
    smuggled = [entity(BOT, EntityUid("Group", "people"), issuer="m")]

    assert authorizer.decide(REQUEST, BASE.with_added(smuggled)).allowed
    with pytest.raises(CedarError) as caught:
        BASE.with_added(smuggled, SCHEMA)
    assert (caught.value.code, caught.value.detail) == ("internal_error", "cedar_entities")


def test_the_base_is_left_as_it_was() -> None:
    """Adding makes a new set."""
    more = BASE.with_added([entity(BOT, issuer="m")], SCHEMA)

    assert (len(BASE), len(more)) == (2, 3)


def test_a_schema_reads_attributes_as_their_types() -> None:
    """The same JSON is an address with the schema, and a string without."""
    authorizer = Authorizer.from_text(
        "permit(principal, action, resource) when { resource.ip.isLoopback() };"
    )
    tool = [entity(TOOL, ip="127.0.0.1")]

    assert authorizer.decide(REQUEST, EntityHandle.from_json(tool, SCHEMA)).allowed
    assert authorizer.decide(REQUEST, EntityHandle.from_json(tool)).errors[0].code == "type_error"


SECRET = "hunter2"


@pytest.mark.parametrize(
    "bad",
    [
        [{"uid": BOT.to_json(), "attrs": {"issuer": 1, "x": SECRET}, "parents": []}],
        [{"uid": {"type": "Nobody", "id": SECRET}, "attrs": {}, "parents": []}],
        [{"x": SECRET}],
        [entity(TOOL, entity=SECRET)],
        [entity(EntityUid("Group", SECRET), EntityUid("Group", SECRET))],
        [{"uid": TOOL.to_json(), "attrs": {"x": {1, SECRET}}, "parents": []}],
    ],
    ids=["attribute", "type", "format", "duplicate", "cycle", "not JSON"],
)
def test_entities_that_cedar_refuses_are_refused_without_showing_them(bad: list[CedarJson]) -> None:
    """Cedar's own error prints them."""
    attempts: list[Callable[[], EntityHandle]] = [
        lambda: BASE.with_added(bad, SCHEMA),
        lambda: EntityHandle.from_json([*bad, entity(TOOL)], SCHEMA),
    ]
    for attempt in attempts:
        with pytest.raises(CedarError) as caught:
            attempt()
        assert caught.value.detail == "cedar_entities"
        assert SECRET not in str(caught.value)
