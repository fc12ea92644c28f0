"""A request that was let through, and what is owed to it afterwards."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from policy_engine.integrations.exchange.asked import Asked
from policy_engine.integrations.exchange.forwarding import SESSION, answered
from policy_engine.integrations.exchange.lists import ListReply, StreamReply
from policy_engine.integrations.exchange.messages import Answer, Headers, json_answer
from policy_engine.integrations.exchange.replies import PlainReply, Reply
from policy_engine.integrations.exchange.sessions import Sessions
from policy_engine.mcp import LISTS
from policy_engine.model import Decision

__all__ = ["Admitted"]

_OK: Final = 200
_ANSWERS: Final = range(200, 600)
_REDIRECTIONS: Final = range(300, 400)
_NOT_THE_CALLERS: Final = frozenset({401, 407, 421, *_REDIRECTIONS})
"""Statuses that are about our own credential, or about another place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What goes on to the server.

    Attributes:
        decision: why.
        body: what the server gets; never the bytes that came.
        headers: with it; neither credentials nor anything that isn't of MCP.
        asked: what was asked.
        sessions: seals the ids of sessions.
        pages: headers by which a page may read the answer.
    """

    decision: Decision
    body: bytes = field(repr=False)
    headers: Headers = field(repr=False)
    asked: Asked
    sessions: Sessions = field(repr=False)
    pages: Headers = ()

    def reply(self, status: int, headers: Headers) -> Answer | ListReply | Reply:
        """What becomes of the server's answer.

        Args:
            status: its status.
            headers: its headers.

        Returns:
            What the caller gets instead, or what the body has to pass through.
        """
        if status in _NOT_THE_CALLERS or status not in _ANSWERS:
            return self.failed(502)
        told = (*self.pages, *self._with_session(answered(headers)))
        if self.asked.message is not None and self.decision.method in LISTS:
            return ListReply(asked=self.asked, decision=self.decision, status=status, headers=told)
        if self.asked.message is None and status == _OK:
            return StreamReply(self.asked, status=status, headers=told)
        lengths = tuple((name.lower(), value) for name, value in headers if name.lower() == "content-length")
        return PlainReply(status=status, headers=(*told, *lengths[:1]))

    def failed(self, status: int) -> Answer:
        """What the caller gets where the server gave no answer: 502, 503 or 504, and nothing about why."""
        own = {} if self.decision.request_id is None else {"id": self.decision.request_id}
        error = {"code": -32603, "message": HTTPStatus(status).phrase.capitalize()}
        answer = json_answer(status, {"jsonrpc": "2.0", **own, "error": error})
        return Answer(status=status, headers=(*self.pages, *answer.headers), body=answer.body)

    async def over(self) -> str | None:
        """Why a stream that goes on has to end now: the code of what would be decided; None if it may go on.

        A refusal is recorded; that all is well, isn't.
        """
        if (await self.asked.decided(record=False)).allowed:
            return None
        return (await self.asked.decided()).code

    def _with_session(self, headers: Headers) -> Headers:
        """The headers, with an id of the session that is of use to this caller alone."""
        principal, server = self.decision.principal, self.asked.server
        if principal is None:
            return headers
        return tuple(
            (name, self.sessions.given(value, server, principal) if name == SESSION else value)
            for name, value in headers
        )
