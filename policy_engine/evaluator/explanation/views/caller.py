"""What of an explanation a caller may be told: what kind of thing stands in the way, and no value of it.

No policy's text, none of the request's values, none that a policy wants: a caller who could learn those by
asking would learn the policies.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.evaluator.explanation.explanation import Explanation
from policy_engine.evaluator.explanation.findings import Subject, flatten
from policy_engine.model import CODES

__all__ = ["HINTS", "caller_view"]

HINTS: Mapping[Subject, str] = MappingProxyType(
    {
        "kind": "It isn't for this kind of caller: people and machines have different rights.",
        "principal": "It is for somebody else.",
        "group": "It is for members of other groups or roles.",
        "delegation": "It may not be done through this agent, or only through one.",
        "action": "It may not be done; something else may.",
        "resource": "It may not be done to this; to something else it may.",
        "scope": "The token lacks a scope.",
        "argument": "An argument isn't one that is allowed.",
        "condition": "It isn't allowed under these circumstances.",
        "fault": "It couldn't be decided; tell the operator.",
    }
)
"""One sentence a subject: the same for every policy."""


def caller_view(explanation: Explanation, *, ids: bool = False) -> dict[str, Any]:
    """What the one who asked may be told, in JSON types.

    Args:
        explanation: the explanation.
        ids: name the policies that decided, or came nearest, with their `@advice`.
    """
    decision = explanation.decision
    # What a forbid wants is nobody's business but its author's.
    last = explanation.questions[-1:]
    near = last[0].near if last and last[0].verdict.code == "no_permit" else ()
    nearest = [told for told in near if told.distance == near[0].distance]
    subjects = {finding.subject for told in nearest for finding in flatten(told.findings)}
    view: dict[str, Any] = {
        "decision": "allow" if decision.allowed else "deny",
        "status": decision.status,
        "message": CODES[decision.code].public,
        "hints": [
            {"subject": subject, "text": text} for subject, text in HINTS.items() if subject in subjects
        ],
    }
    if ids:
        told = {match.id: match.annotations for match in decision.policies}
        told |= {each.policy.id: each.policy.written.annotations for each in nearest}
        view["policies"] = [
            {"id": id_, "advice": annotations.get("advice")} for id_, annotations in told.items()
        ]
    return view
