"""Policies against the schema: what runs is what is validated.

A policy is validated against just the actions that its head admits, and of those that it can't tell apart
against one, so that thousands of tools cost no more than there are differences between them.

A policy about an action group that has no member yet would fail, since no request could ever be about it. It
is looked at again with a stand-in member: if that was all, it loads. So a baseline that speaks of `read_only`
tools loads before any tool is pinned.
"""

from functools import cached_property

from policy_engine.cedar import Finding, Policy, PolicyTree, reachable, tree_of, validate
from policy_engine.errors import PolicyError
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.diagnosis import STAND_IN, diagnose
from policy_engine.evaluator.grouping import Grouping
from policy_engine.evaluator.inference import Vocabulary
from policy_engine.model import CedarJson

__all__ = ["Validator"]


class Validator:
    """Validates policies against one schema.

    Args:
        schema: Cedar JSON, with all actions.
        placeholder: the `appliesTo` of the stand-in, in Cedar's JSON schema format.
        deployment: what else is known, for mends.

    Attributes:
        grouping: the actions of the schema, as policies tell them apart.
    """

    def __init__(self, schema: CedarJson, placeholder: CedarJson, deployment: Deployment) -> None:
        self._json = schema
        self._placeholder = placeholder
        self._deployment = deployment
        self.grouping = Grouping(schema)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The schema, read for what the validator knows."""
        return Vocabulary(self._json)

    def validate(
        self,
        written: Policy,
        effective: Policy,
        tree: PolicyTree | None = None,
        *,
        names_known: bool = True,
    ) -> tuple[PolicyError, ...]:
        """What is wrong with a policy.

        Args:
            written: what its author wrote, and errors speak of.
            effective: what runs.
            tree: the same, if it is there already.
            names_known: whether it names only what there is; what isn't was told, and isn't told again.
        """
        stand_ins: dict[str, CedarJson] = {}
        tree = tree or tree_of(effective.est)
        alike = self.grouping.alike(tree)
        findings = validate([effective], alike.sufficient)
        if findings:
            findings = validate([effective], alike.parsed)
        if _no_action(findings) and (empty := self.empty_groups(written)):
            member_of = [{"id": group} for group in sorted(empty)]
            stand_ins = {STAND_IN: {"memberOf": member_of, "appliesTo": self._placeholder}}
            alike = self.grouping.alike(tree, stand_ins)
            findings = validate([effective], alike.parsed)
        if not names_known:
            findings = tuple(finding for finding in findings if not _about_names(finding))
        if not findings:
            return ()
        if _no_action(findings):  # to say what goes with what, all actions are looked at
            alike = self.grouping.everything(tree, stand_ins)
        return diagnose(written, findings, alike, self._deployment)

    def empty_groups(self, policy: Policy) -> frozenset[str]:
        """Groups in the head of a policy that have no member yet."""
        scope = policy.est["action"]
        if scope["op"] != "in":
            return frozenset()
        entities = scope["entities"] if "entities" in scope else [scope["entity"]]
        index = self.grouping.index
        return frozenset(
            entity["id"] for entity in entities if entity["id"] in index and not index.holding(entity["id"])
        )

    def reaches(self, effective: Policy) -> bool:
        """Whether the schema leaves a request for which the conditions of a valid policy could hold."""
        return reachable(effective, self.grouping.alike(tree_of(effective.est)).sufficient)


def _no_action(findings: tuple[Finding, ...]) -> bool:
    return any(finding.no_action for finding in findings)


def _about_names(finding: Finding) -> bool:
    return finding.no_action or finding.message.startswith("unrecognized ")
