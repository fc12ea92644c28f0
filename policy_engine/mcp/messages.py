"""One JSON-RPC message, parsed once and strictly: what is decided on is what is forwarded.

MCP 2025-11-25 and 2026-07-28, "Basic / Messages"; JSON-RPC 2.0. Batches were legal in 2025-03-26 only and are
refused: one message has one decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypedDict

from policy_engine.errors import MessageError
from policy_engine.mcp.bodies import Body, PlainCall, is_id, read_body
from policy_engine.mcp.headers import HeaderValues, check_standard
from policy_engine.mcp.methods import METHODS, READ
from policy_engine.mcp.names import folded, lookalike
from policy_engine.mcp.revisions import (
    CAPABILITIES_KEY,
    HANDSHAKE,
    STATELESS,
    VERSION_KEY,
    negotiate,
    require_meta,
)
from policy_engine.model import HttpFacts

__all__ = [
    "Message",
    "Notification",
    "Request",
    "Response",
    "Stream",
    "checks_skipped",
    "parse_body",
    "parse_message",
    "stated_version",
]

_NEVER_CHECKED = ("proof_of_possession",)
"""What isn't checked of an HTTP request."""

_UNCHECKED_WITHOUT_HTTP = ("header_equality", "origin", *_NEVER_CHECKED)

_NO_PARAMS: dict[str, Any] = {}

_MEMBERS: Mapping[str, frozenset[str]] = {
    "request": frozenset({"jsonrpc", "id", "method", "params"}),
    "notification": frozenset({"jsonrpc", "method", "params"}),
    "response": frozenset({"jsonrpc", "id", "result", "error"}),
}

_READ = folded(READ)
_META = frozenset({VERSION_KEY, CAPABILITIES_KEY, "progressToken"})
_READ_META = folded((VERSION_KEY, CAPABILITIES_KEY))


class _Said(TypedDict):
    revision: str
    version: str
    headers: HeaderValues | None
    text: bytes | None


@dataclass(slots=True, kw_only=True)
class _Stated:
    """What every message says of itself. Changed by nobody; not frozen, since one is made for each request.

    Attributes:
        revision: the revision whose methods table holds.
        version: the version that the message states, or the revision where it states none.
        headers: what came with it over HTTP; None where it didn't come that way, or nobody says.
        text: the body, serialised, where that is known already.
    """

    revision: str
    version: str
    headers: HeaderValues | None = field(default=None, repr=False, compare=False)
    text: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def checks_skipped(self) -> tuple[str, ...]:
        """Checks of the HTTP request that aren't made."""
        return checks_skipped(self.headers)

    @property
    def request_id(self) -> str | int | None:
        """The id to answer to; None where nobody waits for an answer."""
        return None


@dataclass(slots=True, kw_only=True)
class Request(_Stated):
    """A message that wants an answer. `params` is empty where the message has none."""

    kind: ClassVar[str] = "request"
    method: str
    id: str | int
    params: dict[str, Any]
    body: dict[str, Any]

    @property
    def request_id(self) -> str | int | None:
        """The id to answer to."""
        return self.id


@dataclass(slots=True, kw_only=True)
class Notification(_Stated):
    """A message that wants no answer."""

    kind: ClassVar[str] = "notification"
    method: str
    params: dict[str, Any]
    body: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Response(_Stated):
    """The client's answer to a request of the server; `result` is None if it answers with an error."""

    kind: ClassVar[str] = "response"
    method: ClassVar[str] = "response"
    params: ClassVar[dict[str, Any]] = _NO_PARAMS
    id: str | int
    result: dict[str, Any] | None
    body: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Stream(_Stated):
    """No message: GET opens the stream of a session, DELETE ends the session. `method` is the verb."""

    kind: ClassVar[str] = "stream"
    params: ClassVar[dict[str, Any]] = _NO_PARAMS
    method: str


Message = Request | Notification | Response | Stream


def parse_message(message: Mapping[str, Any] | bytes | str | None, http: HttpFacts | None = None) -> Message:
    """Parse what a caller sent; None (or nothing) stands for GET and DELETE.

    Raises:
        MessageError: `malformed_message` (detail: the code of the JsonError, `batch` or `too_large`),
            `invalid_request`, `unsupported_version`, `header_mismatch` or `invalid_params`; in this order.
    """
    verb = "POST" if http is None else http.method
    if message is None or (verb != "POST" and message in (b"", "")):
        return _stream(http)
    if verb != "POST":
        raise MessageError("invalid_request", "only POST carries a message", detail="verb")
    return parse_body(read_body(message), http)


