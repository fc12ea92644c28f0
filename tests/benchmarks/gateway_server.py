"""What the benchmark of the gateway runs in processes of their own: a server, and gateways in front of it.

Reads one line of JSON from standard input, and says where it listens.
"""

import asyncio
import json
import sys
from pathlib import Path

from policy_engine import Decision, HttpFacts, PolicyEngine
from policy_engine.integrations.exchange import Admitted, Answer, Guard, Request, Sessions
from policy_engine.integrations.exchange.asked import Asked
from policy_engine.integrations.exchange.forwarding import forwarded
from policy_engine.integrations.gateway.application import Gateway
from policy_engine.integrations.gateway.routes import Route, Routes
from policy_engine.integrations.gateway.slots import Slots
from policy_engine.integrations.gateway.upstream import Timeouts, Upstream
from policy_engine.serving import listen, run

ANSWER = b'{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}],"isError":false}}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)


class Open(Guard):
    """Lets everything through as it came: what the proxy costs without authorization."""

    def at_once(self, _request: Request) -> Answer | None:
        """Nothing."""
        return None

    async def decide(self, request: Request) -> Answer | Admitted:
        """All of it."""
        asked = Asked(
            engine=self.engine,
            server=self.server,
            token=None,
            message=request.body,
            http=HttpFacts(method=request.method),
        )
        return Admitted(
            decision=Decision(code="allowed", method="tools/call"),
            body=request.body,
            headers=forwarded(request.headers, {}),
            asked=asked,
            sessions=Sessions(),
        )


class Ways:
    """One way, to one server."""

    def __init__(self, engine: PolicyEngine, upstream: str, *, guarded: bool) -> None:
        guard = (Guard if guarded else Open)(engine, "github")
        to = Upstream(upstream, timeouts=Timeouts(), connections=200)
        self._routes = Routes(
            [Route(name="github", guard=guard, upstream=to, slots=Slots(200), hosts=None, paths=("/github",))]
        )

    def routes(self) -> Routes:
        """It."""
        return self._routes

    def begin(self) -> None:
        """Nothing to do."""

    async def aclose(self) -> None:
        """Nothing to do."""


class Server(asyncio.Protocol):
    """Answers each request with the same bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection."""
        self._transport, self._got = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer once the body is there."""
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length):
            self._got = b""
            self._transport.write(HEAD + ANSWER)  # type: ignore[attr-defined]


async def serve() -> None:
    """Serve as the server itself."""
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """Be what standard input says."""
    told = json.loads(sys.stdin.readline())
    if told is None:
        asyncio.run(serve())
        return
    engine = PolicyEngine.from_config(Path(told["config"]))
    application = Gateway(Ways(engine, told["upstream"], guarded=told["guarded"]))
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        run(
            lambda: application,
            listener,
            workers=1,
            tls=None,
            trusted_proxies=(),
            ready=lambda: print(f"http://127.0.0.1:{port}", flush=True),
            lifespan=True,
        )


if __name__ == "__main__":
    main()
