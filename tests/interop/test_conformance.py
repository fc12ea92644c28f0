"""MCP's own conformance suite, on the metadata of our authorization server."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from policy_engine.authserver import (
    AuthorizationServer,
    Catalogue,
    MemoryClientRegistry,
    MemoryReplayStore,
    StaticKeys,
    serve_loopback,
)
from policy_engine.jose import SigningKey

KEY = SigningKey.generate("ES256")
SUITE = Path("@modelcontextprotocol") / "conformance" / "dist" / "index.js"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("conformance", (0, "SUCCESS")), ("sdk_compat", (1, "FAILURE")), ("strict", (1, "FAILURE"))],
)
def test_the_authorization_servers_leg(
    node: str, node_modules: Path, tmp_path: Path, profile: str, expected: tuple[int, str]
) -> None:
    """It passes with the profile that is made for it, and fails with the others: it does look."""

    def make(issuer: str) -> AuthorizationServer:
        return AuthorizationServer(
            issuer=issuer,
            clients=MemoryClientRegistry([]),
            keys=StaticKeys(KEY),
            catalogue=Catalogue({"https://mcp.example.com/github": ["issues:write"]}),
            replay_store=MemoryReplayStore(),
            now=time.time,
            metadata_profile=profile,
            development=True,
        )

    with serve_loopback(make) as issuer:
        done = subprocess.run(
            [node, str(node_modules / SUITE), "authorization", "--url", issuer, "-o", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        )
    found = [json.loads(file.read_text()) for file in tmp_path.rglob("checks.json")]
    checks = {check["id"]: check["status"] for checks in found for check in checks}
    assert (done.returncode, checks["authorization-server-metadata"]) == expected, done.stdout
