"""What an author shows to expect: whom their cases allow what, and by which permits."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, assert_never

from policy_engine.harness.cases import Asked, Result
from policy_engine.model import Client, Principal, User

__all__ = ["Expected", "Role", "call_of", "role_of"]

Role = Literal["person", "machine", "agent"]
"""A person, a machine by itself, or a person through a machine."""


def role_of(principal: Principal) -> Role:
    """What somebody is."""
    match principal:
        case User(actor=None):
            return "person"
        case User():
            return "agent"
        case Client():
            return "machine"
        case _:
            assert_never(principal)


def call_of(asked: Asked) -> str:
    """What is asked, whoever asks: two with the same text are the same call."""
    message = asked.message
    shown = message.hex() if isinstance(message, bytes) else message
    http = asked.http
    facts = None if http is None else [http.method, http.url, sorted(http.headers.items())]
    return json.dumps([asked.server, shown, facts], sort_keys=True, default=dict)


@dataclass(slots=True)
class Expected:
    """What is expected to be allowed."""

    _calls: set[tuple[Role, str, str]] = field(default_factory=set)
    _policies: set[tuple[Role, str]] = field(default_factory=set)

    @classmethod
    def of(cls, results: Iterable[Result]) -> "Expected":
        """What cases that pass expect to be allowed."""
        expected = cls()
        for result in results:
            decision = result.decision
            if decision is None or decision.principal is None or not (result.passed and decision.allowed):
                continue
            role, call = role_of(decision.principal), call_of(result.case.asked)
            for match in decision.policies:
                expected._calls.add((role, call, match.id))
                expected._policies.add((role, match.id))
        return expected

    def call(self, role: Role, call: str, policies: Iterable[str]) -> bool:
        """Whether somebody like that is expected to be allowed this call, by one of these permits."""
        return any((role, call, policy) in self._calls for policy in policies)

    def policy(self, role: Role, policy: str) -> bool:
        """Whether a permit is expected to let somebody like that do anything."""
        return (role, policy) in self._policies
