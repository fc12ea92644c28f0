"""What warnings look at: every policy as a tree, and what the configuration says that policies are about."""

from collections.abc import Iterable
from functools import cached_property

from policy_engine.cedar import PolicyTree, ScopeClause, Span
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.inference import (
    Environment,
    Inferred,
    Vocabulary,
    admitted,
    entity_literals,
    infer,
)
from policy_engine.evaluator.places import written_tree
from policy_engine.evaluator.policy_store import PolicyWarning, StoredPolicy
from policy_engine.evaluator.validation import Validator

__all__ = ["Subject", "Survey"]


class Survey:
    """Everything that is known of a policy set; nothing is worked out before a warning asks for it.

    Args:
        policies: those in which nothing is wrong.
        validator: of the schema that they were validated against.
        deployment: what the configuration says.
    """

    def __init__(
        self, policies: Iterable[StoredPolicy], validator: Validator, deployment: Deployment
    ) -> None:
        self.validator = validator
        self.deployment = deployment
        self._policies = tuple(policies)
        self._admitted: dict[tuple[ScopeClause, ...], tuple[Environment, ...]] = {}

    @property
    def vocabulary(self) -> Vocabulary:
        """The schema."""
        return self.validator.vocabulary

    @cached_property
    def subjects(self) -> "tuple[Subject, ...]":
        """Every policy."""
        return tuple(Subject(policy, written_tree(policy.written), self) for policy in self._policies)

    @cached_property
    def held(self) -> frozenset[str]:
        """Every action that can be asked for, and every group that holds one."""
        rows = self.vocabulary.actions.values()
        return frozenset(name for row in rows if row.principals for name in row.groups)

    def admitted(self, tree: PolicyTree) -> tuple[Environment, ...]:
        """The kinds of requests that the head of a policy admits; many policies have the same head."""
        head = (tree.principal, tree.action, tree.resource)
        if head not in self._admitted:
            self._admitted[head] = tuple(admitted(tree, self.vocabulary))
        return self._admitted[head]


class Subject:
    """One policy that loads.

    Attributes:
        policy: the policy.
        tree: the same, with places.
    """

    def __init__(self, policy: StoredPolicy, tree: PolicyTree, survey: Survey) -> None:
        self.policy = policy
        self.tree = tree
        self._survey = survey

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The kinds of requests that its head admits."""
        return self._survey.admitted(self.tree)

    @property
    def actions(self) -> frozenset[str]:
        """The actions that its head admits."""
        return frozenset(environment.action for environment in self.environments)

    @cached_property
    def reached(self) -> bool:
        """Whether it could apply to a request, or to one that may come with a tool."""
        actions = (literal.uid.id for literal in entity_literals(self.tree) if literal.uid.type == "Action")
        if any(action not in self._survey.held for action in actions):
            return True
        return self._survey.validator.reaches(self.policy.effective)

    @cached_property
    def inferred(self) -> tuple[Inferred, ...]:
        """What is known of its parts in each kind of request that its head admits."""
        try:
            return tuple(infer(self.tree, self._survey.vocabulary, self.environments))
        except RecursionError:  # hundreds of operators in one chain
            return ()

    def warning(self, code: str, span: Span | None, message: str, remedy: str) -> PolicyWarning:
        """A warning that points at a part of it."""
        written = self.policy.written
        line, column = (written.line, written.column) if span is None else (span.line, span.column)
        return PolicyWarning(
            code=code,
            policy=self.policy.id,
            message=message,
            remedy=remedy,
            file=written.file,
            line=line,
            column=column,
        )
