"""The application: the authorization server, and beside it two places that say how the process is."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from policy_engine.authserver.server import AuthorizationServer
from policy_engine.authserver.serving.endpoint import SECURITY_HEADERS, Endpoint
from policy_engine.authserver.serving.handing import hand_over
from policy_engine.serving import TrustedProxies, named, origin_form

__all__ = ["Application", "make_application"]

_LOG: Final = logging.getLogger(__name__)

_SECONDS: Final = 2
"""That the answer to whether the server is ready may take."""

_PLACES: Final = frozenset({b"/healthz", b"/readyz"})

_HEADERS: Final = dict((*SECURITY_HEADERS, ("Cache-Control", "no-store")))


class Application:
    """An ASGI application.

    Args:
        endpoint: answers all but two places.
        health: answers these.
    """

    def __init__(self, endpoint: Endpoint, health: Starlette) -> None:
        self._endpoint = endpoint
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # By the path as it was sent, and before any framework has had its own view of it.
        # A host in it is nothing to us: there is one server here, by whatever name it is reached.
        path = origin_form(scope["raw_path"])
        if path != scope["raw_path"]:
            scope = {**scope, "raw_path": path, "path": path.decode("latin-1")}
        application = self._health if path in _PLACES else self._endpoint
        await application(scope, receive, send)


def make_application(
    server: AuthorizationServer,
    *,
    check: Callable[[], None],
    apart: bool = False,
    hasty: AuthorizationServer | None = None,
    trusted_proxies: Iterable[str] = (),
) -> Application:
    """Make an ASGI application; it takes HTTP requests alone.

    Args:
        server: answers.
        check: raises if it couldn't issue a token now.
        apart: whether threads call the server, since its store may keep it waiting.
        hasty: asked first, if it is given: the same server, which raises BusyError where it had to wait.
        trusted_proxies: networks whose `X-Forwarded-For` counts.
    """
    endpoint = Endpoint(
        hand_over(server, apart=apart, hasty=hasty),
        proxies=TrustedProxies(trusted_proxies),
        secure=server.issuer.startswith("https:"),
    )
    routes = [Route("/healthz", _alive), Route("/readyz", _Readiness(check), methods=["GET"])]
    health = Starlette(routes=routes, exception_handlers={HTTPException: _refused})
    return Application(endpoint, health)


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "alive"}, headers=_HEADERS)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- it is called for no other
    headers = {**_HEADERS, **(error.headers or {})}
    return JSONResponse({"error": "invalid_request"}, error.status_code, headers=headers)


class _Readiness:
    """Whether a token could be issued: one thread at a time asks, and nobody waits for it for ever."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ready = await self._ready()
        body = {"status": "ready" if ready else "unavailable"}
        await JSONResponse(body, 200 if ready else 503, headers=_HEADERS)(scope, receive, send)

    async def _ready(self) -> bool:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._check))
        done, _ = await asyncio.wait([self._asking], timeout=_SECONDS)
        if not done:
            return False
        error = self._asking.exception()
        if error is not None:
            _LOG.error("not ready: %s", named(error))
        return error is None
