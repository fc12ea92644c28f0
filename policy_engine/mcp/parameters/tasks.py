"""Whose a task is: nobody can tell by its id, so whoever hosts the engine may say.

A task is a call that goes on, and possession of its id is no authentication (MCP 2026-07-28, "State Handle
Hijacking"; SEP-2663, "Security"). A known owner is the only one who may see, feed or cancel it, before any
policy is asked. Of a task without a known owner, policies decide: `resource.owned` is false.
"""

from dataclasses import dataclass
from typing import Protocol

from policy_engine.errors import MessageError
from policy_engine.model import EntityUid

__all__ = ["NO_OWNERS", "TaskOwner", "TaskOwners", "require_owner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOwner:
    """What is remembered of a task.

    Attributes:
        principal: whose call began it, by kind, issuer and id: `User::"corp/alice"`.
        tool: the name of the tool that was called, where a tool was.
    """

    principal: EntityUid
    tool: str | None = None


class TaskOwners(Protocol):
    """Says whose a task is; what it raises becomes a refusal (`internal_error`)."""

    def owner(self, server: str, task_id: str) -> TaskOwner | None:
        """The owner of a server's task; None where it isn't known."""


class _NoOwners:
    def owner(self, server: str, task_id: str) -> TaskOwner | None:  # noqa: ARG002 -- the port's
        return None


NO_OWNERS: TaskOwners = _NoOwners()
"""Nobody remembers anything."""


def require_owner(owner: TaskOwner | None, principal: EntityUid) -> None:
    """Refuse a task that is known to be somebody else's.

    Raises:
        MessageError: `foreign_task`.
    """
    if owner is not None and owner.principal != principal:
        raise MessageError("foreign_task")
