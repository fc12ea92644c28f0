"""Policies against the schema: what runs is what is validated.

A policy about an action group that has no member yet would fail, since no request could ever be about it. It
is looked at again with a stand-in member: if that was all, it loads. So a baseline that speaks of `read_only`
tools loads before any tool is pinned.
"""

from collections.abc import Sequence
from functools import cache, cached_property

from policy_engine.cedar import Finding, Policy, Schema, reachable, validate
from policy_engine.errors import PolicyError
from policy_engine.evaluator.action_groups import ActionGroups
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.diagnosis import STAND_IN, diagnose
from policy_engine.evaluator.inference import Vocabulary
from policy_engine.model import CedarJson

__all__ = ["Validator"]


class Validator:
    """Validates policies against one schema.

    Args:
        schema: Cedar JSON, with all actions.
        placeholder: the `appliesTo` of the stand-in, in Cedar's JSON schema format.
        deployment: what else is known, for mends.
    """

    def __init__(self, schema: CedarJson, placeholder: CedarJson, deployment: Deployment) -> None:
        self._json = schema
        self._placeholder = placeholder
        self._deployment = deployment
        self._schema = Schema.from_json(schema)
        self._groups = ActionGroups(schema)
        self._with_members = cache(self._add_stand_in)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The schema, read for what the validator knows."""
        return Vocabulary(self._json)

    def validate(
        self, written: Policy, effective: Policy, *, names_known: bool = True
    ) -> tuple[PolicyError, ...]:
        """What is wrong with a policy.

        Args:
            written: what its author wrote, and errors speak of.
            effective: what runs.
            names_known: whether it names only what there is; what isn't was told, and isn't told again.
        """
        schema, vocabulary = self._schema, self._json
        findings = validate([effective], schema)
        if any(finding.no_action for finding in findings) and (empty := self.empty_groups(written)):
            vocabulary = self._with_members(empty)
            findings = validate([effective], Schema.from_json(vocabulary))
        if not names_known:
            findings = tuple(finding for finding in findings if not _about_names(finding))
        return self._explained(written, findings, vocabulary) if findings else ()

    def empty_groups(self, policy: Policy) -> frozenset[str]:
        """Groups in the head of a policy that have no member yet."""
        scope = policy.est["action"]
        if scope["op"] != "in":
            return frozenset()
        entities = scope["entities"] if "entities" in scope else [scope["entity"]]
        return self._groups.without_member({entity["id"] for entity in entities} & self._groups.ids)

    def reaches(self, effective: Policy) -> bool:
        """Whether the schema leaves a request for which the conditions of a valid policy could hold."""
        return reachable(effective, self._schema)

    def _explained(
        self, policy: Policy, findings: Sequence[Finding], schema: CedarJson
    ) -> tuple[PolicyError, ...]:
        vocabulary = self.vocabulary if schema is self._json else Vocabulary(schema)
        return diagnose(policy, findings, vocabulary, self._deployment)

    def _add_stand_in(self, groups: frozenset[str]) -> CedarJson:
        member_of = [{"id": group} for group in sorted(groups)]
        namespace = self._json[""]
        stand_in = {STAND_IN: {"memberOf": member_of, "appliesTo": self._placeholder}}
        return {"": {**namespace, "actions": {**namespace["actions"], **stand_in}}}


def _about_names(finding: Finding) -> bool:
    return finding.no_action or finding.message.startswith("unrecognized ")
