"""What coverage says of a clause, a condition and a policy is what Cedar itself makes of each alone."""

from typing import Any, Literal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine.cedar import (
    Authorizer,
    CedarRequest,
    KnownEntities,
    PartialRequest,
    parse_policies,
)
from policy_engine.evaluator import StoredPolicy
from policy_engine.harness.coverage.evaluating import look_at
from policy_engine.harness.coverage.places import ClausePlace, Place, PolicyPlace
from policy_engine.harness.coverage.reading import place_of
from policy_engine.model import CedarJson, EntityUid
from tests.plugins.samples import samples

ENTITIES: list[CedarJson] = [
    {
        "uid": {"type": "User", "id": "a"},
        "attrs": {"n": 1},
        "parents": [{"type": "Group", "id": "g"}],
        "tags": {},
    }
]

BROKEN = '(1 + "x" == 2)'
"""Errs wherever it is evaluated."""

ATOMS = (
    "true", "false", "context.b", "context.n", "context has b", "context has r.n", "context.n < 2",
    "context has n", "context.r.n == 1", "principal.n == context.n", 'principal in Group::"g"',
    'principal is User in Group::"h"', 'context.s like "a*"',
    "[context has n && context.n == 1].contains(true)",
    "(if context has b then context.n else 0) == 1", "context.n + 9223372036854775807 > 0",
)  # fmt: skip

bodies = st.recursive(
    st.sampled_from(ATOMS),
    lambda part: st.one_of(
        st.builds("({} && {})".format, part, part),
        st.builds("({} || {})".format, part, part),
        st.builds("!({})".format, part),
        st.builds("(if {} then {} else {})".format, part, part, part),
    ),
    max_leaves=6,
)
clauses = st.lists(st.tuples(st.sampled_from(["when", "unless"]), bodies), min_size=1, max_size=3)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "b": st.sampled_from([True, False, 1]),
        "n": st.sampled_from([0, 1, 2, "one"]),
        "r": st.sampled_from([{}, {"n": 1}, {"n": 2}, 3]),
        "s": st.sampled_from(["a", "ab", "b"]),
    },
)


@given(clauses, contexts)
@example([("when", "(context has r.n && !(context.b))")], {"r": {"n": 1}, "b": False})
@settings(max_examples=samples(150))
def test_outcomes_are_those_of_cedar(clauses: list[tuple[str, str]], context: dict[str, Any]) -> None:
    """Clause by clause, until one settles it; what stands after that wasn't reached."""
    conditions = " ".join(f"{word} {{ {body} }}" for word, body in clauses)
    place = looked_at(conditions, context)

    told = alone(conditions, context)
    assert (bool(place.applied), bool(place.erred)) == (told == "true", told == "erred")
    settled = False
    for clause in place.clauses:
        found = seen(clause)
        assert found == ("unreached" if settled else alone(f"when {{ {clause.text} }}", context))
        for condition in clause.conditions:
            agree_on_condition(clause, condition, context, reached=not settled)
        settled = settled or found != ("true" if clause.word == "when" else "false")


def agree_on_condition(
    clause: ClausePlace, condition: Place, context: dict[str, Any], *, reached: bool
) -> None:
    """A condition that was reached came to what it comes to alone; otherwise nobody would miss it."""
    found = seen(condition)
    before, after = condition.span.start - clause.span.start, condition.span.end - clause.span.start
    broken = alone(f"when {{ {clause.text[:before]}{BROKEN}{clause.text[after:]} }}", context)
    if not reached:
        assert found == "unreached"
    elif found == "unreached":
        assert broken == seen(clause)
    else:
        assert (found, broken) == (alone(f"when {{ {condition.text} }}", context), "erred")


def looked_at(conditions: str, context: dict[str, Any]) -> PolicyPlace:
    """A policy with these conditions, and what one request makes of it."""
    (policy,) = parse_policies(f'@id("p") permit (principal, action, resource) {conditions};')
    place = place_of(StoredPolicy(written=policy, effective=policy))
    look_at(place, PartialRequest.of(asked(context), KnownEntities.from_json(ENTITIES)), "User")
    return place


def seen(place: Place) -> str:
    """The one outcome that was counted; it was held possible."""
    (found,) = [name for name, counts in place.seen.items() if counts == {"User": 1}]
    assert {"true": True, "false": False}.get(found) in {None, *place.possible}
    return found


def alone(conditions: str, context: dict[str, Any]) -> Literal["true", "false", "erred"]:
    """What Cedar makes of a policy with these conditions."""
    cedar = Authorizer.from_text(f'@id("p") permit (principal, action, resource) {conditions};')
    answer = cedar.authorize(asked(context), entities=ENTITIES)
    if answer.errors:
        return "erred"
    return "true" if answer.allowed else "false"


def asked(context: dict[str, Any]) -> CedarRequest:
    """The request."""
    return CedarRequest(EntityUid("User", "a"), EntityUid("Action", "x"), EntityUid("Tool", "t"), context)
