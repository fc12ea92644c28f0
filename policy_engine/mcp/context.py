"""What policies may read of a request besides who, what and on what: `context`, as Cedar JSON."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.arguments import Arguments
from policy_engine.mcp.messages import Message, Request, Response
from policy_engine.mcp.names import folded, recognised
from policy_engine.model import CedarJson, Identity, TokenFacts, User

__all__ = ["CALL_PARTS", "Clock", "build_context", "call_parts", "cedar_datetime", "token_record"]

CALL_PARTS = frozenset({"arguments", "protocol_version", "time", "unrepresentable"})
"""What `call_parts` gives, and the time: the rest of a context is the same for like calls of one caller."""

_ANSWERS = folded(("action", "model", "role", "roots"))
"""Members that tell what an answer answers."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
_FAR = 250_000_000_000
"""A moment in the year 9892."""
_FIRST = datetime(1, 1, 1, tzinfo=UTC)


def build_context(
    identity: Identity, message: Message, time: CedarJson, token: CedarJson, arguments: Arguments | None
) -> CedarJson:
    """The context of one message; `arguments` only of tools. Sets are sorted: one meaning, one spelling.

    Args:
        identity: who asks.
        message: what they sent.
        time: when it came, as Cedar's `datetime`.
        token: what policies see of the token, as `token_record` gives it.
        arguments: the checked arguments, if a tool is called.

    Raises:
        MessageError: `invalid_params`, if the answers it brings aren't an object.
    """
    context: CedarJson = {
        "token": token,
        "time": time,
        "input_responses": _answers(message),
        "has_request_state": _brings_state(message),
        **call_parts(message.version, arguments),
    }
    principal = identity.principal
    if isinstance(principal, User) and principal.actor is not None:
        context["actor"] = {"__entity": principal.actor.uid.to_json()}
    return context


def call_parts(version: str, arguments: Arguments | None) -> CedarJson:
    """The parts of the context that are of each call by itself, besides the time."""
    parts: CedarJson = {"protocol_version": version, "unrepresentable": []}
    if arguments is not None:
        parts["arguments"] = arguments.cedar
        parts["unrepresentable"] = [*arguments.unrepresentable]
    return parts


def cedar_datetime(seconds: float) -> CedarJson:
    """A time as Cedar's `datetime`: UTC, to the millisecond.

    Cedar reads years of four digits: what lies beyond them is the first or the last moment that it can read.
    """
    try:
        moment = _EPOCH + timedelta(milliseconds=round(seconds * 1000))
    except OverflowError:
        moment = _LAST if seconds > 0 else _FIRST
    text = min(moment, _LAST).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return {"__extn": {"fn": "datetime", "arg": f"{text}Z"}}


class Clock:
    """`cedar_datetime` of now: the text of the second is kept while it lasts."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept = (-1, "")

    def datetime(self, seconds: float) -> CedarJson:
        """A time as Cedar's `datetime`."""
        second, milliseconds = divmod(round(seconds * 1000), 1000) if 0 <= seconds < _FAR else (-1, 0)
        kept, text = self._kept  # read once: another thread may replace it
        if second != kept or second < 0:
            found = cedar_datetime(seconds)
            self._kept = second, found["__extn"]["arg"][:-4]
            return found
        return {"__extn": {"fn": "datetime", "arg": f"{text}{milliseconds:03}Z"}}


def token_record(token: TokenFacts) -> CedarJson:
    """What policies see of a token; the same for each message that comes with it."""
    facts: CedarJson = {
        "grant": token.grant,
        "client_id": token.client_id,
        "acr": token.acr,
        "amr": None if token.amr is None else _set(token.amr),
        "issued_at": None if token.issued_at is None else cedar_datetime(token.issued_at),
        "expires_at": None if token.expires_at is None else cedar_datetime(token.expires_at),
    }
    known = {name: value for name, value in facts.items() if value is not None}
    return {"scopes": _set(token.scopes), **known}


def _set(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _brings_state(message: Message) -> bool:
    return message.params.get("requestState") is not None and isinstance(message, Request)


def _answers(message: Message) -> list[str]:
    """Kinds of answers to questions of the server: brought by a retried call, or posted by themselves."""
    answers: Any = None
    if isinstance(message, Request):
        answers = message.params.get("inputResponses")
    elif isinstance(message, Response) and message.result is not None:
        answers = {"": message.result}
    if answers is None:  # also where it is written as null, as the conformance suite does
        return []
    if not isinstance(answers, dict):
        note = "`inputResponses` isn't an object"
        raise MessageError("invalid_params", note, detail="inputResponses")
    return _set(kind for answer in answers.values() for kind in _kinds_of_answer(answer))


def _kinds_of_answer(answer: Any) -> Iterator[str]:  # noqa: ANN401 -- JSON
    """Answers don't say what they answer (2026-07-28, `InputResponse`): their members do, however written.

    One that could be several things is each of them, so that a policy against one of these holds.
    """
    members = recognised(answer, _ANSWERS) if isinstance(answer, dict) else frozenset()
    kinds = [
        kind
        for kind, needed in (
            ("elicitation", {"action"}),
            ("sampling", {"role", "model"}),
            ("roots", {"roots"}),
        )
        if needed <= members
    ]
    yield from kinds or ["other"]
