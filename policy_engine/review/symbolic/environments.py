"""Kinds of requests: what each can be asked for is known before anybody asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy_engine.evaluator import Vocabulary

__all__ = ["Environment", "environments"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Environment:
    """One kind of request.

    Attributes:
        principal: the type of who asks.
        action: the id of what is asked for.
        resource: the type of what it is done to.
    """

    principal: str
    action: str
    resource: str


def environments(vocabulary: Vocabulary) -> Iterator[Environment]:
    """Every kind of request that a schema admits, in its order."""
    for found in vocabulary.environments():
        yield Environment(principal=found.principal, action=found.action, resource=found.resource)
