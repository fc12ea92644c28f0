"""Everything that checks look at, made once."""

import re
from collections.abc import Container
from copy import copy
from functools import cached_property

from policy_engine.cedar import Span
from policy_engine.config import LoadedConfig, policy_checker, policy_sources
from policy_engine.evaluator import PolicySource, Survey, SurveyedPolicy
from policy_engine.files import Place
from policy_engine.review.checks.finding import TextEdit
from policy_engine.review.checks.looking.machines import Machine, machines_of
from policy_engine.review.checks.looking.reach import Reach
from policy_engine.review.subject import Subject

__all__ = ["Scene"]


class Scene:
    """A policy set, what its policies reach, and the configuration around it.

    Args:
        subject: what is reviewed.
        now: the time, in seconds since the epoch.

    Raises:
        PolicyError: a file of policies can't be read any more.

    Attributes:
        subject: the same.
        survey: the policies with their types.
        now: the same.
        sources: the texts of the policies.
        reach: which actions a policy is about.
    """

    def __init__(self, subject: Subject, now: float) -> None:
        loaded = subject.loaded
        checker = policy_checker(loaded, subject.servers, subject.static)
        policies = subject.policies.policies.values()
        self.subject = subject
        self.survey = Survey(policies, checker.validator, checker.deployment)
        self.now = now
        self.sources: tuple[PolicySource, ...] = tuple(policy_sources(loaded))
        self.reach = Reach(self.survey, subject.static)

    def placed(self, ids: Container[str | None]) -> "Scene":
        """The same, looking at some of the policies only, with the places of their parts."""
        scene = copy(self)
        scene.survey = self.survey.placed(ids)
        return scene

    @property
    def loaded(self) -> LoadedConfig:
        """The configuration."""
        return self.subject.loaded

    @property
    def policies(self) -> tuple[SurveyedPolicy, ...]:
        """The policies that are looked at, those in shadow mode too."""
        return self.survey.subjects

    @property
    def permits(self) -> list[SurveyedPolicy]:
        """The permits among them."""
        return [one for one in self.survey.subjects if one.tree.effect == "permit"]

    @property
    def deciding(self) -> list[SurveyedPolicy]:
        """All policies that decide, whichever are looked at."""
        return [one for one in self.survey.every if not one.policy.shadow]

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        """The clients that are listed."""
        return tuple(machines_of(self.loaded, self.subject.static))

    def place(self, *path: str | int) -> Place:
        """Where a part of the configuration stands; its beginning, if that isn't known."""
        return self.loaded.document.place(path) or Place(1, 1)

    def edit(self, policy: SurveyedPolicy, span: Span, after: str) -> TextEdit | None:
        """A part of a policy, and what is to stand there instead; None if that isn't in a file."""
        written = policy.policy.written
        start = self.offset(written.file, written.line, written.column)
        if written.file is None or start is None:
            return None
        before = written.text[span.start : span.end]
        return TextEdit(file=written.file, start=start + span.start, before=before, after=after)

    def text(self, file: str) -> str | None:
        """A file of policies, as it was read."""
        return next((source.text for source in self.sources if source.file == file), None)

    def offset(self, file: str | None, line: int, column: int) -> int | None:
        """How many characters of a file of policies stand before a place."""
        starts = self._starts.get(file)
        return None if starts is None else starts[line - 1] + column - 1

    @cached_property
    def _starts(self) -> dict[str | None, list[int]]:
        return {
            source.file: [0, *(match.end() for match in re.finditer("\n", source.text))]
            for source in self.sources
        }
