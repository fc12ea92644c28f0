"""A policy set that was checked and can decide; immutable, so that a reload swaps one for another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from policy_engine.cedar import Authorizer, Effect, Policy
from policy_engine.model import CedarJson, EntityUid, PolicyMatch

__all__ = ["PolicyStore", "PolicyWarning", "StoredPolicy"]


@dataclass(frozen=True, kw_only=True)
class StoredPolicy:
    """One policy of a set.

    Attributes:
        written: what its author wrote.
        effective: what runs: a permit without `@delegable` is guarded against delegated requests.
    """

    written: Policy
    effective: Policy

    @property
    def id(self) -> str:
        """The value of its `@id`."""
        return self.written.annotations["id"]

    @property
    def effect(self) -> Effect:
        """`permit` or `forbid`."""
        return self.written.effect

    @property
    def shadow(self) -> bool:
        """Whether it is only checked, and never decides."""
        return self.written.annotations.get("mode") == "shadow"

    @cached_property
    def match(self) -> PolicyMatch:
        """How a decision names it; made once."""
        return PolicyMatch(self.id, self.written.annotations)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWarning:
    """Something that an author, or an operator, should know; everything loads all the same.

    Attributes:
        code: `PSnnn`; docs/reference/warnings.md has a section on each.
        policy: the id of the policy, if it is about one.
        message: what, in one sentence.
        remedy: what to do about it.
        file: where it is written, if in a file.
        line: 1-based.
        column: 1-based.
    """

    code: str
    policy: str | None
    message: str
    remedy: str
    file: str | None
    line: int
    column: int

    def __str__(self) -> str:
        """`file:line:column: code message (remedy)`, the form that editors make clickable."""
        where = f"{self.file or '<values>'}:{self.line}:{self.column}"
        what = self.code if self.policy is None else f"{self.code} `{self.policy}`"
        return f"{where}: {what}: {self.message} ({self.remedy})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolicyStore:
    """Everything of a policy set that a decision needs.

    Attributes:
        policies: by id, in the order they were written, shadow policies included.
        authorizer: the policies that decide.
        digest: SHA-256, in hexadecimal, of what the set says: the order of policies, comments and layout
            don't change it.
        actions: the actions that policies name, with their groups, as entities.
        naming: looks for every entity that a deciding policy names, when somebody asks.
        survey: looks for what the authors should know, when somebody asks: it takes as long as loading does.
    """

    policies: Mapping[str, StoredPolicy]
    authorizer: Authorizer
    digest: str
    actions: Mapping[EntityUid, CedarJson]
    naming: Callable[[], frozenset[EntityUid]] = frozenset
    survey: Callable[[], tuple[PolicyWarning, ...]] = tuple

    @property
    def literals(self) -> frozenset[EntityUid]:
        """Every entity that a deciding policy names."""
        return self.naming()

    @property
    def warnings(self) -> tuple[PolicyWarning, ...]:
        """What the authors should know."""
        return self.survey()

    def effective_text(self, *, origins: bool = False) -> str:
        """What runs, as Cedar text; with `origins`, a comment before each policy says where it is written."""
        running = (policy for policy in self.policies.values() if not policy.shadow)
        texts = (
            f"{_origin(policy)}{policy.effective.text}" if origins else policy.effective.text
            for policy in running
        )
        return "\n\n".join(texts) + "\n"


def _origin(policy: StoredPolicy) -> str:
    written = policy.written
    # A file's name may hold anything, a line end too.
    file = "".join(char if char.isprintable() else "?" for char in written.file or "<values>")
    return f"// {file}:{written.line}:{written.column}\n"
