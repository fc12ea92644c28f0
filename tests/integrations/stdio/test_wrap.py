"""`policy-engine wrap` with real processes: client and server of the SDK, and ones that misbehave."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.plugins.commands import command_path

CONFIG = """
version: 1
servers:
  notes:
    resource: https://mcp.example.com/notes
    catalogue: catalogue.json
    changed: warn
issuers:
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    keys: {uri: https://as.example.com/keys}
    clients:
      ci-bot: {grants: [client_credentials]}
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    keys: {uri: https://login.example.com/keys}
policies: policies/
audit: {file: audit.jsonl}
"""

POLICIES = """
@id("session") @kinds("both")
permit (principal, action in [Action::"session", Action::"list_tools"], resource);
@id("machines-read") permit (principal is Client, action == Action::"notes/read_note", resource)
when { context.arguments.name like "public/*" };
@id("people-delete") permit (principal is User, action == Action::"notes/delete_note", resource);
"""

SERVER = """
from mcp.server import MCPServer
server = MCPServer("notes", log_level="ERROR")

@server.tool()
def read_note(name: str, lines: int = 3) -> str:
    return f"{name}: {lines}"

@server.tool()
def delete_note(name: str) -> str:
    return f"{name} is gone"

if __name__ == "__main__":
    server.run()
"""

ECHO = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if "id" in asked:
        answer = {"jsonrpc": "2.0", "id": asked["id"], "result": asked.get("params", {})}
        print(json.dumps(answer), flush=True)
print("the input has ended", file=sys.stderr)
"""
MACHINE = ("--client", "machines/ci-bot")
PERSON = ("--user", "corp/ci-bot")
PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n'


def schema(**properties: Any) -> dict[str, Any]:
    """Of a tool."""
    return {"type": "object", "properties": properties, "required": ["name"]}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration, and a server."""
    text = {"type": "string"}
    tools = [
        {"name": "read_note", "inputSchema": schema(name=text, lines={"type": "integer", "default": 3})},
        {"name": "delete_note", "inputSchema": schema(name=text)},
    ]
    (tmp_path / "catalogue.json").write_text(json.dumps({"tools": tools}), "utf-8")
    (tmp_path / "policy-engine.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "notes.cedar").write_text(POLICIES, "utf-8")
    (tmp_path / "server.py").write_text(SERVER, "utf-8")
    (tmp_path / "echo.py").write_text(ECHO, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*who: str, server: tuple[str, ...] = (sys.executable, "echo.py")) -> list[str]:
    """The command line."""
    return [str(command_path()), "wrap", *who, "--", *server]


def run(*arguments: str, said: bytes = b"", **more: Any) -> "subprocess.CompletedProcess[bytes]":
    """Run it to its end."""
    return subprocess.run(
        command(*arguments, **more), input=said, capture_output=True, timeout=30, check=False
    )


def started(*who: str, code: str) -> "subprocess.Popen[bytes]":
    """Start it with a server that is a line of Python."""
    pipe = subprocess.PIPE
    server = (sys.executable, "-c", code)
    return subprocess.Popen(command(*who, server=server), stdin=pipe, stdout=pipe, stderr=pipe)


def answers(result: "subprocess.CompletedProcess[bytes]") -> list[Any]:
    """What the client was told."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def records() -> list[dict[str, Any]]:
    """What was recorded."""
    return [json.loads(line) for line in Path("audit.jsonl").read_text("utf-8").splitlines()]


# --- with a client and a server of the SDK -------------------------------------------------------


async def conversation(who: tuple[str, ...], mode: Any) -> tuple[list[str], str, str]:
    """What is listed, and what comes of reading and of deleting."""
    program, *arguments = command(*who, "--quiet", server=(sys.executable, "server.py"))
    parameters = StdioServerParameters(command=program, args=arguments, cwd=str(Path.cwd()))
    said = []
    async with Client(stdio_client(parameters), mode=mode) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
        for tool in ("read_note", "delete_note"):
            try:
                result = await client.call_tool(tool, {"name": "public/a"})
                said.append(str(result.content[0].text))  # type: ignore[union-attr]
            except MCPError as error:
                said.append(error.error.message)
    return listed, said[0], said[1]


@pytest.mark.parametrize(
    ("who", "mode", "expected"),
    [
        (MACHINE, "auto", (["read_note"], "public/a: 3", "Forbidden")),
        (MACHINE, "legacy", (["read_note"], "public/a: 3", "Forbidden")),
        (PERSON, "auto", (["delete_note"], "Forbidden", "public/a is gone")),
    ],
)
def test_each_gets_what_is_theirs(who: tuple[str, ...], mode: str, expected: Any) -> None:
    """In both revisions; and all of it is recorded."""
    assert asyncio.run(asyncio.wait_for(conversation(who, mode), 60)) == expected
    calls = [record for record in records() if record["method"] == "tools/call"]
    assert {record["principal"]["type"] for record in calls} == {"Client" if who == MACHINE else "User"}
    assert sorted(record["code"] for record in calls) == ["allowed", "no_permit"]


# --- lines ---------------------------------------------------------------------------------------


def test_lines_are_carried_and_refused() -> None:
    """What isn't allowed is answered at once; what comes on standard error is the server's."""
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "delete_note", "arguments": {}},
    }
    said = (
        PING
        + b"nonsense\n"
        + json.dumps(call).encode()
        + b"\n"
        + b"x" * 3_000_000
        + b"\n"
        + PING.replace(b"1", b"3")
    )
    result = run(*MACHINE, said=said)

    told = {answer.get("id"): answer for answer in answers(result)}
    assert told[2]["error"]["code"] in (403, -32602)
    assert "result" in told[1]
    assert sum("error" in answer for answer in answers(result)) == 3
    assert result.returncode == 0
    assert b"the input has ended" in result.stderr
    assert result.stderr.count(b"policy-engine: ") == 3


