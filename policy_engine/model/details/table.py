"""Every detail of every code, in the order of the codes."""

from types import MappingProxyType
from typing import Final

from policy_engine.model.details.detail import Details
from policy_engine.model.details.of_lists import LIST_DETAILS
from policy_engine.model.details.of_messages import MESSAGE_DETAILS
from policy_engine.model.details.of_principals import PRINCIPAL_DETAILS
from policy_engine.model.details.of_tokens import TOKEN_DETAILS

__all__ = ["DETAILS"]

DETAILS: Final[Details] = MappingProxyType(
    {**TOKEN_DETAILS, **PRINCIPAL_DETAILS, **MESSAGE_DETAILS, **LIST_DETAILS}
)
"""A code that isn't here has no details. A detail without a row can't be raised (a test checks both ways)."""
