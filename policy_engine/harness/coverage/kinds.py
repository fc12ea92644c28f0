"""Who exercises a policy: people, machines, and machines that act for people."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, assert_never, get_args

from policy_engine.model import Client, Principal, User

__all__ = ["KINDS", "SAID", "Counts", "Kind", "kind_of"]

Kind = Literal["User", "Client", "delegated"]
"""`delegated` is a `User` for whom an agent acts: permits hold for them only where they say so."""

KINDS: tuple[Kind, ...] = get_args(Kind)

SAID: Mapping[Kind, str] = MappingProxyType(
    {"User": "a User", "Client": "a Client", "delegated": "an agent that acts for a User"}
)
"""In a sentence."""

Counts = Counter[Kind]
"""How often, by kind."""


def kind_of(principal: Principal) -> Kind:
    """The kind of who asks."""
    match principal:
        case Client():
            return "Client"
        case User():
            return "User" if principal.actor is None else "delegated"
        case _:
            assert_never(principal)
