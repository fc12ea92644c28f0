"""Mutants that no test could tell are recognised, and no others."""

import pytest

from policy_engine.cedar import read_tree
from policy_engine.harness.mutation import Fate, run_mutants
from policy_engine.harness.mutation.bench import target_set
from policy_engine.harness.mutation.forms import NEVER, policy_form
from tests.harness.mutation.conftest import WorldOf

_HEAD = '@id("p") permit (principal, action == Action::"shop/order", resource)'
_KINDLESS = '@id("p") @delegable permit (principal, action == Action::"shop/order", resource)'
_ORDER = 'action == Action::"shop/order"'

ALIKE = [
    # what is written twice, or in other words
    (f"{_HEAD} when {{ context.arguments.count > 5 }};", f"{_HEAD} when {{ context.arguments.count >= 6 }};"),
    (f"{_HEAD} when {{ context.arguments.count > 5 }};", f"{_HEAD} when {{ 5 < context.arguments.count }};"),
    (
        f"{_HEAD} when {{ context.arguments.count > 5 }};",
        f"{_HEAD} unless {{ context.arguments.count <= 5 }};",
    ),
    (
        f'{_HEAD} when {{ context.arguments.item == "a" && context.arguments.count == 1 }};',
        f'{_HEAD} when {{ context.arguments.item == "a" }} unless {{ context.arguments.count != 1 }};',
    ),
    (
        f'{_HEAD} when {{ !(context.arguments.item == "a" || context.arguments.count == 1) }};',
        f'{_HEAD} when {{ context.arguments.item != "a" && context.arguments.count != 1 }};',
    ),
    (
        f'{_HEAD} when {{ context.token.scopes.containsAny(["a"]) }};',
        f'{_HEAD} when {{ context.token.scopes.contains("a") }};',
    ),
    (
        f'{_HEAD} when {{ ["a", "b"].contains(context.arguments.item) }};',
        f'{_HEAD} when {{ ["b", "a", "b"].contains(context.arguments.item) }};',
    ),
    (
        f'{_HEAD} when {{ context.arguments.item like "a" }};',
        f'{_HEAD} when {{ context.arguments.item == "a" }};',
    ),
    (
        f'{_HEAD} when {{ if context.arguments.item == "a" then 1 == 1 else 1 == 2 }};',
        f'{_HEAD} when {{ if context.arguments.item != "a" then 1 == 2 else 1 == 1 }};',
    ),
    (f"{_HEAD} when {{ 1 < 2 }};", f"{_HEAD};"),
    # what is certain of each kind of caller
    (f"{_HEAD} when {{ principal is User }};", f'@id("p") permit (principal is User, {_ORDER}, resource);'),
    (
        f"{_KINDLESS} when {{ context has actor }};",
        f"{_KINDLESS} when {{ principal is User && context has actor }};",
    ),
    (
        f'@id("p") permit (principal is Client, {_ORDER}, resource);',
        f'@id("p") @delegable permit (principal is Client, {_ORDER}, resource);',
    ),
    (
        f'@id("p") permit (principal == Client::"machines/bot", {_ORDER}, resource);',
        f'@id("p") permit (principal in Client::"machines/bot", {_ORDER}, resource);',
    ),
    # what is there to be asked for
    (
        '@id("p") permit (principal, action in Action::"shop/*", resource);',
        '@id("p") permit (principal, action in Action::"call_tool", resource in Server::"shop");',
    ),
    (
        f'@id("p") permit (principal, {_ORDER}, resource);',
        f'@id("p") permit (principal, {_ORDER}, resource == Tool::"shop/order");',
    ),
    (
        '@id("p") permit (principal, action in Action::"read_only", resource);',
        '@id("p") permit (principal, action == Action::"shop/look", resource);',
    ),
]

