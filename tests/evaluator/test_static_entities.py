"""What an operator says of entities, checked before anything relies on it."""

import datetime as dt
from typing import Any

import pytest

from policy_engine.errors import ConfigError
from policy_engine.evaluator import KnownNames, StaticEntities
from policy_engine.model import CedarJson, EntityUid


def uid(text: str) -> dict[str, str]:
    """`Type/id` as Cedar JSON."""
    kind, _, name = text.partition("/")
    return {"type": kind, "id": name}


def test_entries_are_completed_and_found(entity_schema: CedarJson, names: KnownNames) -> None:
    """What an id says needs not be said again; tool groups are defined by being named."""
    static = StaticEntities.from_data(
        [
            {"uid": uid("Group/corp/eng"), "parents": [uid("Group/corp/all")]},
            {"uid": uid("User/corp/al/ice"), "tags": {"floor": ["3"]}, "parents": [uid("Role/corp/lead")]},
            {"uid": uid("Client/machines/ci"), "attrs": {"category": "workload"}},
            {"uid": uid("Tool/github/pay"), "parents": [uid("ToolGroup/payments")]},
            {"uid": {"__entity": uid("ToolGroup/refunds")}, "parents": [uid("ToolGroup/money")]},
        ],
        entity_schema,
        names,
    )

    assert static.find(EntityUid("User", "corp/al/ice")) == {
        "uid": {"type": "User", "id": "corp/al/ice"},
        "attrs": {"issuer": "corp", "subject": "al/ice"},
        "parents": [{"type": "Role", "id": "corp/lead"}],
        "tags": {"floor": ["3"]},
    }
    found = static.find(EntityUid("Client", "machines/ci"))
    assert found is not None
    assert found["attrs"] == {"issuer": "machines", "client_id": "ci", "category": "workload"}
    assert static.find(EntityUid("User", "corp/bob")) is None
    assert static.tool_groups == {"payments", "refunds", "money"}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (None, "not an entity"),
        ({}, "not an entity"),
        ({"uid": 'User::"corp/a"'}, "not an entity"),
        ({"uid": {"type": "User", "id": 1}}, "not an entity"),
        ({"uid": uid("Group/corp/a"), "parents": "corp/b"}, "not an entity"),
        ({"uid": uid("Group/corp/a"), "parent": []}, "unknown member `parent`"),
        ({"uid": uid("Group/corp/a"), "parents": ["corp/b"]}, "a parent isn't a uid"),
        ({"uid": uid("User/corp/a"), "tags": ["x"]}, "`tags` isn't a mapping"),
        ({"uid": uid("User/corp/a"), "attrs": None}, "`attrs` isn't a mapping"),
        ({"uid": uid("User/corp/a"), "tags": {"x": "y"}}, '`User::"corp/a"` doesn\'t fit the schema'),
        ({"uid": uid("User/corp/a"), "attrs": {"age": 7}}, '`User::"corp/a"` doesn\'t fit the schema'),
        ({"uid": uid("User/corp/a"), "attrs": {"email": 7}}, '`User::"corp/a"` doesn\'t fit the schema'),
        (
            {"uid": uid("Client/machines/a"), "parents": [uid("Group/corp/eng")]},
            '`Client::"machines/a"` doesn\'t fit the schema',
        ),
        ({"uid": uid("Group/corp/a"), "tags": {"x": ["y"]}}, '`Group::"corp/a"` doesn\'t fit the schema'),
        ({"uid": uid("Group/crop/a")}, 'no issuer is named `crop` in `Group::"crop/a"`'),
        (
            {"uid": uid("Group/corp/a"), "parents": [uid("Group/b/c")]},
            'no issuer is named `b` in `Group::"b/c"`',
        ),
        ({"uid": uid("Nobody/corp/a")}, "`Nobody` isn't a type of entity"),
        ({"uid": uid("ToolGroup/")}, 'no entity file has `ToolGroup::""`'),
        ({"uid": uid("Action/ping")}, "actions can't be defined"),
        ({"uid": uid("User/corp/a"), "tags": {"since": [dt.date(2026, 1, 1)]}}, "not JSON"),
        (
            {"uid": uid("Group/corp/a"), "parents": [uid("Group/corp/a")]},
            '`Group::"corp/a"` is its own parent',
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    entity_schema: CedarJson, names: KnownNames, entry: Any, problem: str
) -> None:
    """By its place in the list, with what to do."""
    with pytest.raises(ConfigError) as caught:
        StaticEntities.from_data([entry], entity_schema, names, "entities.yaml")

    assert caught.value.problem.removeprefix("entry 0: ") == problem
    assert caught.value.where == "entities.yaml"
    assert caught.value.remedy


def test_all_errors_are_reported(entity_schema: CedarJson, names: KnownNames) -> None:
    """So that all can be mended at once."""
    entry = {"uid": uid("Group/corp/a")}
    with pytest.raises(ConfigError) as caught:
        StaticEntities.from_data([{}, entry, entry], entity_schema, names)

    assert [error.problem for error in (caught.value, *caught.value.others)] == [
        "entry 0: not an entity",
        'entry 2: `Group::"corp/a"` is there twice',
    ]


def test_a_cycle_is_refused(entity_schema: CedarJson, names: KnownNames) -> None:
    """Cedar would refuse every request."""
    with pytest.raises(ConfigError, match="the parents form a cycle"):
        StaticEntities.from_data(
            [
                {"uid": uid("Group/corp/a"), "parents": [uid("Group/corp/b")]},
                {"uid": uid("Group/corp/b"), "parents": [uid("Group/corp/a")]},
            ],
            entity_schema,
            names,
        )


def test_a_shape_may_be_a_common_type(names: KnownNames) -> None:
    """Its attributes are optional here too."""
    string = {"type": "String"}
    facts = {"type": "Record", "attributes": {"issuer": string, "subject": string, "badge": string}}
    types = {
        "User": {"shape": {"type": "Facts"}},
        "Client": {"shape": {"type": "EntityOrCommon", "name": "Facts"}},
    }
    schema = {"": {"commonTypes": {"Facts": facts}, "entityTypes": types, "actions": {}}}
    static = StaticEntities.from_data([{"uid": uid("User/corp/a")}], schema, names)

    assert static.find(EntityUid("User", "corp/a")) is not None
    with pytest.raises(ConfigError, match="doesn't fit the schema"):
        StaticEntities.from_data([{"uid": uid("User/corp/a"), "attrs": {"badge": 1}}], schema, names)
