"""The official TypeScript SDK gets tokens from our server and calls a tool of a protected one, unmodified."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import World

PROGRAM = Path(__file__).with_name("client.mjs")


@pytest.mark.parametrize("client_id", ["key-bot", "basic-bot"])
def test_the_typescript_sdk_calls_a_tool_with_each_of_its_methods(
    world: World, node: str, node_modules: Path, client_id: str
) -> None:
    """Through discovery; what isn't permitted is refused, and the principal is the machine."""
    world.records.records.clear()
    proof: dict[str, Any] = (
        {"privateKey": world.key.to_jwk()} if client_id == "key-bot" else {"clientSecret": world.secret}
    )
    task = {"url": world.url, "issuer": world.issuer, "clientId": client_id, **proof}
    done = subprocess.run(
        [node, str(PROGRAM)],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "SDK_FROM": str(node_modules)},
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["listed"], said["said"]) == (
        ["create_issue"],
        "opened `red` in acme/app",
    )
    assert said["refusal"] != ""
    calls = [record for record in world.records.records if record["method"] == "tools/call"]
    assert [(record["principal"]["type"], record["principal"]["id"], record["code"]) for record in calls] == [
        ("Client", f"machines/{client_id}", "allowed"),
        ("Client", f"machines/{client_id}", "no_permit"),
    ]
