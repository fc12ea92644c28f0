"""A call that differs from an earlier one in nothing that policies read: what was decided then is told again.

Most calls are of a few tools by the same callers, and of their arguments policies read one or two. Everything
that is checked of such a call is checked by the same functions as always, only what is the same for every
call of this tool by this caller isn't worked out anew. What isn't certain to be told so, is for `pipeline` to
decide; a property test holds the two to the same decisions.
"""

from dataclasses import dataclass
from typing import Any

from policy_engine.config import Stages
from policy_engine.errors import MessageError
from policy_engine.evaluator import Known
from policy_engine.kept import Kept
from policy_engine.mcp import (
    CALL_PARTS,
    Body,
    PlainCall,
    call_parts,
    checks_skipped,
    plain_call,
    stated_version,
)
from policy_engine.model import ALLOWED, AuthorizationRequest, EntityUid, HttpFacts, Identity

"""Parts of the context that are of each call; policies that read the time are asked each time."""


__all__ = ["Recall"]

_MOST, _SIZE = 100_000, 4_000
"""Plans that are kept, and bytes that one takes, about."""

Fields = dict[str, Any]
"""Of a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is the same for every call of one tool by one caller.

    Attributes:
        identity: the caller; the very object.
        known: what the policies' answers are found by.
        action: what is asked for.
        resource: the tool.
    """

    identity: Identity
    known: Known
    action: EntityUid
    resource: EntityUid


class Recall:
    """Plans of calls, for one generation of what was loaded.

    Args:
        stages: that generation.

    Attributes:
        stages: the same.
    """

    __slots__ = ("_plans", "stages")

    def __init__(self, stages: Stages) -> None:
        reuse = stages.loaded.config.reuse
        self.stages = stages
        self._plans: Kept[tuple[str, str, int], _Plan] = Kept(
            _MOST if reuse.answers else 0, reuse.megabytes * 1024 * 1024 // 16
        )

    def tell(self, server: str, identity: Identity, body: Body, http: HttpFacts | None) -> Fields | None:
        """Fields of the decision, if an answer of the policies to the very same question is at hand."""
        call = plain_call(body)
        if call is None:
            return None
        plan = self._plans.get((server, call.name, id(identity)))
        # The plan holds the identity, so that no other object can have its number meanwhile.
        if plan is None or plan.identity is not identity:
            return None
        try:
            return self._told(server, plan, call, http)
        except MessageError:
            return None  # whoever decides finds it again

    def learn(self, server: str, identity: Identity, body: Body, request: AuthorizationRequest) -> None:
        """Remember a call that was allowed."""
        call = plain_call(body)
        if call is None or "arguments" not in request.context:
            return
        fixed = {name: value for name, value in request.context.items() if name not in CALL_PARTS}
        known = self.stages.evaluator.known(request, fixed)
        if known is not None:
            plan = _Plan(identity=identity, known=known, action=request.action, resource=request.resource)
            self._plans.keep((server, call.name, id(identity)), plan, _SIZE)

    def _told(self, server: str, plan: _Plan, call: PlainCall, http: HttpFacts | None) -> Fields | None:
        stages = self.stages
        if stages.drift.heard_anything and stages.drift.is_changed(plan.resource):
            return None
        version = stated_version(call, http)
        if version is None:
            return None
        arguments = stages.builder.arguments(server, call)
        if arguments is None or (arguments.forward is not call.arguments and arguments.forward):
            return None
        verdict = stages.evaluator.recall(plan.known, call_parts(version, arguments))
        if verdict is None or verdict.code != ALLOWED:
            return None
        return {
            "method": "tools/call",
            "request_id": call.id,
            "checks_skipped": checks_skipped(http),
            "argument_names": arguments.names,
            "action": plan.action,
            "resource": plan.resource,
            "policies": verdict.policies,
            "forward": call.text,
            "reused": True,
        }
