"""An explanation on one line, for logs: nothing of what the caller sent is in it but names."""

import json
import re

from policy_engine.evaluator.explanation.explanation import Explanation
from policy_engine.evaluator.explanation.findings import flatten
from policy_engine.evaluator.explanation.policy import PolicyExplanation
from policy_engine.evaluator.explanation.views.plain import plain
from policy_engine.model import User

__all__ = ["explanation_line"]

_WORD = re.compile(r"[A-Za-z0-9_.:/-]+")
"""An id that can't be taken for two words of the line; others are put in quotes."""


def explanation_line(explanation: Explanation) -> str:
    """One line: decision, code, who, what, and each policy worth telling of with what it failed on."""
    decision = explanation.decision
    principal = decision.principal
    actor = principal.actor if isinstance(principal, User) else None
    facts = {
        "server": decision.server,
        "principal": None if principal is None else str(principal.uid),
        "actor": None if actor is None else str(actor.uid),
        "action": None if decision.action is None else str(decision.action),
        "resource": None if decision.resource is None else str(decision.resource),
    }
    code = decision.code if decision.detail is None else f"{decision.code}/{decision.detail}"
    words = ["allow" if decision.allowed else "deny", code]
    words += [f"{name}={value}" for name, value in facts.items() if value is not None]
    if explanation.questions:
        words += [_policy(told) for told in explanation.questions[-1].told]
    return plain(" ".join(words))


def _policy(told: PolicyExplanation) -> str:
    if told.decided:
        label = "by"
    else:
        label = {"applied": "applied", "erred": "erred", "not_applied": "near"}[told.outcome]
    shadow = "shadow-" if told.policy.shadow else ""
    names = (
        ""
        if told.outcome == "applied"
        else f"({', '.join(finding.name for finding in flatten(told.findings))})"
    )
    id_ = told.policy.id if _WORD.fullmatch(told.policy.id) else json.dumps(told.policy.id)
    return f"{shadow}{label}={id_}{names}"
