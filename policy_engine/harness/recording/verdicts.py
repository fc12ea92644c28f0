"""What policies may say of a question of which not everything is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from policy_engine.cedar import Outcome, PartialRequest, PolicyTree, fold_policy, tree_of
from policy_engine.evaluator import PolicyStore
from policy_engine.harness.recording.unknowns import unknown_parts

__all__ = ["Judge", "Leaning", "Opinion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning:
    """What one policy does about a question.

    Attributes:
        permit: whether it is one; else it is a forbid.
        holds: whether it applies; None if that depends on what isn't known.
        errs: whether it fails; likewise.
        depends: what that depends on, in Cedar.
    """

    permit: bool
    holds: bool | None
    errs: bool | None = False
    depends: tuple[str, ...] = ()

    @property
    def denies(self) -> bool | None:
        """Whether a forbid denies: a forbid that fails does."""
        if self.permit:
            return False
        if self.holds or self.errs:
            return True
        return None if None in (self.holds, self.errs) else False

    @property
    def idle(self) -> bool:
        """Whether it certainly neither applies nor fails."""
        return self.holds is False and self.errs is False


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What a policy set says of a question.

    Attributes:
        leanings: by policy, those that may have something to say.
    """

    leanings: Mapping[str, Leaning]

    @cached_property
    def allowed(self) -> bool | None:
        """Whether it is allowed; None if that depends on what isn't known."""
        permits = [each.holds for each in self.leanings.values() if each.permit]
        forbids = [each.denies for each in self.leanings.values() if not each.permit]
        if True in forbids or not any(held is not False for held in permits):
            return False
        return True if True in permits and None not in forbids else None

    @cached_property
    def deciding(self) -> tuple[str, ...]:
        """The policies that decide, or may."""
        denying = [name for name, each in self.leanings.items() if each.denies is not False]
        permitting = [name for name, each in self.leanings.items() if each.permit and each.holds is not False]
        match self.allowed:
            case True:
                return tuple(permitting)
            case False:
                return tuple(name for name in denying if self.leanings[name].denies)
            case None:
                return (*permitting, *denying)


class Judge:
    """Has opinions; of each policy, its tree is made once.

    Args:
        store: the policies.
    """

    def __init__(self, store: PolicyStore) -> None:
        self._trees: dict[str, PolicyTree] = {
            name: tree_of(policy.effective.est)
            for name, policy in store.policies.items()
            if not policy.shadow
        }
        self.texts: Mapping[str, PolicyTree] = self._trees

    def opinion(self, request: PartialRequest, known: Mapping[str, Leaning] | None = None) -> Opinion:
        """What the policies say.

        Args:
            request: the question.
            known: of some policies, what they do about it.
        """
        known = known or {}
        leanings = {
            name: known[name] if name in known else self._leaning(tree, request)
            for name, tree in self._trees.items()
        }
        return Opinion(leanings={name: each for name, each in leanings.items() if not each.idle})

    def _leaning(self, tree: PolicyTree, request: PartialRequest) -> Leaning:
        outcome = fold_policy(tree, request)
        permit = tree.effect == "permit"
        match outcome.certainty:
            case "satisfied":
                return Leaning(permit=permit, holds=True)
            case "not_satisfied":
                return Leaning(permit=permit, holds=False)
            case "errs":
                return Leaning(permit=permit, holds=False, errs=True)
            case "depends":
                return _unsure(tree, outcome, request, permit=permit)


def _unsure(tree: PolicyTree, outcome: Outcome, request: PartialRequest, *, permit: bool) -> Leaning:
    return Leaning(
        permit=permit,
        holds=None if outcome.may_be_satisfied else False,
        errs=None if outcome.may_err else False,
        depends=unknown_parts(tree, request),
    )
