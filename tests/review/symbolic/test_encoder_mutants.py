"""The comparison with Cedar finds mistakes: each of these, made in the encoder, is noticed."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from policy_engine.cedar import Authorizer, If, PolicyTree, Unary, parse_policies, tree_of
from policy_engine.review.symbolic import (
    FALSE,
    TRUE,
    Encoded,
    Ids,
    Point,
    Sort,
    Term,
    World,
    add,
    allowing,
    at_most,
    conjunction,
    constant,
    disjunction,
    divide,
    equal,
    evaluate,
    less,
    like,
    member,
    modulo,
    multiply,
    subset,
)
from policy_engine.review.symbolic.encoding import (
    access,
    encode,
    equality,
    expressions,
    extensions,
    operators,
    policies,
    scope,
)
from policy_engine.review.symbolic.encoding.results import Result, as_truth, errors, of, truth
from policy_engine.review.symbolic.values import LONG_MAX, Field, RecordValue, Scalar
from tests.review.symbolic.generating.comparing import compare
from tests.review.symbolic.generating.edges import EDGES, ENVIRONMENTS, points
from tests.review.symbolic.generating.schemas import case

Mutate = Callable[[pytest.MonkeyPatch], None]
_DAY = 86_400_000


def _row(module: Any, table: str, name: object, value: Any) -> Mutate:
    """Another row in a table."""
    return lambda patch: patch.setattr(module, table, {**getattr(module, table), name: value})


def _name(module: Any, name: str, value: Any) -> Mutate:
    """Another function, or constant."""
    return lambda patch: patch.setattr(module, name, value)


def _both_errors(left: Result, right: Result) -> Result:
    one, other = as_truth(left), as_truth(right)
    assert one is not None
    assert other is not None
    return truth(conjunction(one[1], other[1]), disjunction(one[0], other[0]))


def _either_errors(left: Result, right: Result) -> Result:
    one, other = as_truth(left), as_truth(right)
    assert one is not None
    assert other is not None
    return truth(disjunction(one[1], other[1]), disjunction(one[0], other[0]))


def _truncating_date(moment: Term) -> Result:
    day = multiply(constant(-1), divide(multiply(constant(-1), moment), _DAY))
    return of(Scalar("datetime", multiply(day, constant(_DAY))))


def _date_without_end(moment: Term) -> Result:
    return of(Scalar("datetime", multiply(divide(moment, _DAY), constant(_DAY))))


def _time_with_sign(moment: Term) -> Result:
    return of(Scalar("duration", add(modulo(moment, _DAY), constant(-1))))


def _always_there(_world: World, _type: str, _which: Term) -> Term:
    return TRUE


def _only_above(world: World, one: Any, other: Any) -> Term:
    return member(other.term, world.ancestors(one.type, one.term, other.type))


def _only_same(_world: World, one: Any, other: Any) -> Term:
    return equal(one.term, other.term) if one.type == other.type else FALSE


def _either_way(_world: World, _node: Any, condition: Result, then: Result, otherwise: Result) -> Result:
    chosen = operators_choice(_world, _node, condition, then, otherwise)
    return Result(errors(condition, then, otherwise), chosen.value)


operators_choice = operators.choice


def _same_numbers(one: Any, other: Any, ids: Ids) -> Term | None:
    if isinstance(one, Scalar) and isinstance(other, Scalar) and one.term.sort is other.term.sort:
        return equal(one.term, other.term)
    return equality_same(one, other, ids)


equality_same = equality.same


def _same_fields(one: RecordValue, other: RecordValue, _ids: Ids) -> Term:
    parts = []
    for name in one.fields.keys() & other.fields.keys():
        ours, theirs = one.fields[name].value, other.fields[name].value
        assert isinstance(ours, Scalar)
        assert isinstance(theirs, Scalar)
        parts.append(equal(ours.term, theirs.term))
    return conjunction(*parts)


def _starry(text: Term, pattern: tuple[str | None, ...]) -> Term:
    pieces: list[str | None] = []
    for piece in pattern:
        for number, part in enumerate((piece or "").split("*")):
            pieces += [None, part] if number else [part]
        pieces += [None] if piece is None else []
    return like(text, tuple(pieces))


def _value_anyway(errs: Term, field: Field) -> Result:
    return Result(errs, field.value)


def _tag_anyway(world: World, left: Any, right: Any) -> Result:
    return of(world.tag(left.type, left.term, right.term).value)


def _contains_numbers(_world: World, left: Any, right: Any) -> Result:
    return truth(member(right.term, left.term) if left.term.sort is Sort.INTS else FALSE)


def _contains_all_swapped(_world: World, left: Any, right: Any) -> Result:
    return truth(subset(left.term, right.term) if left.element == right.element else TRUE)


def _any_type(clause: Any, _asked: Any, _world: World) -> Term:
    assert clause.operator in ("all", "is")
    return TRUE


def _down(length: Term) -> Result:
    return of(Scalar("Long", divide(length, 1000)))


def _at_most(_world: World, left: Any, right: Any) -> Result:
    return truth(at_most(left.term, right.term))


def _no_errors(_world: World, _node: Any, operand: Result) -> Result:
    held = as_truth(operand)
    assert held is not None
    return truth(~held[1])


MUTANTS: dict[str, tuple[Mutate, str]] = {
    "`&&` errs where its right side does": (_name(operators, "both", _both_errors), "&& context.extra"),
    "`||` errs where its right side does": (_name(operators, "either", _either_errors), "|| context.extra"),
    "overflow begins one earlier": (_name(operators, "LONG_MAX", constant(2**63 - 2)), "amount + 1"),
    "overflow begins one later": (_name(operators, "LONG_MAX", constant(2**63)), "amount + 1"),
    "nothing is too small": (
        _name(operators, "out_of_range", lambda number: less(LONG_MAX, number)),
        "amount - 1",
    ),
    "`toDate` towards zero": (_row(extensions, "_METHODS", "toDate", _truncating_date), "toDate() =="),
    "`toDate` without end": (_row(extensions, "_METHODS", "toDate", _date_without_end), "toDate() <"),
    "`toTime` with an offset": (_row(extensions, "_METHODS", "toTime", _time_with_sign), "toTime"),
    "`toSeconds` downwards": (_row(extensions, "_METHODS", "toSeconds", _down), "toSeconds"),
    "missing entities have attributes": (_name(World, "_unknown_exists", _always_there), "owner.boss"),
    "nothing is in itself": (_name(access, "within", _only_above), "principal in principal"),
    "nothing is in a group": (_name(access, "within", _only_same), 'principal in Team::"a"'),
    "both sides of `if` may err": (_row(expressions, "_NODES", If, _either_way), "if context has"),
    "decimals are numbers": (_name(operators, "same", _same_numbers), "price == 10000"),
    "records are equal without presence": (
        _name(equality, "_records", _same_fields),
        "home == {on: true, zip",
    ),
    "an escaped star is any text": (_name(access, "like", _starry), "like"),
    "a missing attribute has a value": (_name(access, "_value", _value_anyway), "context.extra > 0 || "),
    "a missing tag has a value": (_row(operators, "OPERATIONS", "getTag", _tag_anyway), "getTag"),
    "sets hold what looks alike": (
        _row(operators, "OPERATIONS", "contains", _contains_numbers),
        "contains(1)",
    ),
    "`containsAll` the other way": (
        _row(operators, "OPERATIONS", "containsAll", _contains_all_swapped),
        "sizes.containsAll([1])",
    ),
    "`<` is `<=`": (_row(operators, "OPERATIONS", "<", _at_most), "amount < 7"),
    "`!` has no errors": (_row(expressions, "_NODES", Unary, _no_errors), "!(context.extra"),
    "actions are in no group": (_name(World, "groups_of", lambda _world, action: {action}), 'Action::"all"'),
    "an error that is certain holds": (
        _name(
            policies, "as_truth", lambda result: (FALSE, FALSE) if result.value is None else as_truth(result)
        ),
        "context.nonsense",
    ),
}
"""What is changed, and which of the edges show it."""


WHOLE_MUTANTS: dict[str, tuple[Mutate, str]] = {
    "`unless` is `when`": (
        _name(policies, "_clause", lambda _condition, body: body),
        "permit (principal, action, resource) unless { context.amount == 0 };",
    ),
    "heads admit any type": (
        _name(scope, "_entity", _any_type),
        "permit (principal is Doc, action, resource);",
    ),
    "a second condition isn't looked at": (
        _name(policies, "both", lambda left, right: left if left.value != truth(TRUE).value else right),
        "permit (principal, action, resource) when { context.amount == 0 } when { context.amount == 1 };",
    ),
}
"""What is changed, and a policy that shows it."""


def _mismatches(part: str) -> list[str]:
    found: list[str] = []
    chosen = [edge for edge in EDGES if part in edge.condition]
    assert chosen
    for edge in chosen:
        text = f"permit (principal, action, resource) when {{ {edge.condition} }};"
        found += compare(case(edge.schema), ENVIRONMENTS[edge.schema], [text], points(edge)).mismatches
    return found


@pytest.mark.parametrize("name", MUTANTS)
def test_mistakes_in_the_encoder_are_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake makes the encoding differ from Cedar at an edge where it doesn't differ without."""
    mutate, part = MUTANTS[name]
    assert _mismatches(part) == []
    with monkeypatch.context() as patch:
        mutate(patch)
        assert _mismatches(part) != []