DIFFERENT = [
    (f"{_HEAD} when {{ context.arguments.count > 5 }};", f"{_HEAD} when {{ context.arguments.count >= 5 }};"),
    (f"{_HEAD} when {{ context.arguments.count > 5 }};", f"{_HEAD} when {{ context.arguments.count < 5 }};"),
    (
        f'{_HEAD} when {{ context.arguments.item == "a" && context.arguments.count == 1 }};',
        f'{_HEAD} when {{ context.arguments.item == "a" || context.arguments.count == 1 }};',
    ),
    # the order of the two matters where the second may fail
    (
        f"{_HEAD} when {{ context.arguments has urgent && context.arguments.urgent }};",
        f"{_HEAD} when {{ context.arguments.urgent && context.arguments has urgent }};",
    ),
    (
        f'{_HEAD} when {{ context.token.scopes.containsAny(["a", "b"]) }};',
        f'{_HEAD} when {{ context.token.scopes.containsAll(["a", "b"]) }};',
    ),
    (f"{_HEAD};", f"{_KINDLESS};"),
    (
        f'@id("p") permit (principal is User, {_ORDER}, resource);',
        f'@id("p") permit (principal, {_ORDER}, resource);',
    ),
    (
        f'@id("p") permit (principal in Group::"corp/g", {_ORDER}, resource);',
        f'@id("p") permit (principal is User, {_ORDER}, resource);',
    ),
    (
        '@id("p") permit (principal, action in Action::"read_only", resource);',
        '@id("p") permit (principal, action in Action::"shop/*", resource);',
    ),
    (
        '@id("p") permit (principal, action == Action::"read_resource", resource);',
        '@id("p") permit (principal, action == Action::"read_resource", resource == Resource::"shop/file:///a");',
    ),
]

NEVER_APPLIES = [
    f'@id("p") @mode("shadow") permit (principal, {_ORDER}, resource);',
    f"{_HEAD} when {{ principal is User && principal is Client }};",
    f"{_HEAD} when {{ context has actor }};",
    f'@id("p") permit (principal, {_ORDER}, resource == Tool::"shop/look");',
    f'@id("p") @delegable permit (principal is Client, {_ORDER}, resource) when {{ context has actor }};',
    f'@id("p") permit (principal is User, {_ORDER}, resource) when {{ principal in ClientGroup::"m/g" }};',
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_two_ways_to_say_one_thing_have_one_form(world_of: WorldOf, one: str, other: str) -> None:
    """No request decides otherwise by the one than by the other."""
    targets = target_set(world_of(one))
    assert policy_form(read_tree(one), targets) == policy_form(read_tree(other), targets) != NEVER


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_a_request_could_tell_has_two_forms(world_of: WorldOf, one: str, other: str) -> None:
    """However near they are."""
    targets = target_set(world_of(one))
    assert policy_form(read_tree(one), targets) != policy_form(read_tree(other), targets)


@pytest.mark.parametrize("text", NEVER_APPLIES)
def test_what_never_applies_is_like_nothing_at_all(world_of: WorldOf, text: str) -> None:
    """To remove it changes nothing."""
    assert policy_form(read_tree(text), target_set(world_of(f"{_HEAD};"))) == NEVER


def test_a_permit_behind_a_forbid_can_be_widened_unnoticed(world_of: WorldOf) -> None:
    """Nobody but the group passes the forbid, so it doesn't matter whom the permit names."""
    world = world_of(
        """
        @id("members-order")
        permit (principal in Group::"corp/members", action == Action::"shop/order", resource);

        @id("members-only")
        forbid (principal is User, action in Action::"shop/*", resource)
        unless { principal in Group::"corp/members" };
        """
    )
    report = run_mutants(world, [], policies=["members-order"], suggest=False)
    (widened,) = [outcome for outcome in report.outcomes if outcome.mutant.after == "principal is User"]
    assert (widened.fate, widened.why) == (
        Fate.equivalent,
        "no request is decided otherwise: wherever it differs, others decide: `members-only`",
    )


def test_one_question_that_is_two_literals_at_once_is_none(world_of: WorldOf) -> None:
    """What is `a` isn't `b`, so a permit for `a` stands wherever a forbid for `b` does."""
    world = world_of(
        """
        @id("a") permit (principal, action == Action::"shop/order", resource)
        when { context.arguments.item == "a" && context.arguments.item != "b" };
        """
    )
    report = run_mutants(world, [], suggest=False)
    fates = {outcome.mutant.after: outcome.fate for outcome in report.outcomes}
    assert fates['context.arguments.item == "a"'] is Fate.equivalent
    assert fates['context.arguments.item != "b"'] is Fate.survived
