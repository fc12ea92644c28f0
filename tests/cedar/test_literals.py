"""Which entities a policy, or a value, names."""

from typing import Any

import pytest

from policy_engine.cedar import literals, parse_policies, references, uid_of
from policy_engine.model import EntityUid


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("permit(principal, action, resource);", set()),
        (
            'permit(principal == A::"1", action == Action::"2", resource in N::M::"3");',
            {"A 1", "Action 2", "N::M 3"},
        ),
        (
            'permit(principal is A in B::"1", action in [Action::"2", Action::"3"], resource is T);',
            {"B 1", "Action 2", "Action 3"},
        ),
        (
            "permit(principal, action, resource) "
            'when { principal in [A::"1", B::"\\n\\"`"] || {a: {b: C::"3"}}.a.b == D::"4" } '
            'unless { if E::"5" has x then F::"6".hasTag("t") else G::"7" is G in H::"8" };',
            {"A 1", 'B \n"`', "C 3", "D 4", "E 5", "F 6", "G 7", "H 8"},
        ),
        (
            '@type("User") @id("x") permit(principal, action, resource) when { {type: "A", id: "b"} != {} };',
            set(),
        ),
    ],
)
def test_every_literal_is_found(policy: str, expected: set[str]) -> None:
    """In scope, conditions, sets, records and operands; not in annotations nor in lookalike records."""
    (parsed,) = parse_policies(policy)

    assert {f"{uid.type} {uid.id}" for uid in literals(parsed.est)} == expected


def test_references_are_found_in_both_forms() -> None:
    """A schema turns the short form into an entity, so it counts."""
    uid = {"type": "User", "id": "a"}

    assert references({"x": [{"__entity": uid}, ({"y": {"type": "User", "id": "b"}},)], "z": 1}) == {
        EntityUid("User", "a"),
        EntityUid("User", "b"),
    }


@pytest.mark.parametrize(
    "value",
    [
        None,
        1,
        "User",
        [],
        {},
        {"type": "User"},
        {"type": "User", "id": 1},
        {"type": 1, "id": "a"},
        {"type": "User", "id": "a", "x": 1},
        {"__entity": "a"},
        {"__entity": {"type": "User", "id": "a"}, "x": 1},
    ],
)
def test_what_is_no_uid_is_none(value: Any) -> None:
    """Two strings, and nothing else."""
    assert uid_of(value) is None


def test_nesting_of_any_depth_is_walked() -> None:
    """Without recursion."""
    value: Any = {"__entity": {"type": "User", "id": "a"}}
    for _ in range(5000):
        value = [value]

    assert references(value) == {EntityUid("User", "a")}
