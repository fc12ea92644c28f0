"""Where codes are provoked: an engine that trusts several kinds of issuers, and sites that really answer."""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from policy_engine import HttpFacts, PolicyEngine
from policy_engine.model import Decision
from tests.plugins.raised_codes import Pair

__all__ = ["ENTRA", "EVERYONE", "LIST", "ORACLE", "Provocation", "Room", "handmade", "site", "told"]

EVERYONE = '@id("people") permit (principal is User, action, resource);'
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ENTRA = "https://login.microsoftonline.com/7f5c7b8e-0000-4000-8000-000000000000/v2.0"
ORACLE = "https://identity.oraclecloud.com/"

Message = Mapping[str, Any] | bytes | str | None


@dataclass(kw_only=True)
class Room:
    """A world and a folder; its ordinary engine is made once.

    Attributes:
        world: keys, and tokens of the issuers `corp` and `machines`.
        folder: for files.
    """

    world: Any
    folder: Path
    engines: dict[str, PolicyEngine] = field(default_factory=dict)

    def issuers(self) -> dict[str, Any]:
        """Those of the world, and two more that have details of their own; one key signs for three."""
        issuers: dict[str, Any] = self.world.issuers()
        issuers["corp"]["claims"] = {"user": {"groups": "groups"}}
        issuers["corp"]["clients"]["portal"] = {"grants": ["authorization_code"]}
        keys = issuers["corp"]["keys"]
        issuers["entra"] = {"issuer": ENTRA, "profile": "entra", "keys": keys}
        issuers["oracle"] = {
            "issuer": ORACLE,
            "profile": "oracle",
            "keys": keys,
            "flags": {"tenant": "idcs-acme"},
        }
        return issuers

    def ask(
        self,
        token: str | None,
        message: Message = LIST,
        http: HttpFacts | None = None,
        *,
        server: str = "github",
        **changes: Any,
    ) -> Pair:
        """What the ordinary engine decides, or one with changes."""
        if changes:
            return told(self.world.engine(**changes).evaluate(token, message, server=server, http=http))
        if not self.engines:
            self.engines["ordinary"] = self.world.engine(issuers=self.issuers())
        return told(self.engines["ordinary"].evaluate(token, message, server=server, http=http))


Provocation = Callable[[Room], Pair]
"""Does what leads to one code, and says which came."""


def told(decision: Decision) -> Pair:
    """What a decision says; that only one of them forwards anything is checked here for all."""
    assert (decision.forward is not None) == (decision.code == "allowed")
    return decision.code, decision.detail


def handmade(header: Any, payload: Any) -> str:
    """A token that nobody signed; bytes go in as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, b"x"))


@contextmanager
def site(pages: Mapping[str, tuple[int, Any]]) -> Iterator[str]:
    """A web site on this machine, under the address that it gives; `$url` in its pages is that address.

    Args:
        pages: status and JSON (or bytes) by path; whatever else is asked for isn't found.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = pages.get(self.path, (404, b""))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.replace(b"$url", url.encode()))

        do_POST = do_GET  # noqa: N815 -- the name is http.server's

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
