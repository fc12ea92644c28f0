"""The body of a message: strict JSON, an object, of bounded size, and nobody else's.

What the body says is for `messages` to tell; of the most frequent kind, a call that says nothing but the name
of a tool and its arguments, `plain_call` tells it at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from policy_engine.errors import MessageError
from policy_engine.model.strict_json import JsonError, dumps, read, settled

__all__ = [
    "MAX_BYTES",
    "Body",
    "PlainCall",
    "answer_id",
    "is_id",
    "plain_call",
    "read_body",
]

MAX_BYTES = 1024 * 1024
"""The longest message that is read."""

_MEMBERS = len(("jsonrpc", "id", "method", "params"))

_NO_ARGUMENTS: dict[str, Any] = {}
"""Nobody adds to it: arguments are changed by nobody."""


@dataclass(slots=True)
class Body:
    """A JSON object, and its text, if that is known already."""

    value: dict[str, Any]
    text: bytes | None


@dataclass(slots=True)
class PlainCall:
    """A call of a tool.

    Attributes:
        id: the id to answer to.
        name: of the tool.
        params: name and arguments.
        arguments: as they came; empty if none did.
        text: the whole message.
    """

    id: str | int
    name: str
    params: dict[str, Any]
    arguments: dict[str, Any]
    text: bytes


def read_body(message: Mapping[str, Any] | bytes | str) -> Body:
    """The body, which is nobody else's, and its text, where that is known already.

    A message handed over as values is written out and parsed again: it then obeys the same rules, and its
    owner can't change it after the decision.

    Raises:
        MessageError: `malformed_message` (detail: the code of the JsonError, `batch` or `too_large`),
            `invalid_request` (`not_an_object`).
    """
    try:
        if isinstance(message, (bytes, str)):
            _check_size(message)
            value, text = read(message)
        else:
            value, text = settled(message if type(message) is dict else _as_dict(message))
            _check_size(dumps(value) if text is None else text)
    except JsonError as error:
        raise MessageError("malformed_message", detail=error.code) from None
    if isinstance(value, list):
        raise MessageError("malformed_message", "several messages at once", detail="batch")
    if not isinstance(value, dict):
        raise MessageError("invalid_request", "the message isn't an object", detail="not_an_object")
    return Body(value, text)


def plain_call(body: Body) -> PlainCall | None:
    """The call of a tool that a message is, if it is nothing more."""
    value, text = body.value, body.text
    if text is None or len(value) != _MEMBERS or value.get("method") != "tools/call":
        return None
    params, number = value.get("params"), value.get("id")
    if value.get("jsonrpc") != "2.0" or type(params) is not dict or not is_id(number):
        return None
    given = params.get("arguments", _NO_ARGUMENTS)
    if len(params) != (1 if given is _NO_ARGUMENTS else 2):
        return None
    name = params.get("name")
    return PlainCall(number, name, params, given, text) if type(name) is str and type(given) is dict else None


def answer_id(message: Mapping[str, Any] | bytes | str | None) -> str | int | None:
    """The id to answer to when `parse_message` refused the message; None where it has none. Never raises."""
    try:
        body = read_body(message or b"").value
    except MessageError:
        return None
    found = body.get("id")
    return found if "method" in body and is_id(found) else None


def is_id(value: object) -> TypeGuard[str | int]:
    """Whether a value may be the id of a request: a string or an integer."""
    return type(value) is str or type(value) is int


def _as_dict(message: object) -> object:
    return dict(message) if isinstance(message, Mapping) else message


def _check_size(message: bytes | str) -> None:
    size = len(message)
    if isinstance(message, str) and size <= MAX_BYTES:
        size = len(message.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise JsonError("too_large")
