"""`PolicyEngine`: a bearer token and an MCP message go in, a decision with its reasons comes out.

`pipeline` is the only file that knows the order of the stages; `engine` is what embedders call.
"""

from policy_engine.engine.asking import decided, questions
from policy_engine.engine.engine import PolicyEngine
from policy_engine.engine.lists import FilteredList
from policy_engine.engine.pipeline import Message

__all__ = ["FilteredList", "Message", "PolicyEngine", "decided", "questions"]
