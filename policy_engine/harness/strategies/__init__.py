"""Hypothesis strategies for whoever tests policies: callers, tokens and calls of a project, good and bad.

All are made of the configuration: its issuers and machines, its catalogues' argument types, and the names and
values that its policies speak of, so that drawn calls come near to what policies tell apart.
"""

from policy_engine.harness.strategies.arguments import fitting_arguments
from policy_engine.harness.strategies.calls import calls, hostile_calls
from policy_engine.harness.strategies.tokens import hostile_tokens, principals, tokens

__all__ = ["calls", "fitting_arguments", "hostile_calls", "hostile_tokens", "principals", "tokens"]
