"""Authorization for MCP servers that never mistakes a machine for a human.

A bearer token and an MCP message go in; a decision with its reasons comes out::

    engine = PolicyEngine.from_config("policy-engine.yaml")
    decision = engine.evaluate(token, message, server="github")
    if decision.allowed:
        forward(decision.forward)
"""

from policy_engine.engine import FilteredList, PolicyEngine
from policy_engine.model import Client, Decision, HttpFacts, TokenFacts, User

__version__ = "0.1.0"

__all__ = [
    "Client",
    "Decision",
    "FilteredList",
    "HttpFacts",
    "PolicyEngine",
    "TokenFacts",
    "User",
    "__version__",
]
