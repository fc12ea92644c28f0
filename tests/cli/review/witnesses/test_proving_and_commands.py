"""A witness with a token that is really signed, and the line that shows it in a shell."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.cli.review.witnesses import command_of, prove

Make = Callable[..., Any]
WRITE = {"token": {"scopes": ["issues:write"]}, "arguments": {"title": 'it\'s "broken"\n$HOME'}}
ELICITED = {"input_responses": ["elicitation"]}


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line as a shell runs it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("kind", ["Client", "User"])
def test_the_token_of_a_witness_opens_what_the_witness_says(make: Make, kind: str) -> None:
    """Signed, verified and mapped, it speaks for exactly that principal, and the same policies decide."""
    project = make()
    call = project.call(f"{kind}::e1", **WRITE)

    proof = prove(project.world, call)

    assert proof is not None
    assert proof.holds
    assert proof.decision.principal == call.principal
    assert [match.id for match in proof.decision.policies] == ["all-issues"]
    assert proof.token not in repr(proof)


def test_what_the_mended_policies_deny_is_no_proof_any_more(make: Make) -> None:
    """The same call, with policies that keep machines out."""
    call = make().call("Client::e1", **WRITE)
    project = make('@id("all-issues") permit (principal is User, action in Action::"call_tool", resource);')

    proof = prove(project.world, call)

    assert proof is not None
    assert (proof.holds, proof.decision.code) == (False, "no_permit")


def test_nobody_has_a_token_of_a_call_that_cannot_be_made(make: Make) -> None:
    """There is nothing to prove."""
    project = make('@id("ghost") permit (principal == Client::"machines/ghost", action, resource);')
    call = project.call("Client::machines/ghost", **WRITE)

    assert (call.reachable, call.decision.code) == (False, "allowed")
    assert prove(project.world, call) is None
    assert command_of(project.loaded, project.world, call) is None


def test_in_development_the_command_mints_the_token_and_evaluates_it(make: Make) -> None:
    """Whatever the arguments hold, the line does in a shell what the witness says."""
    project = make(now=time.time())
    call = project.call("Client::e1", groups=("machines/nightly",), **WRITE)

    command = command_of(project.loaded, project.world, call)

    assert command is not None
    assert command.by == "token"
    assert command.text == (
        "policy-engine token mint --client ci-bot --issuer machines --scope issues:write"
        " --claim 'https://x.example/groups=[\"nightly\"]' | policy-engine evaluate --token -"
        ' --tool create_issue --args \'{"title": "it\'"\'"\'s \\"broken\\"\\n$HOME"}\''
    )
    done = run(command.text, project.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ALLOW  allowed")
    assert 'Client::"machines/ci-bot"' in done.stdout


def test_elsewhere_the_command_names_who_asks(make: Make) -> None:
    """Nobody has the keys of real issuers: `explain` asks for the same without a token."""
    project = make(development=False, now=time.time())
    call = project.call(
        "User::e1", groups=("corp/eng",), actor={"__entity": {"type": "Client", "id": "e2"}}, **WRITE
    )

    command = command_of(project.loaded, project.world, call, Path("policy-engine.yaml").absolute())

    assert command is not None
    assert command.by == "name"
    line = command_of(project.loaded, project.world, call)
    assert line is not None
    assert line.text.startswith(
        "policy-engine explain --user corp/alice --through desktop-agent --scope issues:write --group eng"
        " --tool create_issue --args "
    )
    assert run(line.text, project.folder).returncode == 0


@pytest.mark.parametrize(
    ("action", "context", "text"),
    [
        ("ping", {}, '--message \'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\''),
        ("open_stream", {}, None),
        (
            "ping",
            {"protocol_version": "2025-06-18"},
            '--message \'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\'',
        ),
    ],
)
def test_what_a_command_can_say_is_said(
    make: Make, action: str, context: dict[str, Any], text: str | None
) -> None:
    """Whole messages are; streams, which no option stands for, aren't."""
    project = make()
    call = project.call("Client::e1", action, **context)

    command = command_of(project.loaded, project.world, call)

    assert call.reachable
    assert (None if command is None else command.text.partition(" evaluate --token - ")[2]) == text


def test_a_call_of_another_time_is_no_command(make: Make) -> None:
    """Commands go by the clock on the wall."""
    project = make(
        '@id("later") permit (principal is Client, action, resource)'
        ' when { context.time > datetime("2040-01-01") };'
    )
    later = {"time": {"__extn": {"fn": "datetime", "arg": "2041-01-01"}}}
    call = project.call("Client::e1", "ping", **later)

    assert (call.reachable, call.timely) == (True, False)
    proof = prove(project.world, call)
    assert proof is not None
    assert proof.holds
    assert command_of(project.loaded, project.world, call) is None
