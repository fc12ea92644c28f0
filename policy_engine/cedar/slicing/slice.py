"""One slice: the policies that can have anything to do with some requests, parsed together."""

from collections.abc import Sequence
from functools import cached_property

import cedarpy

from policy_engine.cedar.json_text import from_text
from policy_engine.cedar.literals import references
from policy_engine.cedar.slicing.reads import ReadSet, reads_of
from policy_engine.cedar.syntax import tree_of
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Slice"]


class Slice:
    """Some policies of a set, in its order; compared by identity.

    Args:
        names: what each is called.
        texts: what each says.

    Attributes:
        names: the same.
        handle: the policies, parsed; what Cedar calls `policyN` is the N-th of `names`.
    """

    def __init__(self, names: Sequence[str], texts: Sequence[str]) -> None:
        self.names = tuple(names)
        self._text = "\n".join(texts)
        self.handle = cedarpy.PolicySet.from_str(self._text)

    @cached_property
    def _ests(self) -> tuple[CedarJson, ...]:
        parsed = from_text(cedarpy.policies_to_json_str(self._text))["staticPolicies"]
        return tuple(parsed[f"policy{number}"] for number in range(len(self.names)))

    @cached_property
    def literals(self) -> frozenset[EntityUid]:
        """Every entity that a condition of one of them names.

        What a scope names is compared with what a request's own entities are in, and needn't be told of.
        """
        return frozenset(uid for est in self._ests for uid in references(est["conditions"]))

    @cached_property
    def reads(self) -> ReadSet:
        """What they read of the context."""
        trees = (tree_of(est) for est in self._ests)
        return reads_of(condition.body for tree in trees for condition in tree.conditions)

    @property
    def size(self) -> int:
        """Bytes that it takes, about: Cedar's own form of a policy is some forty times its text."""
        return 2_000 + 60 * len(self._text)

    def __len__(self) -> int:
        """How many policies there are."""
        return len(self.names)
