"""What may be wrong at one node of a policy, with what is known of it in one kind of request."""

from dataclasses import dataclass
from typing import Literal

from policy_engine.cedar import Expression
from policy_engine.evaluator.inference.types import CedarType
from policy_engine.evaluator.inference.vocabulary import Environment

__all__ = ["Fault", "FaultKind"]

FaultKind = Literal[
    "missing", "optional", "tag", "incompatible", "unexpected", "computed", "unreadable", "empty"
]
"""`missing`: an attribute that isn't there; `optional`: one that may not be; `tag`: the same of a tag;
`incompatible`: values of several types in one place; `unexpected`: an operand that an operator doesn't take;
`computed`: a constructor of something that isn't written out; `unreadable`: one of a text that it can't read;
`empty`: an empty set, which has no type.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that the validator may hold against a node.

    Attributes:
        kind: what it is.
        node: the node.
        sentence: how the validator says it.
        environment: the kind of request in which it is so.
        types: of `missing`, `optional` and `tag`: what the target is; of `incompatible`: the two types;
            of `unexpected`: what the operand is.
        wanted: of `unexpected`: what the operator takes, in the validator's words.
        within: of `unexpected` and `incompatible`: the operation; None where a whole condition is meant.
    """

    kind: FaultKind
    node: Expression
    sentence: str
    environment: Environment
    types: tuple[CedarType, ...] = ()
    wanted: str = ""
    within: Expression | None = None
