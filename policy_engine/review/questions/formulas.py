"""The formulas of one policy set: of each kind of request, the policies that have to do with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from policy_engine.cedar import PolicyTree, ScopeClause, tree_of
from policy_engine.evaluator import StoredPolicy
from policy_engine.review.questions.worlds import Worlds
from policy_engine.review.symbolic import (
    FALSE,
    Encoded,
    Environment,
    Term,
    conjunction,
    disjunction,
    encode,
)

__all__ = ["Formula", "Formulas"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Formula:
    """A policy that has to do with a kind of request.

    Attributes:
        policy: its id.
        permit: whether it is one; else it is a forbid.
        encoded: when it is satisfied, and when it errs.
    """

    policy: str
    permit: bool
    encoded: Encoded

    @property
    def decides(self) -> Term:
        """When a permit permits, or a forbid denies: with our engine, it denies where it errs, too."""
        if self.permit:
            return self.encoded.satisfied
        return disjunction(self.encoded.satisfied, self.encoded.errs)


class Formulas:
    """The formulas of one policy set.

    Args:
        worlds: in which it is asked.
        policies: those that decide, by id.
    """

    def __init__(self, worlds: Worlds, policies: Mapping[str, StoredPolicy]) -> None:
        self.worlds = worlds
        self.policies = policies
        self._trees: dict[str, PolicyTree] = {}
        self._of: dict[Environment, dict[str, Formula]] = {}
        self._undenied: dict[Environment, Term] = {}
        self._permitted: dict[Environment, Term] = {}
        self._numbers: dict[Environment, int] = {}
        self._keys: dict[tuple[object, ...], int] = {}

    def tree(self, policy: str) -> PolicyTree:
        """What runs of a policy, as a tree; made once."""
        found = self._trees.get(policy)
        if found is None:
            found = self._trees[policy] = tree_of(self.policies[policy].effective.est)
        return found

    def environments(self, policy: str) -> tuple[Environment, ...]:
        """The kinds of request that the head of a policy admits, by their types."""
        return self._admitted[policy]

    def of(self, environment: Environment) -> Mapping[str, Formula]:
        """Every policy that could decide, or err, on such a request, by id, in their order."""
        found = self._of.get(environment)
        if found is None:
            world = self.worlds.of(environment)
            found = self._of[environment] = {}
            for name in self._admitting.get(environment, ()):
                encoded = encode(self.tree(name), world)
                if encoded.satisfied is not FALSE or encoded.errs is not FALSE:
                    permit = encoded.effect == "permit"
                    found[name] = Formula(policy=name, permit=permit, encoded=encoded)
        return found

    def alike(self, environment: Environment) -> int:
        """A number that two kinds of request share only if the very same formulas decide about both."""
        number = self._numbers.get(environment)
        if number is None:
            parts = (part for each in self.of(environment).values() for part in (each.policy, each.encoded))
            key = (environment.principal, environment.resource, *parts)
            number = self._numbers[environment] = self._keys.setdefault(key, len(self._keys))
        return number

    def permitted(self, environment: Environment) -> Term:
        """When some permit is satisfied."""
        found = self._permitted.get(environment)
        if found is None:
            permits = (each.decides for each in self.of(environment).values() if each.permit)
            found = self._permitted[environment] = disjunction(*permits)
        return found

    def undenied(self, environment: Environment) -> Term:
        """When no forbid is satisfied, and none errs."""
        found = self._undenied.get(environment)
        if found is None:
            forbids = (each.decides for each in self.of(environment).values() if not each.permit)
            found = self._undenied[environment] = ~disjunction(*forbids)
        return found

    def allowed(self, environment: Environment) -> Term:
        """When the engine allows."""
        permitted = self.permitted(environment)
        return FALSE if permitted is FALSE else conjunction(permitted, self.undenied(environment))

    @cached_property
    def _admitted(self) -> Mapping[str, tuple[Environment, ...]]:
        return {name: tuple(self._admits(self.tree(name))) for name in self.policies}

    @cached_property
    def _admitting(self) -> Mapping[Environment, tuple[str, ...]]:
        found: dict[Environment, list[str]] = {}
        for name, environments in self._admitted.items():
            for environment in environments:
                found.setdefault(environment, []).append(name)
        return {environment: tuple(each) for environment, each in found.items()}

    def _admits(self, tree: PolicyTree) -> Iterator[Environment]:
        for environment in self._of_actions(tree.action):
            principal = self._of_type(tree.principal, environment.principal)
            if principal and self._of_type(tree.resource, environment.resource):
                yield environment

    def _of_actions(self, clause: ScopeClause) -> Iterator[Environment]:
        if clause.operator == "all":
            yield from self.worlds.all
            return
        where = self.worlds.by_action if clause.operator == "==" else self.worlds.within
        yield from dict.fromkeys(each for of in clause.entities for each in where.get(of.uid.id, ()))

    def _of_type(self, clause: ScopeClause, type_: str) -> bool:
        if clause.type is not None and clause.type != type_:
            return False
        above = {type_} if clause.operator == "==" else self._above(type_)
        return all(literal.uid.type in above for literal in clause.entities)

    def _above(self, type_: str) -> frozenset[str]:
        return self.worlds.subject.vocabulary.entity_types[type_].ancestors
