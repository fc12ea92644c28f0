"""A guard that a loader adds to a policy, in plain Cedar that every other tool reads the same way."""

from dataclasses import replace

from policy_engine.cedar.policies import Policy
from policy_engine.model import CedarJson

__all__ = ["guarded_json", "unless_context_has", "without_guard"]


def unless_context_has(policy: Policy, attribute: str) -> Policy:
    """The policy with one more condition: it doesn't apply where the context has this attribute.

    Args:
        policy: a policy that parsed, so that its text ends in `;`.
        attribute: a Cedar identifier.
    """
    return replace(policy, text=f"{policy.text[:-1]}{_guard(attribute)}")


def without_guard(text: str, attribute: str) -> str:
    """What was written, of the text that `unless_context_has` made of it."""
    return f"{text.removesuffix(_guard(attribute))};"


def guarded_json(est: CedarJson, attribute: str) -> CedarJson:
    """The JSON of the policy that `unless_context_has` makes of one with this JSON."""
    guard = {
        "kind": "unless",
        "body": {"has": {"left": {"Var": "context"}, "attr": attribute}},
    }
    return {**est, "conditions": [*est["conditions"], guard]}


def _guard(attribute: str) -> str:
    return f" unless {{ context has {attribute} }};"
