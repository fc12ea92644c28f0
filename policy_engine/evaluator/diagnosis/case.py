"""Everything that a sentence about a policy may draw on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from policy_engine.cedar import Binary, Expression, Policy, PolicyTree, Span
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.grouping import Alike
from policy_engine.evaluator.inference import CedarType, Fault, Inferred, Vocabulary, as_authors_say
from policy_engine.evaluator.nearest import listed
from policy_engine.evaluator.places import text_of

__all__ = ["STAND_IN", "Case", "Complaint"]

STAND_IN = "?"
"""No action of a schema is named so: tools have a slash, methods are words, and groups have members."""

_BOTH = 2

_FEW = 4
"""As many actions are named; of more, the first is, and how many they are."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a part of a policy, and how to mend it."""

    span: Span | None
    problem: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """A policy that the validator holds something against.

    Attributes:
        policy: the policy.
        tree: the same, with places.
        vocabulary: the schema.
        deployment: what else is known of its tools.
        inferred: what was found of it in each kind of request that its head admits.
        alike: its actions; those that were looked at stand for others.
    """

    policy: Policy
    tree: PolicyTree
    vocabulary: Vocabulary
    deployment: Deployment
    inferred: tuple[Inferred, ...]
    alike: Alike

    @cached_property
    def actions(self) -> list[str]:
        """The actions that its head admits."""
        return self.everyone(inferred.environment.action for inferred in self.inferred)

    def everyone(self, actions: Iterable[str]) -> list[str]:
        """All actions for which these stand."""
        return self.alike.everyone(actions)

    def text(self, node: Expression) -> str:
        """What is written there, on one line and not too long."""
        return text_of(self.policy, node)

    def said(self, node: Expression, type_: CedarType) -> str:
        """That something is of a type."""
        return f"`{self.text(node)}` is {as_authors_say(type_)}"

    def type_of(self, node: Expression, fault: Fault) -> CedarType | None:
        """The type of another node in the kind of request that a fault is about."""
        found = (one for one in self.inferred if one.environment == fault.environment)
        return next((one.types.get(id(node)) for one in found), None)

    def where(self, affected: Iterable[str]) -> str:
        """Where some of its actions are affected, with those for which they stand; nothing if that is clear.

        ` in github/create_issue`, ` in 2 of 5 tools: …`, ` in 37 of 2,000 tools, first `…``.
        """
        every, some = self.actions, self.everyone(affected)
        noun = "tools" if all("/" in action for action in every) else "actions"
        if every == [STAND_IN]:
            return ""
        if len(every) == 1:
            return f" in {every[0]}"
        if len(some) == len(every):
            return f" in both {noun}" if len(every) == _BOTH else f" in all {len(every):,} {noun}"
        share = f" in {len(some):,} of {len(every):,} {noun}"
        return f"{share}: {listed(some)}" if len(some) <= _FEW else f"{share}, first `{some[0]}`"

    def only_in(self, faults: Sequence[Fault]) -> tuple[str, str | None]:
        """Where the faults of a part are, and what to do, if it is right in other kinds of requests."""
        affected = dict.fromkeys(fault.environment.action for fault in faults)
        within, node = faults[0].within, faults[0].node
        parts = (within.left, within.right) if isinstance(within, Binary) else (node,)
        for one in self.inferred:
            typed = all(one.types.get(id(part)) is not None for part in parts)
            if typed and one.environment.action not in affected:
                return self.where(
                    affected
                ), f"write a policy of its own for {listed(self.everyone(affected))}"
        return "", None
