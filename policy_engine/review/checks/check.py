"""What a check is: a code, a page, how much it matters, and how to look for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policy_engine.cedar import Span
from policy_engine.evaluator import SurveyedPolicy
from policy_engine.files import Place
from policy_engine.review.checks.finding import Fix
from policy_engine.review.checks.looking import Scene
from policy_engine.review.checks.pages import page_title
from policy_engine.review.verdict import Severity

__all__ = ["Check", "Found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that a check found.

    Attributes:
        message: what, in one sentence.
        remedy: what to do about it.
        policy: in which policy; None for something of the configuration.
        span: the part of the policy.
        place: the place in the configuration.
        fix: how a program may mend it.
    """

    message: str
    remedy: str
    policy: SurveyedPolicy | None = None
    span: Span | None = None
    place: Place | None = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Attributes:
        code: `PSnnn`, from 101 on.
        page: its documentation: a title, and the sections What it checks, Why it matters, Example, Instead.
        severity: how much a finding matters.
        find: looks for them.
    """

    code: str
    page: str
    severity: Severity
    find: Callable[[Scene], Iterator[Found]]

    @property
    def title(self) -> str:
        """What it finds, in a few words."""
        return page_title(self.page)
