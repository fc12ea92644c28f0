"""The part of a policy set that can have to do with a request, and the part of a request that it reads.

Both leave Cedar's answer as it is: decision, deciding policies and errors.
"""

from policy_engine.cedar.slicing.index import ScopeIndex, ScopeKeys, TargetKeys
from policy_engine.cedar.slicing.reads import ReadSet
from policy_engine.cedar.slicing.scope import ANY, Key, Keys, Placed, PolicyScope, scope_of
from policy_engine.cedar.slicing.slice import Slice

__all__ = [
    "ANY",
    "Key",
    "Keys",
    "Placed",
    "PolicyScope",
    "ReadSet",
    "ScopeIndex",
    "ScopeKeys",
    "Slice",
    "TargetKeys",
    "scope_of",
]
