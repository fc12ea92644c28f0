"""What an audit log says of traffic: who asked for what, what was decided, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.model import EntityUid

__all__ = ["Exchange", "Log", "Problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question that got to the policies, and the answer; as often as the log has it.

    Attributes:
        principal: who asked.
        actor: the machine that acted for them.
        server: the server.
        method: the method.
        action: what for, in Cedar.
        resource: on what.
        arguments: names of the arguments; their values aren't recorded.
        code: the decision's code.
        detail: its detail.
        policies: ids of the policies that decided.
        errors: ids of the policies that failed.
        digest: of the policies that were in force.
        count: how often.
        line: the line that has it first.
        time: when that was, in seconds since the epoch.
    """

    principal: EntityUid
    actor: EntityUid | None
    server: str
    method: str
    action: EntityUid
    resource: EntityUid
    arguments: tuple[str, ...]
    code: str
    detail: str | None
    policies: tuple[str, ...]
    errors: tuple[str, ...]
    digest: str
    count: int = field(default=1, compare=False)
    line: int = field(default=1, compare=False)
    time: float = field(default=0.0, compare=False)

    @property
    def allowed(self) -> bool:
        """Whether it was allowed."""
        return self.code == "allowed"

    @property
    def role(self) -> str:
        """`machine`, `person`, or `agent` for a person through a machine."""
        if self.principal.type == "Client":
            return "machine"
        return "person" if self.actor is None else "agent"

    def __str__(self) -> str:
        """In a line, without what was decided."""
        through = "" if self.actor is None else f" through {self.actor}"
        return f"{self.principal}{through}: {self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that can't be used, and why."""

    line: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """An audit log.

    Attributes:
        exchanges: each once, in the order of their first lines.
        records: how many lines hold a record.
        unasked: how many of them never got to the policies, by code.
        problems: lines that hold none.
    """

    exchanges: tuple[Exchange, ...]
    records: int
    unasked: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()
