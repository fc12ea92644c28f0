"""What stands in front of one MCP server: it looks at each request, and lets through what is allowed."""

from collections.abc import Collection
from typing import Final

from policy_engine.engine import PolicyEngine
from policy_engine.integrations.exchange.asked import Asked
from policy_engine.integrations.exchange.credentials import bearer_token
from policy_engine.integrations.exchange.forwarding import SESSION, forwarded
from policy_engine.integrations.exchange.messages import JSON, Answer, Headers, Request, json_answer
from policy_engine.integrations.exchange.metadata import ROOT, metadata_of, metadata_path
from policy_engine.integrations.exchange.pages import for_pages, preflight
from policy_engine.integrations.exchange.passage import Admitted
from policy_engine.integrations.exchange.sessions import Sessions
from policy_engine.mcp import MAX_BYTES
from policy_engine.model import Decision, HttpFacts

__all__ = ["Guard"]

_VERBS: Final = ("GET", "POST", "DELETE")

_OF_METADATA: Final = (
    ("Content-Type", JSON),
    ("Access-Control-Allow-Origin", "*"),
    ("Cache-Control", "max-age=300"),
)


class Guard:
    """Guards one server.

    Args:
        engine: decides.
        server: its name in the configuration.
        hosts: what `Host` may say, in small letters, the port with it where there is one; None for all.
        sessions: seals the ids of sessions; those of one process if it isn't given.
        at_root: whether the metadata is also at the root, for clients that look nowhere else (MCP
            2025-11-25, "Authorization / Protected Resource Metadata Discovery Requirements").

    Attributes:
        most: bytes of a body that may come.
    """

    most = MAX_BYTES

    def __init__(
        self,
        engine: PolicyEngine,
        server: str,
        *,
        hosts: Collection[str] | None = None,
        sessions: Sessions | None = None,
        at_root: bool = True,
    ) -> None:
        self.engine = engine
        self.server = server
        self._hosts = None if hosts is None else frozenset(hosts)
        self._sessions = sessions or Sessions()
        self._at_root = at_root

    @property
    def metadata_paths(self) -> frozenset[str]:
        """Paths at which the metadata is; whatever serves has to bring requests for them here."""
        own = metadata_path(self.engine.stages.servers[self.server].resource)
        return frozenset({own, ROOT} if self._at_root else {own})

    def at_once(self, request: Request) -> Answer | None:
        """What is answered whatever the body is, which needn't be read for it then; `admit` says the same."""
        origins = self.engine.stages.servers[self.server].origins
        return self._answered_here(request, origins) or _undelimited(request) or _of_another_type(request)

    async def admit(self, request: Request) -> Answer | Admitted:
        """Decide on a request. Never raises for what a caller sent."""
        return self.at_once(request) or await self.decide(request)

    async def decide(self, request: Request) -> Answer | Admitted:
        """The same, for whoever has asked what is answered at once, and got no answer."""
        answer = _unreadable(request)
        if answer is not None:
            return answer
        origins = self.engine.stages.servers[self.server].origins
        admitted = await self._decided(request, for_pages(request, origins))
        if isinstance(admitted, Admitted):
            return admitted
        headers = (*for_pages(request, origins), *admitted.headers)
        return Answer(status=admitted.status, headers=headers, body=admitted.body)

    async def _decided(self, request: Request, pages: Headers) -> Answer | Admitted:
        try:
            token = bearer_token(request)
        except ValueError:
            told = {"WWW-Authenticate": 'Bearer error="invalid_request"'}  # RFC 6750, section 3.1
            return json_answer(400, _error(-32600, "Invalid request"), told)
        asked = Asked(
            engine=self.engine,
            server=self.server,
            token=token,
            message=request.body if request.method == "POST" else None,
            http=HttpFacts(method=request.method, url=request.target, headers=request.joined()),
        )
        decision = await asked.decided()
        if not decision.allowed:
            return json_answer(decision.status, decision.body(), decision.headers())
        headers = self._with_own_session(decision, forwarded(request.headers, decision.forward_headers))
        if headers is None:
            # As of a session that is over: whose it is, and whether there is one, nobody else is told.
            return json_answer(404, _error(-32600, "Session not found", decision.request_id))
        return Admitted(
            decision=decision,
            body=decision.forward or b"",
            headers=headers,
            asked=asked,
            sessions=self._sessions,
            pages=pages,
        )

    def _with_own_session(self, decision: Decision, headers: Headers) -> Headers | None:
        """The headers, with the server's own id of the session; None if it isn't the caller's."""
        brought = [value for name, value in headers if name == SESSION]
        if not brought:
            return headers
        principal = decision.principal
        own = None
        if len(brought) == 1 and principal is not None:
            own = self._sessions.own(brought[0], self.server, principal)
        return None if own is None else (*(each for each in headers if each[0] != SESSION), (SESSION, own))

    def _answered_here(self, request: Request, origins: Collection[str]) -> Answer | None:
        """What needs no token: a wrong door, the metadata, a browser's question about a page."""
        if self._hosts is not None:
            named = request.values("host")
            if len(named) != 1 or named[0].lower() not in self._hosts:
                return Answer(status=421)
        if request.target.startswith(ROOT) and request.target.partition("?")[0] in self.metadata_paths:
            if request.method not in ("GET", "HEAD"):
                return Answer(status=405, headers=(("Allow", "GET, HEAD"),))
            body = b"" if request.method == "HEAD" else metadata_of(self.engine.stages, self.server)
            return Answer(status=200, headers=_OF_METADATA, body=body)
        if request.method == "OPTIONS":
            return preflight(request, origins)
        if request.method not in _VERBS:
            return Answer(status=405, headers=(("Allow", ", ".join(_VERBS)),))
        return None


def _undelimited(request: Request) -> Answer | None:
    """Of a body with two lengths, another reader may see another end (RFC 9112, section 6.3)."""
    lengths, coded = request.values("content-length"), request.values("transfer-encoding")
    if len(lengths) + len(coded) > 1:
        return json_answer(400, _error(-32600, "Invalid request"))
    if lengths and lengths[0].isascii() and lengths[0].isdigit() and int(lengths[0][:20]) > Guard.most:
        return json_answer(413, _error(-32600, "Content too large"))
    return None


def _of_another_type(request: Request) -> Answer | None:
    """Bodies that another reader may read otherwise."""
    if request.method != "POST":
        return None
    types = request.values("content-type")
    coded = [value for value in request.values("content-encoding") if value.strip().lower() != "identity"]
    if len(types) != 1 or not _is_json(types[0]) or coded:
        return json_answer(415, _error(-32600, "Unsupported media type"))
    return None


def _unreadable(request: Request) -> Answer | None:
    """Bodies where none should be, or that are too large to be read."""
    if request.method != "POST":
        return Answer(status=400) if request.body else None
    if len(request.body) > Guard.most:
        return json_answer(413, _error(-32600, "Content too large"))
    return None


def _is_json(value: str) -> bool:
    media, _, parameters = value.lower().partition(";")
    plain = parameters.replace(" ", "").replace('"', "")
    return media.strip() == JSON and plain in ("", "charset=utf-8")


def _error(code: int, message: str, request_id: str | int | None = None) -> dict[str, object]:
    own = {} if request_id is None else {"id": request_id}
    return {"jsonrpc": "2.0", **own, "error": {"code": code, "message": message}}
