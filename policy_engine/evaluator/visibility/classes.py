"""Things that no policy can tell apart: one proof for one is a proof for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from policy_engine.cedar import Expression, Folded, fold_expression
from policy_engine.evaluator.visibility.rules import Rule, admits, named_in
from policy_engine.evaluator.visibility.targets import Target
from policy_engine.model import EntityUid

__all__ = ["Classes", "Question", "TargetClass"]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A policy, and one of the things that are all the same to it.

    Attributes:
        rule: the policy.
        target: any of them.
        certain: whether its head certainly admits action and resource.
    """

    rule: Rule
    target: Target
    certain: bool


@dataclass(frozen=True, slots=True, eq=False)
class TargetClass:
    """All that policies have to say of something: the same questions, the same answer.

    Attributes:
        permits: those that may apply to it.
        forbids: those that apply to it, if their conditions hold.
    """

    permits: tuple[Question, ...]
    forbids: tuple[Question, ...]


class Classes:
    """Finds the class of something; what was found is kept, and dropped with the object.

    Args:
        rules: policies that decide, and whose heads say the same of the principal.
        named: every entity that policies of the set name.
    """

    def __init__(self, rules: Iterable[Rule], named: frozenset[EntityUid]) -> None:
        self._rules = tuple(rules)
        self._named = named
        self._by_action: dict[EntityUid | None, list[int]] = {}
        for index, rule in enumerate(self._rules):
            for uid in map(named_in, rule.actions):
                self._by_action.setdefault(uid, []).append(index)
        self._named_actions = frozenset(uid for uid in self._by_action if uid is not None)
        resources = (named_in(rule.resource) for rule in self._rules)
        self._named_resources = frozenset(uid for uid in resources if uid is not None)
        self._admitting: dict[object, tuple[tuple[Rule, bool], ...]] = {}
        self._questions: dict[object, Question] = {}
        self._classes: dict[tuple[Question, ...], TargetClass] = {}

    def __len__(self) -> int:
        """How many questions are kept; callers may bring ever new ones."""
        return len(self._questions)

    def of(self, target: Target) -> TargetClass:
        """The class of something."""
        request = target.anybody()
        results: dict[Expression, Folded] = {}
        # What a policy names may be what is asked for: then, and only then, more is known of it.
        possibility = target.possibility
        named = tuple(uid for uid in (possibility.resource, possibility.server) if uid in self._named)
        other = possibility.server if possibility.resource is None else None
        questions = []
        for rule, certain in self._admitting_to(target):
            for read in rule.reads:
                if read not in results:
                    results[read] = fold_expression(read, request)
            key = (rule, certain, tuple(results[read] for read in rule.reads), named, other)
            found = self._questions.get(key)
            if found is None:
                found = self._questions[key] = Question(rule, target, certain)
            questions.append(found)
        return self._class(tuple(questions))

    def _class(self, questions: tuple[Question, ...]) -> TargetClass:
        found = self._classes.get(questions)
        if found is None:
            found = self._classes[questions] = TargetClass(
                permits=tuple(question for question in questions if question.rule.permit),
                # A forbid that perhaps has nothing to do with it stops nothing for certain.
                forbids=tuple(each for each in questions if not each.rule.permit and each.certain),
            )
        return found

    def _admitting_to(self, target: Target) -> tuple[tuple[Rule, bool], ...]:
        """The policies whose heads may admit it, and whether they certainly do."""
        action, resource = target.action, target.resource
        key = (
            action.within & self._named_actions,
            resource.within & self._named_resources,
            resource.type,
            resource.prefix if resource.uid is None else None,
        )
        found = self._admitting.get(key)
        if found is None:
            found = self._admitting[key] = tuple(self._admit(target))
        return found

    def _admit(self, target: Target) -> Iterable[tuple[Rule, bool]]:
        by_action = {index for uid in (None, *target.action.within) for index in self._by_action.get(uid, ())}
        for index in sorted(by_action):
            rule = self._rules[index]
            # Of an action it is known which it is, and so whether a head admits it.
            if any(admits(key, target.action) for key in rule.actions):
                resource = admits(rule.resource, target.resource)
                if resource is not False:
                    yield rule, resource is True
