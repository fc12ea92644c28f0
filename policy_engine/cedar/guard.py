"""A guard that a loader adds to a policy, in plain Cedar that every other tool reads the same way."""

from dataclasses import replace

from policy_engine.cedar.policies import Policy, parse_policies

__all__ = ["unless_context_has"]


def unless_context_has(policy: Policy, attribute: str) -> Policy:
    """The policy with one more condition: it doesn't apply where the context has this attribute.

    Args:
        policy: a policy that parsed, so that its text ends in `;`.
        attribute: a Cedar identifier.
    """
    text = f"{policy.text[:-1]} unless {{ context has {attribute} }};"
    # Parsed again and not patched, so that text and syntax tree can't come to differ.
    (guarded,) = parse_policies(text, policy.file)
    return replace(guarded, line=policy.line, column=policy.column)
