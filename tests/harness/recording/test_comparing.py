"""Recorded traffic, and other policies: what changes, and how sure that is."""

import pytest

from policy_engine.harness.comparing import Effect, compare, grouped
from policy_engine.harness.world import World
from tests.harness.recording.conftest import ANN, BOT, POLICIES, SUE, Calls, Record, WorldWith

CALLS: Calls = [
    (BOT, "order", {"item": "a", "count": 3}),
    (BOT, "order", {"item": "a", "count": 30}),
    (BOT, "look", {"item": "a"}),
    (ANN, "look", {"item": "a"}),
    (ANN, "order", {"item": "a", "count": 1}),
    (SUE, "order", {"item": "a", "count": 1}),
]

Told = list[tuple[Effect, str, str, tuple[str, ...]]]
BOT_ID, ANN_ID, SUE_ID = "machines/bot", "corp/ann", "corp/sue"


def told(old: World, new: World, record: Record) -> Told:
    """Effects, with who asked for what, and what they depend on."""
    comparison = compare(old, new, record(CALLS))
    return [
        (group.effect, change.exchange.principal.id, change.exchange.action.id, change.depends)
        for group in grouped(comparison.changes)
        for change in group.changes
    ]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param("", "", [], id="nothing"),
        pytest.param(
            "when { context.arguments.count <= 10 };",
            ";",
            [(Effect.granted, BOT_ID, "shop/order", ())],
            id="a condition is gone: whatever the arguments were",
        ),
        pytest.param(
            "count <= 10",
            "count <= 20",
            [
                (Effect.may_be_granted, BOT_ID, "shop/order", ("arguments.count",)),
                (Effect.may_be_denied, BOT_ID, "shop/order", ("arguments.count",)),
            ],
            id="a bound is another: that depends on an argument",
        ),
        pytest.param(
            'principal in Group::"corp/stock"',
            "principal is User",
            [(Effect.granted, ANN_ID, "shop/order", ())],
            id="a permit for all people: of those who were denied",
        ),
        pytest.param(
            'principal in Group::"corp/stock"',
            'principal in Group::"corp/sales"',
            [
                (Effect.may_be_granted, ANN_ID, "shop/order", ('principal in Group::"corp/sales"',)),
                (Effect.may_be_denied, SUE_ID, "shop/order", ('principal in Group::"corp/sales"',)),
            ],
            id="another group: who is in it isn't recorded",
        ),
        pytest.param(
            '@id("look") @kinds("both") permit (principal,',
            '@id("look") permit (principal is User,',
            [(Effect.denied, BOT_ID, "shop/look", ())],
            id="machines are shut out",
        ),
        pytest.param(
            '@id("look") @kinds("both")',
            '@id("never") forbid (principal is Client, action, resource);\n@id("look") @kinds("both")',
            [
                (Effect.denied, BOT_ID, "shop/order", ()),
                (Effect.denied, BOT_ID, "shop/look", ()),
            ],
            id="a forbid for machines",
        ),
    ],
)
def test_what_changes_is_told_with_what_it_depends_on(
    world: World, with_policies: WorldWith, record: Record, *, old: str, new: str, changes: Told
) -> None:
    """Grants first; and nothing of what can't change."""
    assert told(world, with_policies(POLICIES.replace(old, new) if old else POLICIES), record) == changes


def test_machines_come_first(world: World, with_policies: WorldWith, record: Record) -> None:
    """Of the same effect, machines before people, however many people there are."""
    opened = POLICIES.replace("when { context.arguments.count <= 10 };", ";")
    opened = opened.replace('principal in Group::"corp/stock"', "principal is User")
    comparison = compare(world, with_policies(opened), record([*CALLS, *CALLS[4:5] * 5]))

    assert [(group.effect, group.role, group.count) for group in grouped(comparison.changes)] == [
        (Effect.granted, "machine", 1),
        (Effect.granted, "person", 6),
    ]


def test_of_other_policies_than_the_old_ones_nothing_is_taken_over(
    with_policies: WorldWith, record: Record
) -> None:
    """What the record says decided is no evidence then: both sides are worked out."""
    log = record(CALLS)
    nudged = with_policies(POLICIES.replace("<= 10", "<= 11"))
    comparison = compare(nudged, with_policies(POLICIES.replace("<= 10", "<= 12")), log)

    assert comparison.foreign == 6
    assert [(change.effect, change.exchange.principal.id) for change in comparison.changes] == [
        (Effect.may_be_granted, BOT_ID),
        (Effect.may_be_granted, BOT_ID),
    ]
    assert compare(nudged, nudged, log).changes == ()
