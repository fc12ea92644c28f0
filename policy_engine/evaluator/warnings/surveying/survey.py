"""What warnings look at: every policy as a tree, and what the configuration says that policies are about."""

from collections.abc import Container, Iterable, Iterator
from copy import copy
from functools import cached_property

from policy_engine.cedar import PolicyTree, Span, tree_of
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.grouping import Alike
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
from policy_engine.evaluator.warnings.surveying.unseen import Unseen

__all__ = ["Subject", "Survey"]


class Survey:
    """Everything that is known of a policy set; nothing is worked out before a warning asks for it.

    Attributes:
        subjects: the policies that are looked at.
        every: all policies of the set.
        validator: of the schema that they were validated against.
        deployment: what the configuration says.
    """

    def __init__(
        self, policies: Iterable[StoredPolicy], validator: Validator, deployment: Deployment
    ) -> None:
        self.validator = validator
        self.deployment = deployment
        self.every = tuple(Subject(policy, tree_of(policy.written.est), self) for policy in policies)
        self.subjects = self.every

    def placed(self, ids: Container[str | None]) -> "Survey":
        """The same of some of the policies, with the places of their parts, which take long to read."""
        survey = copy(self)
        survey.subjects = tuple(
            Subject(subject.policy, written_tree(subject.policy.written), survey)
            for subject in self.every
            if subject.policy.id in ids
        )
        return survey

    @property
    def vocabulary(self) -> Vocabulary:
        """The schema."""
        return self.validator.vocabulary

    def holds(self, name: str) -> bool:
        """Whether an action can be asked for, or holds one that can."""
        return bool(self.validator.grouping.index.holding(name))

    @cached_property
    def unseen(self) -> "Unseen":
        """The arguments that policies can't see."""
        return Unseen(self.deployment, self.validator.grouping.index)


class Subject:
    """One policy that loads.

    Attributes:
        policy: the policy.
        tree: the same; with places, if they were asked for.
    """

    def __init__(self, policy: StoredPolicy, tree: PolicyTree, survey: Survey) -> None:
        self.policy = policy
        self.tree = tree
        self._survey = survey

    @cached_property
    def alike(self) -> Alike:
        """The actions that its head admits, those together that it can't tell apart."""
        return self._survey.validator.grouping.alike(tree_of(self.policy.effective.est))

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """The kinds of requests that its head admits; those of actions that stand for others."""
        environments = self._survey.vocabulary.environments(self.alike.classes)
        return tuple(admitted(self.tree, self._survey.vocabulary, environments))

    @cached_property
    def actions(self) -> int:
        """The actions that its head admits, as bits."""
        return self.alike.expanded(environment.action for environment in self.environments)

    @cached_property
    def reached(self) -> bool:
        """Whether it could apply to a request, or to one that may come with a tool."""
        actions = (literal.uid.id for literal in entity_literals(self.tree) if literal.uid.type == "Action")
        if not all(map(self._survey.holds, actions)):
            return True
        # Only if we find no way does Cedar have to look for one.
        return self._applies or self._survey.validator.reaches(self.policy.effective)

    @property
    def _applies(self) -> bool:
        tree = tree_of(self.policy.effective.est)
        try:
            found = any(one.reachable for one in infer(tree, self._survey.vocabulary, self.environments))
        except RecursionError:
            found = False
        return found

    @cached_property
    def inferred(self) -> tuple[Inferred, ...]:
        """What is known of its parts in each kind of request that its head admits."""
        return tuple(self.inferring())

    def inferring(self, environments: Iterable[Environment] | None = None) -> Iterator[Inferred]:
        """The same, one after another; in these kinds of requests, if some are given."""
        vocabulary = self._survey.vocabulary
        try:
            yield from infer(
                self.tree, vocabulary, self.environments if environments is None else environments
            )
        except RecursionError:  # hundreds of operators in one chain
            return

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
