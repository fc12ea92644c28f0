"""A server's answer to one request, as strict as what callers send."""

import json
import re
from collections.abc import Mapping
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.model.strict_json import JsonError, parse, require_plain

__all__ = ["MAX_ANSWER", "read_answer", "read_object", "without_id"]

MAX_ANSWER = 16 * 1024 * 1024
"""The longest answer that is read, in bytes: sixteen times the longest message."""

_MEMBERS = frozenset({"jsonrpc", "id", "result", "error"})
_ERROR_MEMBERS = frozenset({"code", "message", "data"})

_VERSION_AND_ID = (
    rb'"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(-?(?:0|[1-9][0-9]{0,14})|"[A-Za-z0-9_-]{0,64}")\s*'
)
_FIRST = re.compile(rb"\s*\{\s*" + _VERSION_AND_ID + rb",")
_LAST = re.compile(rb",\s*" + _VERSION_AND_ID + rb"\}\s*\Z")
_LONGEST_END = 256

Text = bytes | str


def read_object(text: Text | Mapping[str, Any]) -> dict[str, Any]:
    """One JSON object.

    Raises:
        MessageError: `malformed_list`; detail: the code of the JsonError, or `not_an_object`.
    """
    try:
        value = _parsed(text)
    except JsonError as error:
        raise MessageError("malformed_list", "the answer isn't strict JSON", detail=error.code) from None
    if not isinstance(value, dict):
        raise MessageError("malformed_list", "the answer isn't an object", detail="not_an_object")
    return value


def read_answer(body: dict[str, Any], request_id: str | int | None) -> dict[str, Any] | None:
    """The result of a JSON-RPC answer to a request; None if it is an error.

    Raises:
        MessageError: `malformed_list` (`answer`, `id`).
    """
    if body.get("jsonrpc") != "2.0" or not body.keys() <= _MEMBERS or ("result" in body) == ("error" in body):
        raise MessageError("malformed_list", "the answer isn't one of JSON-RPC 2.0", detail="answer")
    if not _same(body.get("id"), request_id):
        raise MessageError("malformed_list", "the answer is to another request", detail="id")
    outcome = body.get("result", body.get("error"))
    if not isinstance(outcome, dict) or ("error" in body and not _is_error(outcome)):
        raise MessageError("malformed_list", "`result` or `error` isn't what it must be", detail="answer")
    return None if "error" in body else outcome


def without_id(data: bytes, request_id: str | int | None) -> bytes | None:
    """An answer to this request without `jsonrpc` and `id`, so that answers to all callers are one text.

    What comes out is read as strictly as the whole would be, and means the same. None where the two members
    aren't side by side at one end, as they mostly are, or say something else.
    """
    if match := _FIRST.match(data):
        rest = b"{" + data[match.end() :]
    elif match := _LAST.search(data, max(0, len(data) - _LONGEST_END)):
        rest = data[: match.start()] + b"}"
    else:
        return None
    return rest if _same(json.loads(match[1]), request_id) else None


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401 -- JSON
    # To Python, `1`, `1.0` and `True` are one.
    return type(one) is type(other) and bool(one == other)


def _is_error(error: dict[str, Any]) -> bool:
    code, message = error.get("code"), error.get("message")
    return type(code) is int and isinstance(message, str) and error.keys() <= _ERROR_MEMBERS


def _parsed(text: Any) -> Any:  # noqa: ANN401 -- whatever a program hands over
    if not isinstance(text, bytes | str):
        plain = dict(text) if isinstance(text, Mapping) else text
        require_plain(plain)
        return plain
    if len(text) > MAX_ANSWER:
        raise JsonError("too_large")
    return parse(text)
