"""The seam to Cedar: a parsed policy set answers requests, in plain Cedar semantics.

Answers equal Cedar's own for every policy set: an erring policy is skipped, whatever its effect. Rules that
fail closed belong to the evaluator.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cedarpy

from policy_engine.cedar.diagnostics import read_error
from policy_engine.cedar.entities import EntityHandle
from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.json_text import to_text
from policy_engine.cedar.policies import Policy, parse_policies
from policy_engine.cedar.schema import Schema, SchemaSource, handle_of
from policy_engine.cedar.source import annotation_part, statements
from policy_engine.errors import PolicyError
from policy_engine.model import CedarJson, EntityUid, PolicyFault

__all__ = ["Answer", "Authorizer", "CedarRequest"]

_DECIDED = (cedarpy.Decision.Allow, cedarpy.Decision.Deny)


@dataclass(frozen=True, slots=True)
class CedarRequest:
    """One question: may this principal do this action to this resource?

    Attributes:
        principal: who asks.
        action: what they ask for.
        resource: what it is done to.
        context: a record in Cedar's JSON format.
    """

    principal: EntityUid
    action: EntityUid
    resource: EntityUid
    context: CedarJson = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """Cedar's answer.

    Attributes:
        allowed: whether a permit applied and no forbid did.
        policies: ids of the policies that decided, in the order of the set.
        errors: policies that couldn't be evaluated, in the order of the set.
    """

    allowed: bool
    policies: tuple[str, ...] = ()
    errors: tuple[PolicyFault, ...] = ()


class Authorizer:
    """A parsed policy set.

    A policy's id is its `@id`; where it has none, or another policy could be meant by it, Cedar's own
    `policyN` (N counts policies and templates from 0).
    """

    __slots__ = ("_names", "_order", "_policies", "_schema")

    def __init__(self, policies: cedarpy.PolicySet, ids: Sequence[str], schema: Schema | None) -> None:
        # Cedar works with ids of its own making, so that no `@id` can confuse the reading of its errors.
        self._policies = policies
        self._names = dict(zip(_own_ids(policies), ids, strict=True))
        self._order = {internal: index for index, internal in enumerate(self._names)}
        self._schema = schema

    @classmethod
    def from_text(cls, policies: str, schema: SchemaSource | None = None) -> "Authorizer":
        """Parse a policy set; templates are allowed, and authorize nothing.

        Args:
            policies: Cedar text.
            schema: if given, requests and entities are checked against it.

        Raises:
            PolicyError: a policy doesn't parse.
            CedarError: `cedar_schema`: the schema doesn't.
        """
        parts = statements(policies)
        if any(part.excess for part in parts):
            parse_policies(policies)  # refuses it; Cedar's own parser would overflow the stack
        try:
            parsed = cedarpy.PolicySet.from_str(policies)
        except ValueError:
            parse_policies(policies)  # refuses it, and says where
            raise PolicyError("the text isn't Unicode", code="policy_syntax") from None
        ids = [_written_id(annotation_part(part.text)) for part in parts]
        names = _distinct(_own_ids(parsed), ids)
        return cls(parsed, names, None if schema is None else Schema.of(schema))

    @classmethod
    def from_policies(cls, policies: Iterable[Policy], schema: Schema | None = None) -> "Authorizer":
        """Make a set of policies that were parsed one by one, and call each by its own id, whatever it is.

        Args:
            policies: in any number of files; one without an id gets Cedar's own, `policyN`.
            schema: if given, requests and entities are checked against it.

        Raises:
            ValueError: two have one id.
        """
        policies = tuple(policies)
        parsed = cedarpy.PolicySet.from_str("\n".join(policy.text for policy in policies))
        own = _own_ids(parsed)
        names = [policy.id or mine for mine, policy in zip(own, policies, strict=True)]
        if len(set(names)) != len(names):
            raise ValueError("two policies have one id")
        return cls(parsed, names, schema)

    def authorize(self, request: CedarRequest, entities: Sequence[CedarJson] = ()) -> Answer:
        """Answer a request.

        Args:
            request: the question.
            entities: Cedar's JSON entity format.

        Raises:
            CedarError: `cedar_request` or `cedar_entities`: Cedar can't read them, or they don't fit the
                schema.
        """
        handle = EntityHandle.from_json(entities, self._schema)
        return self.decide(request, handle)

    def decide(self, request: CedarRequest, handle: EntityHandle) -> Answer:
        """Answer a request with entities that were parsed before.

        Raises:
            CedarError: `cedar_request`: Cedar can't read the request, or it doesn't fit the schema.
        """
        asked = {
            "principal": request.principal.to_json(),
            "action": request.action.to_json(),
            "resource": request.resource.to_json(),
            "context": to_text(request.context, "cedar_request"),
        }
        try:
            result = cedarpy.is_authorized(asked, self._policies, handle.handle, handle_of(self._schema))
        except UnicodeEncodeError:  # a lone surrogate in an id
            raise CedarError("cedar_request", "not Unicode text") from None
        if result.decision not in _DECIDED:
            raise CedarError("cedar_request", "Cedar can't read the request")
        return self._answer(result)

    def _answer(self, result: cedarpy.AuthzResult) -> Answer:
        faults = sorted((read_error(error) for error in result.diagnostics.errors), key=self._place)
        decided = sorted(result.diagnostics.reasons, key=self._order.__getitem__)
        return Answer(
            allowed=result.allowed,
            policies=tuple(self._names[policy] for policy in decided),
            errors=tuple(PolicyFault(self._names[policy], code) for policy, code in faults),
        )

    def _place(self, fault: tuple[str, str]) -> int:
        return self._order[fault[0]]


def _written_id(annotations: str) -> str:
    if not annotations:
        return ""
    # The body is left out: policies that nest deep have no JSON that Python reads.
    parsed = json.loads(cedarpy.policies_to_json_str(f"{annotations} permit(principal, action, resource);"))
    return parsed["staticPolicies"]["policy0"]["annotations"].get("id") or ""


def _own_ids(policies: cedarpy.PolicySet) -> list[str]:
    """What Cedar calls the policies and templates of a text, in its order."""
    return [f"policy{index}" for index in range(len(policies) + len(policies.templates()))]


def _distinct(own: Sequence[str], ids: Sequence[str]) -> list[str]:
    """The name of each policy: its `@id` if nothing else is called so, otherwise Cedar's own id."""
    count = Counter([*own, *ids])
    return [name if name and count[name] == 1 else mine for mine, name in zip(own, ids, strict=True)]
