"""What the encoding doesn't follow may come to anything: it isn't left out, nor taken for settled."""

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from policy_engine.cedar import (
    Binary,
    Call,
    Condition,
    PolicyTree,
    ScopeClause,
    Value,
    parse_policies,
    tree_of,
)
from policy_engine.review.symbolic import (
    FALSE,
    TRUE,
    Encoded,
    Environment,
    Ids,
    World,
    allowed,
    conjunction,
    encode,
)
from policy_engine.review.symbolic.terms import Sort, leaves
from tests.review.symbolic.generating.schemas import case

ENTER = Environment(principal="Person", action="enter", resource="Room")
UNSEEN = 'context has "from" && context["from"].isIpv4()'


def tree(text: str) -> PolicyTree:
    """One policy."""
    (policy,) = parse_policies(text)
    return tree_of(policy.est)


def when(condition: str) -> PolicyTree:
    """A permit for all, under a condition."""
    return tree(f"permit (principal, action, resource) when {{ {condition} }};")


def encoded(policy: PolicyTree, **options: Any) -> Encoded:
    """In one kind of request."""
    return encode(policy, World(case("texts").vocabulary, ENTER, Ids(), **options))


def is_open(policy: Encoded) -> bool:
    """Whether it may hold, not hold, or err, for all that is said."""
    names = {leaf.name for term in (policy.satisfied, policy.errs) for leaf in leaves(term)}
    (digest,) = policy.havoc
    return {("havoc", digest), ("havoc", digest, "errs")} <= names


@pytest.mark.parametrize(
    "condition",
    [
        UNSEEN,
        'context["from"] == ip("10.0.0.1")',
        'context["from"].isInRange(ip("10.0.0.0/8"))',
        "context.flags.contains(true)",
        "ip(context.token.id).isIpv4()",
        'decimal(principal.name).lessThan(decimal("1.0"))',
        "[[principal.name]].contains([principal.name])",
        '(if context.words.isEmpty() then principal else resource) in Club::"a"',
        f'principal.name == "a" || {UNSEEN}',
    ],
)
def test_what_is_not_followed_may_come_to_anything(condition: str) -> None:
    """Addresses that aren't known, sets of sets, texts that are read, and values of two types."""
    assert is_open(encoded(when(condition)))


@pytest.mark.parametrize(
    ("condition", "satisfied"),
    [
        (f"false && {UNSEEN}", FALSE),
        (f"true || {UNSEEN}", TRUE),
        (f"principal is Robot && {UNSEEN}", FALSE),
        (f"if principal is Person then true else {UNSEEN}", TRUE),
        ('ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))', TRUE),
        ('[ip("10.0.0.1")].contains(ip("10.0.0.2"))', FALSE),
    ],
)
def test_what_is_never_looked_at_is_of_no_account(condition: str, satisfied: Any) -> None:
    """Where types or constants settle a condition, it is settled."""
    found = encoded(when(condition))
    assert (found.satisfied, found.errs, found.havoc) == (satisfied, FALSE, frozenset())


def test_whether_something_is_there_is_followed() -> None:
    """Also of what itself isn't."""
    found = encoded(when('context has "from"'))
    assert found.havoc == frozenset()
    assert found.satisfied.name == ("context?", "from")


def test_the_head_is_kept() -> None:
    """A policy for other principals is settled, whatever its conditions are."""
    found = encoded(tree(f"permit (principal is Robot, action, resource) when {{ {UNSEEN} }};"))
    assert (found.satisfied, found.errs) == (FALSE, FALSE)


def test_the_other_conditions_are_kept() -> None:
    """One that can't hold settles the policy, and nothing is satisfied that errs."""
    found = encoded(
        tree(f"permit (principal, action, resource) when {{ {UNSEEN} }} when {{ principal is Robot }};")
    )
    assert found.satisfied is FALSE
    assert conjunction(found.satisfied, found.errs) is FALSE
    open_ = encoded(when(UNSEEN))
    assert conjunction(open_.satisfied, open_.errs) is FALSE


def test_one_text_is_one_unknown() -> None:
    """In an old and a new policy set alike, so that what didn't change is no difference."""
    one, other = (
        encoded(when(UNSEEN)),
        encoded(tree(f"forbid (principal, action, resource) when {{ {UNSEEN} }};")),
    )
    assert one.havoc == other.havoc
    assert one.satisfied is other.satisfied
    assert encoded(when("context.flags.contains(true)")).havoc != one.havoc
    assert encoded(tree(f"permit (principal, action, resource) unless {{ {UNSEEN} }};")).havoc != one.havoc


def test_twins_have_two_unknowns() -> None:
    """What one principal may do says nothing of the other."""
    assert encoded(when(UNSEEN)).havoc.isdisjoint(encoded(when(UNSEEN), twin=True).havoc)


def test_an_unknown_may_forbid() -> None:
    """So no permit beside it is certain."""
    permit, forbid = when("true"), tree(f"forbid (principal, action, resource) when {{ {UNSEEN} }};")
    world = World(case("texts").vocabulary, ENTER, Ids())
    found = allowed([encode(permit, world), encode(forbid, world)])
    assert found is not TRUE
    assert found is not FALSE


@dataclass(frozen=True)
class _Novelty:
    """A node of a Cedar to come."""

    span: None = None


@pytest.mark.parametrize(
    "body",
    [
        _Novelty(),
        Binary(cast("Any", "xor"), Value(value=True), Value(value=True)),
        Call("isPrime", (Value(7),)),
    ],
)
def test_what_cedar_may_yet_bring_may_come_to_anything(body: Any) -> None:
    """New nodes, operators and functions are not ignored."""
    policy = replace(when("true"), conditions=(Condition(kind="when", body=body),))
    assert is_open(encoded(policy))


def test_a_clause_of_a_new_kind_may_come_to_anything() -> None:
    """Neither `when` nor `unless`."""
    policy = replace(when("true"), conditions=(Condition(kind=cast("Any", "while"), body=Value(value=True)),))
    assert is_open(encoded(policy))


@pytest.mark.parametrize(
    "clause",
    [
        ScopeClause(variable="principal", operator="==", slot="?principal"),
        ScopeClause(variable="principal", operator=cast("Any", "like")),
    ],
)
def test_a_head_that_is_not_followed_may_admit_anybody(clause: ScopeClause) -> None:
    """Slots of templates, and what there may yet be."""
    found = encoded(replace(tree("permit (principal, action, resource);"), principal=clause))
    (digest,) = found.havoc
    assert (found.satisfied.name, found.satisfied.sort) == (("havoc", digest), Sort.BOOL)
    assert found.errs is FALSE


def test_deep_conditions_are_followed() -> None:
    """Deeper than Python's own calls go."""
    body: Any = Value(value=True)
    for _ in range(3000):
        body = Binary("&&", body, Value(value=True))
    policy = replace(when("true"), conditions=(Condition(kind="when", body=body),))
    assert encoded(policy).satisfied is TRUE