def parse_body(read: Body, http: HttpFacts | None = None) -> Message:
    """The same, of a body that was read already.

    Raises:
        MessageError: as `parse_message`, but for `malformed_message`.
    """
    body, text = read.value, read.text
    kind = _kind(body)
    headers = None if http is None else HeaderValues.of(http)
    if kind == "response":
        return _response(body, text, headers)
    method = body.get("method")
    if not isinstance(method, str):
        raise MessageError("invalid_request", "`method` isn't a string", detail="method")
    params = _params(body)
    revision, version = negotiate(params, headers)
    needed = revision == STATELESS and kind == "request"
    if headers is not None:
        check_standard(headers, method, _named(revision, kind, method, params), required=needed)
    if needed:
        require_meta(params)
    said: _Said = {"revision": revision, "version": version, "headers": headers, "text": text}
    if kind == "notification":
        return Notification(**said, method=method, params=params, body=body)
    return Request(**said, method=method, id=body["id"], params=params, body=body)


def checks_skipped(http: HttpFacts | HeaderValues | None) -> tuple[str, ...]:
    """Checks of the HTTP request that aren't made."""
    return _UNCHECKED_WITHOUT_HTTP if http is None else _NEVER_CHECKED


def stated_version(call: PlainCall, http: HttpFacts | None) -> str | None:
    """The version that a call states, if it is one of a revision with sessions; headers are checked.

    Raises:
        MessageError: as `parse_body`.
    """
    if http is None:
        return HANDSHAKE
    if http.method != "POST":
        return None
    headers = HeaderValues.of(http)
    revision, version = negotiate(call.params, headers)
    if revision == STATELESS:
        return None
    check_standard(headers, "tools/call", call.name, required=False)
    return version


def _named(revision: str, kind: str, method: str, params: dict[str, Any]) -> str | None:
    """What a message is about, as `Mcp-Name` would repeat it; None where that can't be told."""
    row = METHODS.get((revision, kind, method))
    if row is None:
        return None
    name = "" if row.header is None else params.get(row.header)
    return name if isinstance(name, str) else None


def _stream(http: HttpFacts | None) -> Stream:
    if http is None or http.method not in ("GET", "DELETE"):
        raise MessageError("invalid_request", "no message, and neither GET nor DELETE", detail="no_message")
    headers = HeaderValues.of(http)
    revision, version = negotiate({}, headers)
    check_standard(headers, "", "", required=False)
    return Stream(revision=revision, version=version, headers=headers, method=http.method)


def _kind(body: dict[str, Any]) -> str:
    if body.get("jsonrpc") != "2.0":
        raise MessageError("invalid_request", "`jsonrpc` isn't `2.0`", detail="jsonrpc")
    if "result" in body or "error" in body:
        kind = "response"
    else:
        kind = "request" if "id" in body else "notification"
    if not body.keys() <= _MEMBERS[kind]:
        raise MessageError("invalid_request", f"a member that no {kind} has", detail="unknown_member")
    if kind != "notification" and not is_id(body.get("id")):
        raise MessageError("invalid_request", "`id` is neither a string nor an integer", detail="id")
    return kind


def _response(body: dict[str, Any], text: bytes | None, headers: HeaderValues | None) -> Response:
    if "result" in body and "error" in body:
        raise MessageError("invalid_request", "both `result` and `error`", detail="result_and_error")
    outcome = body.get("result", body.get("error"))
    if not isinstance(outcome, dict):
        raise MessageError("invalid_request", "`result` or `error` isn't an object", detail="outcome")
    revision, version = negotiate({}, headers)
    if headers is not None:
        check_standard(headers, "", "", required=False)
    said: _Said = {"revision": revision, "version": version, "headers": headers, "text": text}
    return Response(**said, id=body["id"], result=body.get("result"), body=body)


def _params(body: dict[str, Any]) -> dict[str, Any]:
    params = body.get("params", {})
    if not isinstance(params, dict):
        raise MessageError("invalid_params", "`params` isn't an object", detail="params")
    meta = params.get("_meta", {})
    if not isinstance(meta, dict):
        raise MessageError("invalid_params", "`_meta` isn't an object", detail="meta")
    # Copied by a JavaScript server, its members would stand in for those that aren't there.
    if "__proto__" in params or "__proto__" in meta:
        raise MessageError("invalid_params", "`__proto__` is no parameter", detail="lookalike")
    if params.keys() <= READ and meta.keys() <= _META:
        return params
    if twin := lookalike(params, _READ) or lookalike(meta, _READ_META):
        raise MessageError("invalid_params", f"a lookalike of `{twin}`", detail="lookalike")
    return params
