"""Random policy sets, what a solver says of them, and what Cedar does."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from policy_engine.cedar import parse_policies, tree_of, validate
from policy_engine.evaluator import StoredPolicy
from policy_engine.review.solving import Query, Sat, Solver, Unknown, Unsat
from policy_engine.review.symbolic import (
    FALSE,
    Encoded,
    Environment,
    Ids,
    Point,
    Term,
    World,
    allowed,
    conjunction,
    encode,
    environments,
    evaluate,
    leaves,
)
from policy_engine.review.witness import Court, concretize
from tests.review.symbolic.generating.policies import policy
from tests.review.symbolic.generating.schemas import Case, case
from tests.review.symbolic.generating.worlds import world

__all__ = ["Counts", "Drawn", "Goal", "check", "drawn"]

_POLICIES = 4
_ATTACKS = 40
_LAX = (
    (" < ", " <= "),
    (" > ", " >= "),
    (".lessThan(", ".lessThanOrEqual("),
    ('like "a*b"', 'like "a*"'),
    ('like "*b*a*"', 'like "*a*"'),
    ('like "*a"', 'like "*a*"'),
    (".toDate()", ""),
)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Something that may be true of a request, and what Cedar then says of it.

    Attributes:
        assertions: the formulas.
        allowed: what is decided.
        policies: by id, whether it is satisfied, and whether it errs.
        judged: the policies that Cedar is asked about.
    """

    assertions: tuple[Term, ...]
    judged: tuple[StoredPolicy, ...]
    allowed: bool | None = None
    policies: dict[str, tuple[bool, bool]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A policy set that validates, in one kind of request of a schema.

    Attributes:
        known: the schema.
        world: that kind of request.
        policies: the set.
        encoded: as formulas, by id.
        weaker: for some, one that asks for less: mostly, it is satisfied where the first is.
        chance: what else is drawn for it.
    """

    known: Case
    world: World
    policies: tuple[StoredPolicy, ...]
    encoded: dict[str, Encoded]
    weaker: dict[str, tuple[StoredPolicy, Encoded]]
    chance: random.Random

    def goals(self) -> Iterator[Goal]:
        """Whether something is allowed, and whether each policy can be satisfied, or can err."""
        goal = allowed(self.encoded.values())
        yield self._goal(goal, allowed=True)
        for name, each in self.encoded.items():
            yield self._goal(each.satisfied, policies={name: (True, False)})
            yield self._goal(each.errs, policies={name: (False, True)})
            without = conjunction(~each.satisfied, ~each.errs, goal)
            yield self._goal(without, allowed=True, policies={name: (False, False)})
        for name, (weaker, found) in self.weaker.items():
            only = conjunction(self.encoded[name].satisfied, ~found.satisfied, ~found.errs)
            policies = {name: (True, False), weaker.id: (False, False)}
            yield self._goal(only, policies=policies, more=(weaker,))

    def _goal(
        self,
        goal: Term,
        *,
        allowed: bool | None = None,
        policies: dict[str, tuple[bool, bool]] | None = None,
        more: tuple[StoredPolicy, ...] = (),
    ) -> Goal:
        return Goal(
            assertions=(self.world.wellformed(goal), goal),
            judged=(*self.policies, *more),
            allowed=allowed,
            policies=policies or {},
        )


@dataclass
class Counts:
    """What came of it."""

    sat: int = 0
    unsat: int = 0
    folded: int = 0
    attacks: int = 0
    faults: list[str] = field(default_factory=list)


def drawn(name: str, seed: int) -> Drawn:
    """A set of random policies, none of which the formulas can't express."""
    chance = random.Random(f"models/{name}/{seed}")
    known = case(name)
    environment = chance.choice([*environments(known.vocabulary)])
    ours = World(known.vocabulary, environment, Ids())
    policies: list[StoredPolicy] = []
    encoded: dict[str, Encoded] = {}
    weaker: dict[str, tuple[StoredPolicy, Encoded]] = {}
    while len(policies) < _POLICIES:
        text = policy(known.vocabulary, environment, chance)
        if chance.random() < 0.25:
            text = text.replace("permit (", "forbid (", 1)
        own = f"p{len(policies)}"
        found = _encoded(own, text, known, ours)
        if found is not None:
            policies.append(found[0])
            encoded[own] = found[1]
            relaxed = _relaxed(text)
            other = None if relaxed == text else _encoded(f"w{own}", relaxed, known, ours)
            if other is not None:
                weaker[own] = other
    return Drawn(
        known=known, world=ours, policies=tuple(policies), encoded=encoded, weaker=weaker, chance=chance
    )


def _relaxed(text: str) -> str:
    """The same, if it can be, with conditions that hold more often."""
    for strict, lax in _LAX:
        text = text.replace(strict, lax)
    return text


def _encoded(own: str, text: str, known: Case, ours: World) -> tuple[StoredPolicy, Encoded] | None:
    """A policy and its formulas, if it is valid, and has them."""
    (parsed,) = parse_policies(f'@id("{own}") {text}')
    if validate([parsed], known.schema):
        return None
    found = encode(tree_of(parsed.est), ours)
    return None if found.havoc else (StoredPolicy(written=parsed, effective=parsed), found)


def check(
    solver: Solver, sets: Sequence[Drawn], second: Callable[[Sequence[Term]], str] | None = None
) -> Counts:
    """Have each model confirmed by Cedar, and each proof attacked with random requests.

    Args:
        solver: whom to ask.
        sets: what to ask about.
        second: somebody else's opinion.
    """
    counts = Counts()
    asked = [(each, goal) for each in sets for goal in each.goals()]
    queries = (Query(assertions=goal.assertions, ask=tuple(leaves(*goal.assertions))) for _, goal in asked)
    for (each, goal), answer in zip(asked, solver.solve_all(queries), strict=True):
        match answer:
            case Unknown(reason=reason, detail=detail):
                counts.faults.append(f"{reason} {detail}")
            case Sat():
                counts.sat += 1
                counts.faults += _unconfirmed(each, goal, answer)
            case Unsat() if FALSE in goal.assertions:
                counts.folded += 1
                counts.faults += _attacked(each, goal, counts, _ATTACKS // 8)
            case Unsat():
                counts.unsat += 1
                counts.faults += _attacked(each, goal, counts, _ATTACKS)
        if second is not None and FALSE not in goal.assertions:
            other = second(goal.assertions)
            if other not in ("unknown", type(answer).__name__.lower()):
                counts.faults.append(f"{other}, not {answer}")
    return counts


def _unconfirmed(each: Drawn, goal: Goal, model: Sat) -> Iterator[str]:
    concrete = concretize(model, each.world, about=goal.assertions)
    court = Court(goal.judged, each.known.schema)
    told = court.confirm(concrete, allowed=goal.allowed, policies=goal.policies)
    at = Point(concrete.request, concrete.entities, each.world.ids)
    if isinstance(told, Unknown) or not all(evaluate(part, at) for part in goal.assertions):
        texts = "\n".join(policy.effective.text for policy in goal.judged)
        yield f"{told}\n{goal.allowed} {goal.policies}\n{texts}\n{concrete}\n{dict(model.values)}"


def _attacked(each: Drawn, goal: Goal, counts: Counts, times: int) -> Iterator[str]:
    court = Court(goal.judged, each.known.schema)
    for _ in range(times):
        counts.attacks += 1
        request, entities = world(each.known.vocabulary, _kind(each), each.chance)
        ruling = court.rule(request, entities)
        holds = goal.allowed in (None, ruling.allowed)
        if holds and all(ruling.of(name) == expected for name, expected in goal.policies.items()):
            yield f"said to be impossible: {goal.allowed} {goal.policies} {request} {entities}"


def _kind(each: Drawn) -> Environment:
    return each.world.environment
