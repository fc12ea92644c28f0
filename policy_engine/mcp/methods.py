"""Every method that a client may send, in one table: a row for each revision that has it.

A method without a row is refused and never forwarded. Actions, their resources and the group `session` of the
Cedar schema are read off these rows, so that a method can't be answered without being in the vocabulary.
Sources: `ClientRequest` and `ClientNotification` of the schemas of 2025-11-25 and 2026-07-28, and SEP-2663
(tasks).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.errors import MessageError
from policy_engine.mcp.revisions import HANDSHAKE, STATELESS

__all__ = ["METHODS", "Method", "find_method"]

Key = tuple[str, str, str]
"""Revision, kind (`request`, `notification`, `response`, `stream`), name."""


@dataclass(frozen=True, slots=True)
class Method:
    """What one method means to policies.

    Attributes:
        action: its Cedar action; None where each tool has its own.
        resources: types of what it is done to.
        parameter: the member of `params` that names the resource; None where that is the server.
        session: whether the client needs it before its first call, so that its action is in `session`.
    """

    action: str | None
    resources: tuple[str, ...] = ("Server",)
    parameter: str | None = None
    session: bool = False


_LIST_TOOLS = Method("list_tools")
_LIST_PROMPTS = Method("list_prompts")
_LIST_RESOURCES = Method("list_resources")
_LIST_TEMPLATES = Method("list_resource_templates")
_CALL_TOOL = Method(None, ("Tool",), "name")
_GET_PROMPT = Method("get_prompt", ("Prompt",), "name")
_READ = Method("read_resource", ("Resource",), "uri")
_SUBSCRIBE = Method("subscribe_resource", ("Resource",), "uri")
_COMPLETE = Method("complete", ("Prompt", "ResourceTemplate"), "ref")
_GET_TASK = Method("get_task", ("Task",), "taskId")
_CANCEL_TASK = Method("cancel_task", ("Task",), "taskId")
_NOTIFY = Method("notify", session=True)

METHODS: Mapping[Key, Method] = MappingProxyType(
    {
        (HANDSHAKE, "request", "initialize"): Method("initialize", session=True),
        (HANDSHAKE, "request", "ping"): Method("ping", session=True),
        (HANDSHAKE, "request", "tools/list"): _LIST_TOOLS,
        (HANDSHAKE, "request", "tools/call"): _CALL_TOOL,
        (HANDSHAKE, "request", "prompts/list"): _LIST_PROMPTS,
        (HANDSHAKE, "request", "prompts/get"): _GET_PROMPT,
        (HANDSHAKE, "request", "resources/list"): _LIST_RESOURCES,
        (HANDSHAKE, "request", "resources/templates/list"): _LIST_TEMPLATES,
        (HANDSHAKE, "request", "resources/read"): _READ,
        (HANDSHAKE, "request", "resources/subscribe"): _SUBSCRIBE,
        (HANDSHAKE, "request", "resources/unsubscribe"): _SUBSCRIBE,
        (HANDSHAKE, "request", "completion/complete"): _COMPLETE,
        (HANDSHAKE, "request", "logging/setLevel"): Method("set_log_level"),
        (HANDSHAKE, "request", "tasks/get"): _GET_TASK,
        (HANDSHAKE, "request", "tasks/result"): _GET_TASK,
        (HANDSHAKE, "request", "tasks/cancel"): _CANCEL_TASK,
        (HANDSHAKE, "request", "tasks/list"): Method("list_tasks"),
        (HANDSHAKE, "notification", "notifications/initialized"): _NOTIFY,
        (HANDSHAKE, "notification", "notifications/cancelled"): _NOTIFY,
        (HANDSHAKE, "notification", "notifications/progress"): _NOTIFY,
        (HANDSHAKE, "notification", "notifications/roots/list_changed"): _NOTIFY,
        (HANDSHAKE, "notification", "notifications/tasks/status"): _NOTIFY,
        # An answer can stand for a person's consent (elicitation), so it isn't in `session`.
        (HANDSHAKE, "response", "response"): Method("answer_request"),
        (HANDSHAKE, "stream", "GET"): Method("open_stream", session=True),
        (HANDSHAKE, "stream", "DELETE"): Method("end_session", session=True),
        (STATELESS, "request", "server/discover"): Method("discover", session=True),
        (STATELESS, "request", "tools/list"): _LIST_TOOLS,
        (STATELESS, "request", "tools/call"): _CALL_TOOL,
        (STATELESS, "request", "prompts/list"): _LIST_PROMPTS,
        (STATELESS, "request", "prompts/get"): _GET_PROMPT,
        (STATELESS, "request", "resources/list"): _LIST_RESOURCES,
        (STATELESS, "request", "resources/templates/list"): _LIST_TEMPLATES,
        (STATELESS, "request", "resources/read"): _READ,
        (STATELESS, "request", "completion/complete"): _COMPLETE,
        (STATELESS, "request", "subscriptions/listen"): Method("listen", parameter="notifications"),
        (STATELESS, "request", "tasks/get"): _GET_TASK,
        (STATELESS, "request", "tasks/update"): Method("update_task", ("Task",), "taskId"),
        (STATELESS, "request", "tasks/cancel"): _CANCEL_TASK,
        (STATELESS, "notification", "notifications/cancelled"): _NOTIFY,
    }
)


def find_method(revision: str, kind: str, name: str) -> Method:
    """The row of a method.

    Raises:
        MessageError: `unknown_method`.
    """
    try:
        return METHODS[revision, kind, name]
    except KeyError:
        raise MessageError("unknown_method") from None
