"""Every method that a client may send, in one table: a row for each revision that has it.

A method without a row is refused and never forwarded. Actions, their resources and the group `session` of the
Cedar schema are read off these rows, so that a method can't be answered without being in the vocabulary.
Sources: `ClientRequest` and `ClientNotification` of the schemas of 2025-11-25 and 2026-07-28, and SEP-2663
(tasks).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from policy_engine.errors import MessageError
from policy_engine.mcp.parameters import (
    ARGUMENT,
    ARGUMENTS_SO_FAR,
    LEVEL,
    NOTHING,
    NUMBER,
    OBJECT,
    TASK,
    TEXT,
    TEXTS,
    TOKEN,
    Parameters,
)
from policy_engine.mcp.revisions import HANDSHAKE, STATELESS

__all__ = ["METHODS", "READ", "Method", "find_method"]

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
        parameters: other members of `params`, and what they may be.
    """

    action: str | None
    resources: tuple[str, ...] = ("Server",)
    parameter: str | None = None
    session: bool = False
    parameters: Parameters = field(default_factory=lambda: NOTHING, hash=False)

    @property
    def header(self) -> str | None:
        """The parameter that `Mcp-Name` repeats (SEP-2243, SEP-2663); None where it repeats nothing."""
        return self.parameter if self.parameter in ("name", "uri", "taskId") else None


_PAGE: Parameters = MappingProxyType({"cursor": TEXT})
_RETRY: Parameters = MappingProxyType({"requestState": TEXT})
"""`inputResponses` is held to be an object where its kinds are told."""

_LIST_TOOLS = Method("list_tools", parameters=_PAGE)
_LIST_PROMPTS = Method("list_prompts", parameters=_PAGE)
_LIST_RESOURCES = Method("list_resources", parameters=_PAGE)
_LIST_TEMPLATES = Method("list_resource_templates", parameters=_PAGE)
_CALL_TOOL = Method(None, ("Tool",), "name", parameters=_RETRY)
_GET_PROMPT = Method("get_prompt", ("Prompt",), "name", parameters={**_RETRY, "arguments": TEXTS})
_READ = Method("read_resource", ("Resource",), "uri", parameters=_RETRY)
_SUBSCRIBE = Method("subscribe_resource", ("Resource",), "uri")
_COMPLETE = Method(
    "complete",
    ("Prompt", "ResourceTemplate"),
    "ref",
    parameters={"argument": ARGUMENT.needed, "context": ARGUMENTS_SO_FAR},
)
_GET_TASK = Method("get_task", ("Task",), "taskId", parameters=_RETRY)
_UPDATE_TASK = Method(
    "update_task", ("Task",), "taskId", parameters={**_RETRY, "inputResponses": OBJECT.needed}
)
_CANCEL_TASK = Method("cancel_task", ("Task",), "taskId", parameters=_RETRY)
_INITIALIZE = Method(
    "initialize",
    session=True,
    parameters={
        "protocolVersion": TEXT.needed,
        "capabilities": OBJECT.needed,
        "clientInfo": OBJECT.needed,
    },
)
_NOTIFY = Method("notify", session=True)
_CANCELLED: Parameters = MappingProxyType({"requestId": TOKEN, "reason": TEXT})
_PROGRESS: Parameters = MappingProxyType(
    {"progressToken": TOKEN.needed, "progress": NUMBER.needed, "total": NUMBER, "message": TEXT}
)

METHODS: Mapping[Key, Method] = MappingProxyType(
    {
        (HANDSHAKE, "request", "initialize"): _INITIALIZE,
        (HANDSHAKE, "request", "ping"): Method("ping", session=True),
        (HANDSHAKE, "request", "tools/list"): _LIST_TOOLS,
        (HANDSHAKE, "request", "tools/call"): replace(_CALL_TOOL, parameters={**_RETRY, "task": TASK}),
        (HANDSHAKE, "request", "prompts/list"): _LIST_PROMPTS,
        (HANDSHAKE, "request", "prompts/get"): _GET_PROMPT,
        (HANDSHAKE, "request", "resources/list"): _LIST_RESOURCES,
        (HANDSHAKE, "request", "resources/templates/list"): _LIST_TEMPLATES,
        (HANDSHAKE, "request", "resources/read"): _READ,
        (HANDSHAKE, "request", "resources/subscribe"): _SUBSCRIBE,
        (HANDSHAKE, "request", "resources/unsubscribe"): _SUBSCRIBE,
        (HANDSHAKE, "request", "completion/complete"): _COMPLETE,
        (HANDSHAKE, "request", "logging/setLevel"): Method(
            "set_log_level", parameters={"level": LEVEL.needed}
        ),
        (HANDSHAKE, "request", "tasks/get"): _GET_TASK,
        (HANDSHAKE, "request", "tasks/result"): _GET_TASK,
        (HANDSHAKE, "request", "tasks/cancel"): _CANCEL_TASK,
        (HANDSHAKE, "request", "tasks/list"): Method("list_tasks", parameters=_PAGE),
        (HANDSHAKE, "notification", "notifications/initialized"): _NOTIFY,
        (HANDSHAKE, "notification", "notifications/cancelled"): replace(_NOTIFY, parameters=_CANCELLED),
        (HANDSHAKE, "notification", "notifications/progress"): replace(_NOTIFY, parameters=_PROGRESS),
        (HANDSHAKE, "notification", "notifications/roots/list_changed"): _NOTIFY,
        # The status of a task that the *server* asked the client for (sampling, elicitation).
        (HANDSHAKE, "notification", "notifications/tasks/status"): replace(
            _NOTIFY, parameters={"taskId": TEXT.needed, "status": TEXT.needed}
        ),
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
        (STATELESS, "request", "tasks/update"): _UPDATE_TASK,
        (STATELESS, "request", "tasks/cancel"): _CANCEL_TASK,
        (STATELESS, "notification", "notifications/cancelled"): replace(
            _NOTIFY, parameters={**_CANCELLED, "requestId": TOKEN.needed}
        ),
    }
)

READ: frozenset[str] = frozenset(
    {"_meta", "arguments", "inputResponses"}
    | {row.parameter for row in METHODS.values() if row.parameter}
    | {name for row in METHODS.values() for name in row.parameters}
)
"""Parameters that are read of any message: nothing that looks like one of these may stand beside it."""


def find_method(revision: str, kind: str, name: str) -> Method:
    """The row of a method.

    Raises:
        MessageError: `unknown_method`; of what wants no answer, `unknown_notification`, or `invalid_request`
            (`unexpected_response`) for an answer where the revision has no requests of the server.
    """
    row = METHODS.get((revision, kind, name))
    if row is not None:
        return row
    if kind == "notification":
        raise MessageError("unknown_notification")
    if kind == "response":
        raise MessageError("invalid_request", "the server asks nothing", detail="unexpected_response")
    raise MessageError("unknown_method")
