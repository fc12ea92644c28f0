"""The Dockerfile: what it must never do, and as much of what it does as runs without Docker."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

import policy_engine

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "deployment"
KNOWN = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}

Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    """Each instruction and its arguments, of lines that go on put together."""
    text = re.sub(r"^\s*#.*\n", "", (FOLDER / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def stages() -> list[list[Instruction]]:
    """What is done after each FROM."""
    found: list[list[Instruction]] = []
    for each in instructions():
        if each[0] == "FROM":
            found.append([])
        found[-1].append(each)
    return found


def of(stage: list[Instruction], word: str) -> list[str]:
    """The arguments of one instruction in a stage."""
    return [rest for each, rest in stage if each == word]


def copied() -> list[str]:
    """What is taken from the sources."""
    return [name for rest in of(stages()[0], "COPY") for name in rest.split()[:-1]]


def test_only_instructions_that_were_thought_of_are_there() -> None:
    """No ADD, which would fetch; no SHELL, ARG or ONBUILD; and each base has a whole version."""
    assert {word for word, _ in instructions()} == KNOWN
    for base in (rest for word, rest in instructions() if word == "FROM"):
        assert re.fullmatch(r"python:3\.[0-9]+\.[0-9]+-slim-[a-z]+( AS build)?", base)
    assert len(stages()) == 2


def test_no_shell_is_needed() -> None:
    """Whatever is run is run as a list."""
    for word, rest in instructions():
        if word in ("RUN", "ENTRYPOINT", "CMD"):
            assert all(isinstance(part, str) for part in json.loads(rest))
        if word == "HEALTHCHECK":
            assert isinstance(json.loads(rest.partition(" CMD ")[2]), list)


def test_it_runs_as_nobody_with_nothing_but_the_environment() -> None:
    """A user by number, set before anything is started; no source, no compiler, no installer."""
    last = stages()[-1]

    assert of(last, "USER") == ["10001:10001"]
    assert of(last, "COPY") == ["--from=build /opt/policy-engine /opt/policy-engine"]
    assert of(last, "RUN") == []
    assert [word for word, _ in last].index("USER") < [word for word, _ in last].index("ENTRYPOINT")
    assert json.loads(of(stages()[0], "RUN")[-1])[-3:] == ["uninstall", "--yes", "pip"]
    assert json.loads(of(last, "ENTRYPOINT")[0]) == ["/opt/policy-engine/bin/policy-engine"]


def test_nothing_else_is_sent_to_be_built() -> None:
    """What lies about in a checkout may be secret."""
    lines = [
        line
        for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]

    assert lines[0] == "*"
    assert [line[1:] for line in lines if line.startswith("!")] == copied()


def test_what_is_copied_is_enough_for_the_wheel(tmp_path: Path) -> None:
    """And the wheel is the one whose extras are installed."""
    for name in copied():
        source = ROOT / name.removeprefix("./")
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist")]
    subprocess.run([*command, str(tmp_path)], check=True, capture_output=True, timeout=120)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        text, names = archive.read(metadata).decode(), set(archive.namelist())
    (wanted,) = re.findall(r"policy-engine\[([a-z,]+)\]==([0-9.]+)", str(instructions()))

    assert wanted[1] == policy_engine.__version__
    assert set(wanted[0].split(",")) <= set(re.findall(r"^Provides-Extra: (.+)$", text, re.MULTILINE))
    assert {"policy_engine/_bundled/schemas/mcp.cedarschema", "policy_engine/cli/serve/gateway.py"} <= names


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_the_health_check_tells_a_server_that_lives_from_one_that_does_not(
    status: int | None, code: int
) -> None:
    """The very code, at another port; nobody at the port isn't healthy either."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" and status else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    port = server.server_port
    if status is None:
        server.server_close()
    else:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    (check,) = of(stages()[-1], "HEALTHCHECK")
    program, *arguments = json.loads(check.partition(" CMD ")[2])
    arguments[-1] = arguments[-1].replace("8080", str(port))
    found = subprocess.run([sys.executable, *arguments], check=False, capture_output=True, timeout=20)
    if status is not None:
        server.shutdown()
        server.server_close()

    assert program == "/opt/policy-engine/bin/python"
    assert found.returncode == code
