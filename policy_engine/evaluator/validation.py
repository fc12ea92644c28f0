"""Policies against the schema: what runs is what is validated.

A policy about an action group that has no member yet would fail, since no request could ever be about it. It
is looked at again with a stand-in member: if that was all, it loads with a warning. So a baseline that speaks
of `read_only` tools loads before any tool is pinned.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from policy_engine.cedar import Finding, Policy, Schema, validate
from policy_engine.errors import PolicyError
from policy_engine.evaluator.action_groups import ActionGroups
from policy_engine.model import CedarJson

__all__ = ["Validator"]

_STAND_IN = "?"
"""No action of a schema is named so: tools have a slash, methods are words, and groups have members."""

_SHOWN = 3
"""Findings that are shown of one policy: one mistake can be found once for each of thousands of tools."""

_NO_ACTION = "no action that its scope admits goes with its principal and resource"


class Validator:
    """Validates policies against one schema.

    Args:
        schema: Cedar JSON, with all actions.
        placeholder: the `appliesTo` of the stand-in, in Cedar's JSON schema format.
    """

    def __init__(self, schema: CedarJson, placeholder: CedarJson) -> None:
        self._json = schema
        self._placeholder = placeholder
        self._schema = Schema.from_json(schema)
        self._groups = ActionGroups(schema)
        self._with_members = cache(self._add_stand_in)

    def validate(self, policy: Policy) -> tuple[tuple[PolicyError, ...], frozenset[str]]:
        """What is wrong with a policy, and which groups in its scope have no member yet."""
        findings = validate([policy], self._schema)
        if any(finding.no_action for finding in findings):
            empty = self._groups.without_member(_groups_in_scope(policy))
            if empty and not validate([policy], self._with_members(empty)):
                return (), empty
        return tuple(_errors(policy, findings)), frozenset()

    def _add_stand_in(self, groups: frozenset[str]) -> Schema:
        member_of = [{"id": group} for group in sorted(groups)]
        namespace = self._json[""]
        stand_in = {_STAND_IN: {"memberOf": member_of, "appliesTo": self._placeholder}}
        return Schema.from_json({"": {**namespace, "actions": {**namespace["actions"], **stand_in}}})


def _groups_in_scope(policy: Policy) -> Iterable[str]:
    """The groups of `action in …`; the literals were checked before, so they are actions of the schema."""
    scope = policy.est["action"]
    if scope["op"] != "in":
        return ()
    entities = scope["entities"] if "entities" in scope else [scope["entity"]]
    return [entity["id"] for entity in entities]


def _errors(policy: Policy, findings: Sequence[Finding]) -> Iterator[PolicyError]:
    for finding in findings[:_SHOWN]:
        problem, remedy = finding.message, "compare with the schema: `policy-engine schema`"
        if finding.no_action:
            problem, remedy = (
                _NO_ACTION,
                "compare the types; groups of actions go with `in`, single ones with `==`",
            )
        yield policy.error(problem, remedy, code="policy_schema")
    more = len(findings) - _SHOWN
    if more > 0:
        yield policy.error(f"{more} more like these", "mend those first", code="policy_schema")
