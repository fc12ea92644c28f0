"""Cedar has the last word: what a model says is true only if Cedar, asked the same, says so too.

Cedar is always given the schema: with the request, and when entities are parsed (`cedar/entities.py` says
what happens otherwise).
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.cedar import (
    Authorizer,
    CedarError,
    CedarRequest,
    EntityHandle,
    Placed,
    Policy,
    Schema,
    question,
    references,
    to_text,
)
from policy_engine.evaluator import StoredPolicy
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.solving import Unknown, UnknownReason
from policy_engine.review.witness.concrete import Concrete

__all__ = ["Court", "Ruling"]

_log = logging.getLogger("policy_engine")
_NOTHING: Mapping[EntityUid, CedarJson] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What Cedar says of each policy at one request.

    Attributes:
        permits: ids of the permits that are satisfied.
        forbids: likewise.
        errors: ids of the policies that err, whatever their effect.
        erring_forbids: of those, the forbids.
    """

    permits: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    erring_forbids: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the engine allows it: to it, a forbid that errs denies."""
        return bool(self.permits) and not self.forbids and not self.erring_forbids

    @property
    def deciding(self) -> tuple[str, ...]:
        """Ids of the policies that decide."""
        return self.forbids or self.erring_forbids or self.permits

    def of(self, policy: str) -> tuple[bool, bool]:
        """Whether a policy is satisfied, and whether it errs."""
        return policy in self.permits or policy in self.forbids, policy in self.errors


class Court:
    """A policy set and a schema, of which Cedar is asked.

    Args:
        policies: those that decide.
        schema: what requests and entities are checked against.
        known: entities that are known completely before anybody asks; policies may name them.
    """

    def __init__(
        self,
        policies: Iterable[StoredPolicy],
        schema: Schema,
        known: Mapping[EntityUid, CedarJson] = _NOTHING,
    ) -> None:
        self._schema = schema
        effective: dict[str, list[Policy]] = {"permit": [], "forbid": []}
        for policy in policies:
            effective[policy.effect].append(policy.effective)
        # Apart from each other: Cedar doesn't say which permits are satisfied where a forbid is.
        self._permits = Authorizer.from_policies(effective["permit"], schema)
        self._forbids = Authorizer.from_policies(effective["forbid"], schema)
        self._known = known
        self._base = EntityHandle.from_json([*known.values()], schema)

    def rule(self, request: CedarRequest, entities: Iterable[CedarJson]) -> Ruling:
        """What Cedar says.

        Raises:
            CedarError: the request or an entity isn't what the schema says.
        """
        told = {EntityUid(**entity["uid"]): entity for entity in entities}
        handle = self._handle(told)
        principal, action, resource = request.principal, request.action, request.resource
        asker = Placed(principal, self._above(principal, told))
        target = Placed(action, self._base.ancestors(action)), Placed(resource, self._above(resource, told))
        asked = question(principal, action, resource)
        context = to_text(request.context, "cedar_request")
        permits, forbids = (
            each.answer(each.slice(each.asker(asker), each.target(*target)), asked, context, handle)
            for each in (self._permits, self._forbids)
        )
        erring = tuple(error.policy for error in forbids.errors)
        return Ruling(
            permits=permits.policies,
            forbids=forbids.policies,
            errors=(*(error.policy for error in permits.errors), *erring),
            erring_forbids=erring,
        )

    def _handle(self, told: Mapping[EntityUid, CedarJson]) -> EntityHandle:
        if all(self._known.get(uid, entity) == entity for uid, entity in told.items()):
            new = [entity for uid, entity in told.items() if uid not in self._known]
            return self._base.with_added(new, self._schema)
        # What is asked about may be described otherwise than where others refer to it.
        return EntityHandle.from_json([*{**self._known, **told}.values()], self._schema)

    def _above(self, uid: EntityUid, told: Mapping[EntityUid, CedarJson]) -> frozenset[EntityUid]:
        """All that an entity is in; Cedar would have to write out everything that it knows to say so."""
        found: set[EntityUid] = set()
        rest = [uid]
        while rest:
            each = rest.pop()
            entity = told.get(each) or self._known.get(each, {})
            above = references(entity.get("parents", ())) - found
            found |= above
            rest += above
        return frozenset(found)

    def confirm(
        self,
        concrete: Concrete,
        *,
        allowed: bool | None = None,
        twin_allowed: bool | None = None,
        policies: Mapping[str, tuple[bool, bool]] = MappingProxyType({}),
    ) -> Ruling | Unknown:
        """Have Cedar confirm what a model says.

        Args:
            concrete: the request.
            allowed: what has to be decided on it; None if that doesn't matter.
            twin_allowed: the same for its twin.
            policies: by id: whether it has to be satisfied, and whether it has to err.

        Returns:
            What Cedar says, if it is that; else `not_confirmed`; `unsupported` where the model had to guess.
        """
        try:
            ruling = self.rule(concrete.request, concrete.entities)
            twin = None if concrete.twin is None else self.rule(concrete.twin, concrete.entities)
        except CedarError as error:
            return _unconfirmed(concrete, f"Cedar can't be asked ({error.detail})")
        if allowed not in (None, ruling.allowed):
            return _unconfirmed(concrete, f"Cedar {_said(ruling)}")
        if twin is not None and twin_allowed not in (None, twin.allowed):
            return _unconfirmed(concrete, f"asked by the other, Cedar {_said(twin)}")
        for name, expected in policies.items():
            if ruling.of(name) != expected:
                return _unconfirmed(concrete, f"Cedar doesn't say of `{name}` what the formula says")
        return ruling


def _said(ruling: Ruling) -> str:
    return "allows it" if ruling.allowed else "denies it"


def _unconfirmed(concrete: Concrete, detail: str) -> Unknown:
    if concrete.guessed:
        return Unknown(UnknownReason.unsupported, f"a condition can't be a formula, and {detail}")
    # It is nobody's fault but ours: the formulas say what Cedar doesn't.
    _log.error("a model of the review isn't confirmed: %s", detail)
    return Unknown(UnknownReason.not_confirmed, detail)
