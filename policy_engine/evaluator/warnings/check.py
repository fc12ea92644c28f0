"""What a warning is: a code, a page, and how to look for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.surveying import Survey

__all__ = ["Check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One warning.

    Attributes:
        code: `PSnnn`.
        page: its documentation: a title, and the sections What it checks, Why it matters, Example, Instead.
        find: looks for it.
    """

    code: str
    page: str
    find: Callable[[Survey], Iterator[PolicyWarning]]
