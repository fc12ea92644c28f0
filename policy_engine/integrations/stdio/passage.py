"""What becomes of each line between a client and its server (MCP, Transports, stdio).

Which answer belongs to which question decides what is filtered, so ids are kept strictly: none is in use
twice, none of a cancelled request comes again, and an answer that nobody waits for goes nowhere.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from policy_engine.engine import PolicyEngine
from policy_engine.mcp import LISTS, MAX_ANSWER, answer_id
from policy_engine.model import Decision, Identity
from policy_engine.model.strict_json import JsonError, dumps, parse

__all__ = ["Carried", "Passage"]

_MOST_WAITING: Final = 1024
"""Requests that may wait for their answers, on either side."""

_MOST_CANCELLED: Final = 4096
"""Ids of cancelled requests that aren't forgotten: their answers may still come."""

_INVALID, _INTERNAL = -32600, -32603
"""Codes of JSON-RPC 2.0, section 5.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a line has led to.

    Attributes:
        on: what goes on to the other side, if anything does.
        back: what its sender gets at once, if anything.
        note: what an operator should know of it; holds nothing that was in the line.
    """

    on: bytes | None = field(default=None, repr=False)
    back: bytes | None = field(default=None, repr=False)
    note: str = ""


class Passage:
    """Decides on the lines of one client and one server; two threads may share it.

    Args:
        engine: decides.
        server: the name of the server in its configuration.
        identity: for whom every message counts.
    """

    def __init__(self, engine: PolicyEngine, server: str, identity: Identity) -> None:
        self._engine = engine
        self._server = server
        self._identity = identity
        self._lock = threading.Lock()
        self._waiting: dict[str | int, bytes | None] = {}
        """By id, what the client asked and is owed an answer to; with the question where that is a list."""
        self._cancelled: dict[str | int, None] = {}
        self._asked: set[str | int] = set()
        """Ids of what the server asked the client."""

    def from_client(self, line: bytes) -> Carried:
        """A line of the client: decided on, and serialised anew."""
        if not line.strip():
            return Carried()
        problem = self._problem_of_id(answer_id(line))
        if problem is not None:
            return problem
        identity = self._identity
        decision = self._engine.authorize(identity.principal, line, self._server, identity.token)
        if not decision.allowed or not decision.forward:
            return self._refused(line, decision)
        message = parse(decision.forward)
        if "method" not in message:
            return self._answered(message["id"], decision.forward)
        if "id" in message:
            question = decision.forward if message["method"] in LISTS else None
            with self._lock:
                self._waiting[message["id"]] = question
        elif message["method"] == "notifications/cancelled":
            self._cancel(message["params"].get("requestId"))
        return Carried(on=decision.forward)

    def too_long(self) -> Carried:
        """A line of the client of which not all was read."""
        return Carried(back=_error(None, _INVALID, "Content too large"), note="a message was too long")

    def from_server(self, line: bytes) -> Carried:
        """A line of the server: its own questions and news go on as they are, lists are filtered."""
        message = _read(line)
        if message is None:
            return Carried(note="the server said what is no message" if line.strip() else "")
        own_id = message.get("id")
        if "method" in message:
            return self._question(message, line)
        if own_id is None and "error" in message and "result" not in message:
            return Carried(on=line)  # about what it couldn't read
        with self._lock:
            if not _is_id(own_id) or own_id not in self._waiting:
                return Carried(note="the server answered what nobody asked")
            asked = self._waiting.pop(own_id)
        if asked is None:
            return Carried(on=line)
        if len(line) > MAX_ANSWER:
            return Carried(on=_error(own_id, _INTERNAL, "Bad gateway"), note="a list was too long")
        return Carried(on=self._engine.filter_list(self._identity, asked, line, self._server).body)

    def _problem_of_id(self, request_id: str | int | None) -> Carried | None:
        with self._lock:
            if request_id is None:
                return None
            if request_id in self._waiting or request_id in self._cancelled:
                return Carried(back=_error(request_id, _INVALID, "The id was used before"))
            if len(self._waiting) >= _MOST_WAITING:
                return Carried(back=_error(request_id, _INVALID, "Too many requests at once"))
        return None

    def _refused(self, line: bytes, decision: Decision) -> Carried:
        """A request gets its error, a notification nothing, and what the server waits for fails."""
        note = f"refused: {decision.code}"
        if decision.request_id is not None:
            return Carried(back=dumps(decision.body()), note=note)
        message = _read(line) or {}
        if "method" in message and "id" not in message:
            return Carried(note=note)
        answered = message.get("id")
        with self._lock:
            if "method" in message or not _is_id(answered) or answered not in self._asked:
                return Carried(back=dumps(decision.body()), note=note)
            self._asked.discard(answered)
        return Carried(on=_error(answered, _INTERNAL, "The answer isn't allowed"), note=note)

    def _answered(self, answered: str | int, forward: bytes) -> Carried:
        with self._lock:
            if answered not in self._asked:
                return Carried(note="the client answered what nobody asked")
            self._asked.discard(answered)
        return Carried(on=forward)

    def _cancel(self, request_id: str | int | None) -> None:
        with self._lock:
            if request_id is not None and request_id in self._waiting:
                del self._waiting[request_id]
                self._cancelled[request_id] = None
                if len(self._cancelled) > _MOST_CANCELLED:
                    del self._cancelled[next(iter(self._cancelled))]

    def _question(self, message: Mapping[str, Any], line: bytes) -> Carried:
        """What the server asks, or tells, the client."""
        if "id" not in message:
            params = message.get("params")
            if message["method"] == "notifications/cancelled" and isinstance(params, dict):
                self._forget(params.get("requestId"))
            return Carried(on=line)
        own_id = message["id"]
        with self._lock:
            if _is_id(own_id) and own_id not in self._asked and len(self._asked) < _MOST_WAITING:
                self._asked.add(own_id)
                return Carried(on=line)
        back = _error(None, _INVALID, "Invalid request")
        return Carried(back=back, note="a question of the server wasn't passed on")

    def _forget(self, cancelled: object) -> None:
        with self._lock:
            if _is_id(cancelled):
                self._asked.discard(cancelled)


def _is_id(value: object) -> TypeGuard[str | int]:
    """Whether a value may be the id of a request; `True` is none, though it equals one."""
    return type(value) is str or type(value) is int


def _read(line: bytes) -> dict[str, Any] | None:
    """A message as every reader reads it, numbers aside; None if there may be two readings, or none."""
    try:
        read = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonError("duplicate_member")
    return members


def _error(request_id: str | int | None, code: int, message: str) -> bytes:
    own = {} if request_id is None else {"id": request_id}
    return dumps({"jsonrpc": "2.0", **own, "error": {"code": code, "message": message}})
