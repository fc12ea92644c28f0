"""Where policies are written, as a report says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.review.access import Access, PolicyText
from policy_engine.review.review import Review

__all__ = ["Places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Finds policies by their ids.

    Attributes:
        policies: by id; none where the review has no matrix.
        shown: how the path of a file is written.
    """

    policies: Mapping[str, PolicyText] = field(default_factory=lambda: MappingProxyType({}))
    shown: Callable[[str], str] = str

    @classmethod
    def of(cls, review: Review, shown: Callable[[str], str] = str) -> "Places":
        """Of the policies that a review is about."""
        access = review.access
        return cls(policies=access.policies if isinstance(access, Access) else {}, shown=shown)

    def of_policy(self, name: str) -> str:
        """`file:line` of a policy; empty where that isn't known."""
        policy = self.policies.get(name)
        return "" if policy is None else self.at(policy.file, policy.line)

    def at(self, file: str | None, line: int) -> str:
        """The same of a place in a file."""
        return "" if file is None else f"{self.shown(file)}:{line}"
