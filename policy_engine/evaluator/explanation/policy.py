"""One policy and one request: did it apply, and if not, what would have to differ?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from policy_engine.cedar import Condition, Folded, PolicyTree, fold_policy, read_tree, tree_of
from policy_engine.evaluator.explanation.findings import Finding, Need, count
from policy_engine.evaluator.explanation.needs import needs_of, reasons_of
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.evaluator.explanation.words.scopes import clause_need, clause_reason
from policy_engine.evaluator.explanation.words.tokens import not_delegable
from policy_engine.evaluator.policy_store import StoredPolicy

__all__ = ["PolicyExplanation", "explain_policy"]

Outcome = Literal["applied", "not_applied", "erred"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyExplanation:
    """What became of one policy.

    Attributes:
        policy: the policy.
        outcome: whether it applied; `erred` if it couldn't be evaluated.
        decided: whether the verdict names it.
        on_topic: whether its head admits this action on this resource.
        findings: if it applied, what made it apply; otherwise what would have to differ.
    """

    policy: StoredPolicy
    outcome: Outcome
    decided: bool
    on_topic: bool
    findings: tuple[Need, ...]

    @property
    def distance(self) -> int:
        """How many things would have to differ for it to apply, at the least."""
        return 0 if self.outcome == "applied" else count(self.findings)


def explain_policy(
    policy: StoredPolicy, scene: Scene, *, decided: bool = False, places: bool = False
) -> PolicyExplanation:
    """Explain one policy.

    Args:
        policy: the policy.
        scene: the request.
        decided: whether the verdict names it.
        places: whether findings say where they are written; the policy is read anew for that.
    """
    tree = _tree(policy, places=places)
    outcome = _outcome(fold_policy(tree, scene.folded).folded)
    heads = (tree.principal, tree.action, tree.resource)
    fits = [clause_need(clause, scene) for clause in heads]
    if outcome == "applied":
        reasons = [reason for clause in heads if (reason := clause_reason(clause, scene)) is not None]
        findings: tuple[Need, ...] = (*reasons, *_reasons(_written_conditions(policy, tree), scene))
    else:
        needs = [need for need in fits if need is not None]
        findings = (*needs, *_needs(policy, tree, scene, sure=not needs))
    return PolicyExplanation(
        policy=policy,
        outcome=outcome,
        decided=decided,
        on_topic=fits[1] is None and fits[2] is None,
        findings=findings,
    )


def _tree(policy: StoredPolicy, *, places: bool) -> PolicyTree:
    runs = policy.effective
    return (
        read_tree(runs.text, file=runs.file, line=runs.line, column=runs.column)
        if places
        else tree_of(runs.est)
    )


def _outcome(folded: Folded) -> Outcome:
    """Of a request of which everything is known, so that nothing depends on anything."""
    if folded.value is None:
        return "erred"
    return "applied" if folded.holds else "not_applied"


def _written_conditions(policy: StoredPolicy, tree: PolicyTree) -> Sequence[Condition]:
    """Without the guard that the loader added behind them."""
    return tree.conditions if policy.effective is policy.written else tree.conditions[:-1]


def _reasons(conditions: Sequence[Condition], scene: Scene) -> Iterator[Finding]:
    for condition in conditions:
        yield from reasons_of(condition.body, scene)


def _needs(policy: StoredPolicy, tree: PolicyTree, scene: Scene, *, sure: bool) -> Iterator[Need]:
    """What the conditions need; where something before them failed already, their errors mean nothing."""
    for condition in _written_conditions(policy, tree):
        if sure or scene.fold(condition.body).holds is not None:
            needs = needs_of(condition.body, scene, wanted=condition.kind == "when")
            yield from needs
            sure = sure and not needs
    if policy.effective is not policy.written and scene.actor is not None:
        yield not_delegable(scene)
