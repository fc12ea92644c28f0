"""Permits that cover what agents do for people, and what each lets agents do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policy_engine.cedar import GetAttribute, PolicyTree, Variable, walk
from policy_engine.evaluator import StoredPolicy, entity_literals
from policy_engine.review.questions.bench import Bench, Found, Search
from policy_engine.review.questions.mirror import nobody
from policy_engine.review.symbolic import (
    FALSE,
    Environment,
    Sort,
    Term,
    conjunction,
    constant,
    equal,
    variable,
)
from policy_engine.review.verdict import Outcome

__all__ = ["ACTOR", "Lent", "lent_by"]

ACTOR = variable(Sort.INT, "context", "actor")
"""Who acts."""

_ACTING = variable(Sort.BOOL, "context?", "actor")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lent:
    """A permit that covers what agents do for people.

    Attributes:
        looks: whether it looks at who the agent is.
        found: of each kind of request, whether the whole set lets an agent make it by this permit.
        anybody: likewise, whether it lets one that nobody named.
    """

    policy: StoredPolicy
    looks: bool
    found: tuple[Found, ...]
    anybody: tuple[Found, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """What agents can do by it, or may be able to."""
        return _actions(found for found in self.found if found.outcome is not Outcome.proved)

    @property
    def anybodys(self) -> tuple[str, ...]:
        """What agents can do by it that nobody named."""
        return _actions(found for found in self.anybody if found.outcome is Outcome.violated)


def lent_by(bench: Bench, policies: Sequence[StoredPolicy]) -> Iterator[Lent]:
    """What each of some permits lets agents do, whatever the others say.

    Args:
        bench: the tools.
        policies: permits that are `@delegable`.
    """
    searches = [[*_searches(bench, policy)] for policy in policies]
    found = bench.look([search for each in searches for search in each], "delegation")
    for policy, each in zip(policies, searches, strict=True):
        looks = _looks_at_the_actor(bench.formulas.tree(policy.id))
        results = [next(found) for _ in each]
        yield Lent(policy=policy, looks=looks, found=tuple(results[::2]), anybody=tuple(results[1::2]))


def _searches(bench: Bench, policy: StoredPolicy) -> Iterator[Search]:
    for environment in bench.formulas.environments(policy.id):
        if environment.principal != "User":
            continue
        some = _through(bench, policy.id, environment)
        unnamed = FALSE if some is FALSE else conjunction(some, _nobody(bench, policy.id, some))
        for what, formula in (("some agent", some), ("any agent", unnamed)):
            yield Search(
                environment=environment,
                formula=formula,
                policy=policy.id,
                delegated=True,
                label=f"delegation: {policy.id}: {environment.action}: {what}",
            )


def _through(bench: Bench, policy: str, environment: Environment) -> Term:
    """When a permit lets an agent act for a person, and no forbid stops it."""
    found = bench.formulas.of(environment).get(policy)
    if found is None:
        return FALSE
    lets = conjunction(found.encoded.satisfied, _ACTING)
    return FALSE if lets is FALSE else conjunction(lets, bench.formulas.undenied(environment))


def _nobody(bench: Bench, policy: str, formula: Term) -> Term:
    """That nobody said anything of an agent, neither elsewhere nor in the policy."""
    literals = (literal.uid for literal in entity_literals(bench.formulas.tree(policy)))
    named = sorted({uid.id for uid in literals if uid.type == "Client"})
    numbers = (constant(bench.worlds.ids.number(name)) for name in named)
    return conjunction(*nobody(ACTOR, formula), *(~equal(ACTOR, number) for number in numbers))


def _looks_at_the_actor(tree: PolicyTree) -> bool:
    actor = GetAttribute(Variable("context"), "actor")
    return any(node == actor for condition in tree.conditions for node in walk(condition.body))


def _actions(found: Iterable[Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.search.environment.action for each in found))
