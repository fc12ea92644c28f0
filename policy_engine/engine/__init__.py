"""`PolicyEngine`: a bearer token and an MCP message go in, a decision with its reasons comes out.

`pipeline` is the only file that knows the order of the stages; `engine` is what embedders call.
"""

from policy_engine.engine.asking import decided, questions
from policy_engine.engine.engine import PolicyEngine
from policy_engine.engine.lists import FilteredList
from policy_engine.engine.pipeline import Message
from policy_engine.engine.reloading import PolicyWatcher, heed_sighup, named_files

__all__ = [
    "FilteredList",
    "Message",
    "PolicyEngine",
    "PolicyWatcher",
    "decided",
    "heed_sighup",
    "named_files",
    "questions",
]
