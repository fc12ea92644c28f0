"""One exchange of MCP over HTTP, as values: what of a request goes on, and what of the answer comes back.

Nothing here opens a socket; what serves (an ASGI application, a reverse proxy) hands over what came, and does
what it is told.
"""

from policy_engine.integrations.exchange.credentials import bearer_token
from policy_engine.integrations.exchange.guard import Guard
from policy_engine.integrations.exchange.lists import ListReply
from policy_engine.integrations.exchange.messages import Answer, Headers, Request
from policy_engine.integrations.exchange.passage import Admitted
from policy_engine.integrations.exchange.replies import Reply
from policy_engine.integrations.exchange.sessions import Sessions
from policy_engine.integrations.exchange.wire import (
    Message,
    Receive,
    Send,
    body_read,
    request_of,
    send_answer,
    start_of,
)

__all__ = [
    "Admitted",
    "Answer",
    "Guard",
    "Headers",
    "ListReply",
    "Message",
    "Receive",
    "Reply",
    "Request",
    "Send",
    "Sessions",
    "bearer_token",
    "body_read",
    "request_of",
    "send_answer",
    "start_of",
]
