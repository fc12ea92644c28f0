"""Whether the schema leaves any request for which a policy's conditions could hold."""

from dataclasses import replace

from policy_engine.cedar.policies import Policy
from policy_engine.cedar.schema import Schema, validate

__all__ = ["reachable"]

_PROBE = " when { 0 };"
"""A condition that the validator refuses wherever it comes to look at it."""


def reachable(policy: Policy, schema: Schema) -> bool:
    """Whether conditions of a valid policy could all hold, as far as the validator can tell.

    The validator passes over what follows a condition that its types make false in every kind of request.
    So a mistake put at the end of a policy is found, or the end is never reached.

    Args:
        policy: one in which the validator finds nothing, so that its text ends in `;`.
        schema: with all actions.
    """
    return bool(validate([replace(policy, text=f"{policy.text[:-1]}{_PROBE}")], schema))