def test_nothing_but_messages_goes_to_standard_output(folder: Path) -> None:
    """Records that a sink would write there go to standard error."""
    written = (folder / "policy-engine.yaml").read_text("utf-8")
    (folder / "policy-engine.yaml").write_text(
        written.replace("{file: audit.jsonl}", "{stdout: true}"), "utf-8"
    )
    result = run(*MACHINE, said=PING)
    assert answers(result) == [{"jsonrpc": "2.0", "id": 1, "result": {}}]
    assert json.loads(result.stderr.splitlines()[0])["method"] == "ping"


def test_a_decision_that_cant_be_recorded_is_a_refusal(folder: Path) -> None:
    """As everywhere."""
    written = (folder / "policy-engine.yaml").read_text("utf-8")
    (folder / "policy-engine.yaml").write_text(written.replace("audit.jsonl", "/dev/full"), "utf-8")
    result = run(*MACHINE, said=PING)
    assert [answer.get("result") for answer in answers(result)] in ([None], [])
    assert b"result" not in result.stdout


def test_a_server_that_says_too_much_is_stopped() -> None:
    """Nobody could look at all of it."""
    code = "import sys; sys.stdin.readline(); sys.stdout.write('x' * 70_000_000); sys.stdout.flush()"
    result = run(*MACHINE, said=PING, server=(sys.executable, "-c", code))
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"too long" in result.stderr


# --- processes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "status"), [("exit 7", 7), ("kill -9 $$", 137)])
def test_the_status_is_the_servers(code: str, status: int) -> None:
    """Or its signal's."""
    assert run(*MACHINE, server=("sh", "-c", code)).returncode == status


def test_it_ends_with_its_server_though_the_client_goes_on() -> None:
    """There is nobody to talk to."""
    with started(*MACHINE, code="raise SystemExit(3)") as process:
        assert process.wait(20) == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_forwarded(number: signal.Signals) -> None:
    """The server says what becomes of them."""
    code = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(9))\n"
        'print(\'{"jsonrpc":"2.0","method":"notifications/ready"}\', flush=True)\n'
        "time.sleep(30)\n"
    )
    with started(*MACHINE, code=code) as process:
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(20) == 9


def test_a_server_outlives_nobody(folder: Path) -> None:
    """One that hears nothing is told, and then ended, with all that it has started."""
    (folder / "deaf.py").write_text(
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}')\n"
        "time.sleep(60)\n",
        "utf-8",
    )
    (folder / "quick.py").write_text(
        "from policy_engine import PolicyEngine\n"
        "from policy_engine.integrations.stdio import Passage, relay\n"
        "from policy_engine.model import Client, Identity, TokenFacts\n"
        "import sys\n"
        "who = Identity(principal=Client(issuer='machines', client_id='ci-bot'), token=TokenFacts())\n"
        "passage = Passage(PolicyEngine.from_config('policy-engine.yaml'), 'notes', who)\n"
        "sys.exit(relay(passage, [sys.executable, 'deaf.py'], grace=1.0))\n",
        "utf-8",
    )
    where = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    result = subprocess.run(
        [sys.executable, "quick.py"], stdin=subprocess.DEVNULL, env=where, timeout=30, check=False
    )
    assert result.returncode == 137
    pids = [int(pid) for pid in (folder / "pids").read_text("utf-8").split()]
    assert len(pids) == 2
    until = time.monotonic() + 5
    while any(_runs(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert [pid for pid in pids if _runs(pid)] == []


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), b"who asks? (give one of --user and --client)"),
        ((*MACHINE, *PERSON), b"who asks? (give one of --user and --client)"),
        (("--client", "machines/stranger"), b"lists no machine `stranger`"),
        (("--user", "machines/ci-bot"), b"is a client of `machines`, so no human is taken for it"),
        ((*MACHINE, "--server", "other"), b"no server is named `other` (configured are: notes)"),
    ],
)
def test_nobody_is_taken_for_granted(folder: Path, arguments: tuple[str, ...], told: bytes) -> None:
    """Without a principal that the configuration knows, no server is started."""
    result = run(*arguments, said=PING, server=("touch", "started"))
    assert (result.returncode, result.stdout, told in result.stderr) == (2, b"", True)
    assert not (folder / "started").exists()


def test_a_server_that_cant_be_started_is_told_of() -> None:
    """As a mistake in the command."""
    result = run(*MACHINE, server=("./none",))
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"error: the server can't be started: No such file or directory" in result.stderr
