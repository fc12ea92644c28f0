"""The peer of the authorization server: two signatures and nothing else, as a Starlette endpoint.

Reads private keys from standard input, and says where it listens.
"""

import json
import socket
import sys
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from policy_engine.jose import SigningKey
from tests.benchmarks.issued import SCOPE, Keys


def main() -> None:
    """Serve until the process is ended."""
    jwks = json.loads(sys.stdin.readline())
    keys = Keys(client=SigningKey.from_jwk(jwks["client"]), server=SigningKey.from_jwk(jwks["server"]))
    both = keys.both()

    async def token(request: Request) -> JSONResponse:
        form = parse_qs((await request.body()).decode())
        body = {"access_token": both(form["client_assertion"][0]), "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**body, "scope": SCOPE})

    # With the protocol named, as uvicorn itself does: otherwise small answers wait for each other.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        app = Starlette(routes=[Route("/token", token, methods=["POST"])])
        uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    main()
