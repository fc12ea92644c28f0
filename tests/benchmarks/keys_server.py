"""Serve an issuer's metadata and keys on loopback; what they are comes as one line on standard input."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

__all__ = ["Answers"]

SERVED: dict[str, Any] = {}


class Answers(BaseHTTPRequestHandler):
    """Answers `/.well-known/openid-configuration`, and anything else with the keys."""

    def do_GET(self) -> None:
        """Answer."""
        answer = SERVED["keys"]
        if self.path.endswith("/openid-configuration"):
            port = self.connection.getsockname()[1]
            answer = {"issuer": SERVED["issuer"], "jwks_uri": f"http://127.0.0.1:{port}/keys"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    SERVED.update(json.loads(sys.stdin.readline()))
    server = HTTPServer(("127.0.0.1", 0), Answers)
    print(server.server_address[1], flush=True)
    server.serve_forever()