@pytest.mark.parametrize("name", WHOLE_MUTANTS)
def test_mistakes_in_whole_policies_are_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, of heads and clauses."""
    mutate, text = WHOLE_MUTANTS[name]
    edge = EDGES[0]
    asked = case(edge.schema), ENVIRONMENTS[edge.schema], [text], points(edge._replace(context={}))
    assert compare(*asked).mismatches == []
    with monkeypatch.context() as patch:
        mutate(patch)
        assert compare(*asked).mismatches != []


PERMIT = "permit (principal, action, resource);"
SETS = (
    (PERMIT,),
    ("permit (principal, action, resource) when { context.extra > 0 };",),
    (PERMIT, "forbid (principal, action, resource) when { context.extra > 0 };"),
    (PERMIT, "forbid (principal, action, resource) when { context.amount == 0 };"),
    (PERMIT, "forbid (principal, action, resource) when { context.amount == 1 };"),
    (PERMIT, "permit (principal, action, resource) when { context.extra > 0 };"),
    ("forbid (principal, action, resource) when { context.amount == 1 };",),
)


def _trees(texts: Iterable[str]) -> list[PolicyTree]:
    return [tree_of(policy.est) for policy in parse_policies("\n".join(texts))]


def _differing() -> list[tuple[str, ...]]:
    """Policy sets that are allowed what the engine would deny, or the other way round."""
    known, environment = case("numbers"), ENVIRONMENTS["numbers"]
    ((request, entities),) = points(EDGES[0]._replace(context={"amount": 0}))
    found: list[tuple[str, ...]] = []
    for texts in SETS:
        ids = Ids()
        world = World(known.vocabulary, environment, ids)
        encoded = [encode(tree, world) for tree in _trees(texts)]
        mine = evaluate(allowing.allowed(encoded), Point(request, entities, ids))
        answer = Authorizer.from_text("\n".join(texts), known.schema).authorize(request, entities)
        broken = any(
            encoded[int(fault.policy.removeprefix("policy"))].effect == "forbid" for fault in answer.errors
        )
        if mine is not (answer.allowed and not broken):
            found.append(texts)
    return found


def _skipping(encoded: Iterable[Encoded]) -> Term:
    """As Cedar alone would have it: a forbid that errs is skipped."""
    every = [*encoded]
    permits = (each.satisfied for each in every if each.effect == "permit")
    return conjunction(disjunction(*permits), *(~each.satisfied for each in every if each.effect == "forbid"))


def _erring_permits(encoded: Iterable[Encoded]) -> Term:
    every = [*encoded]
    permits = (disjunction(each.satisfied, each.errs) for each in every if each.effect == "permit")
    forbids = (disjunction(each.satisfied, each.errs) for each in every if each.effect == "forbid")
    return conjunction(disjunction(*permits), ~disjunction(*forbids))


@pytest.mark.parametrize("mutant", [_skipping, _erring_permits])
def test_mistakes_about_whole_sets_are_noticed(
    mutant: Callable[[Iterable[Encoded]], Term], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forbid that errs denies, and a permit that errs permits nothing, as in the engine."""
    assert _differing() == []
    with monkeypatch.context() as patch:
        patch.setattr(allowing, "allowed", mutant)
        assert _differing() != []
