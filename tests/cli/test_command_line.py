"""The command line, run as its user runs it: a process, its output and its exit status."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import cedarpy
import pytest

from policy_engine import __version__
from policy_engine.jose import SigningKey
from tests.plugins.commands import command_path

Run = Callable[..., subprocess.CompletedProcess[str]]

CONFIG = """\
version: 1
development: true
servers:
  github: {resource: https://mcp.example.com/github, catalogue: catalogue.json}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    development_key: corp.private.json
    clients:
      desktop-agent: {grants: [authorization_code], acts_for_users: true}
    claims: {user: {groups: groups}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    development_key: machines.private.json
    clients:
      ci-bot: {grants: [client_credentials]}
policies: policies/
"""
POLICIES = """\
@id("people") permit (principal is User, action in Action::"github/*", resource);

@id("ci-opens-issues")
permit (principal == Client::"machines/ci-bot", action == Action::"github/create_issue", resource)
when { context.token.scopes.contains("issues:write") };
"""
CATALOGUE = {
    "tools": [
        {
            "name": "create_issue",
            "inputSchema": {
                "type": "object",
                "properties": {"repo": {"type": "string"}},
                "required": ["repo"],
            },
        }
    ]
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A development project with two issuers."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.cedar").write_text(POLICIES)
    (tmp_path / "catalogue.json").write_text(json.dumps(CATALOGUE))
    for name in ("corp", "machines"):
        (tmp_path / f"{name}.private.json").write_text(json.dumps(SigningKey.generate("ES256").to_jwk()))
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """Run `policy-engine` in the project."""

    def command(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(command_path()), *arguments],
            cwd=project,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        )

    return command


def test_a_minted_token_is_decided_on(run: Run) -> None:
    """`token mint`, then `evaluate`: 0 for an allowed call, 1 for a denied one."""
    token = run("token", "mint", "--client", "ci-bot", "--scope", "issues:write").stdout.strip()
    plain = run("token", "mint", "--client", "ci-bot").stdout.strip()
    question = ("--tool", "create_issue", "--args", '{"repo": "a"}')

    allowed = run("evaluate", "--token", token, *question)
    denied = run("evaluate", "--token", "-", *question, stdin=plain)

    assert (allowed.returncode, allowed.stderr) == (0, "")
    assert allowed.stdout == (
        "ALLOW  allowed: a permit applied and no forbid did\n"
        '  principal  Client::"machines/ci-bot"\n'
        '  action     Action::"github/create_issue"\n'
        '  resource   Tool::"github/create_issue"\n'
        "  policies   ci-opens-issues\n"
        "  status     200\n"
    )
    assert denied.returncode == 1
    assert denied.stdout.splitlines()[0] == (
        "DENY  insufficient_scope: policies would allow it if the token had more scopes, which the answer "
        "names (RFC 6750)"
    )


def test_a_decision_is_told_to_programs(run: Run, project: Path) -> None:
    """`--format json` prints the audit record; a message can be given whole, from a file."""
    token = run("token", "mint", "--user", "alice", "--through", "desktop-agent").stdout.strip()
    (project / "message.json").write_text('{"jsonrpc":"2.0","id":"x","method":"ping"}')

    result = run("evaluate", "-t", token, "-m", "@message.json", "--format", "json")

    record = json.loads(result.stdout)
    assert result.returncode == 1
    assert (record["code"], record["request_id"], record["method"]) == ("no_permit", "x", "ping")
    assert (record["principal"]["id"], record["actor"]["id"]) == ("corp/alice", "corp/desktop-agent")


def test_a_token_is_inspected_without_being_printed(run: Run) -> None:
    """Issuer, evidence for and against each kind, and the entity."""
    token = run("token", "mint", "--user", "alice", "--claim", 'groups=["eng"]').stdout.strip()

    text = run("token", "inspect", token)
    data = run("token", "inspect", "-", "--format", "json", stdin=token)

    assert text.returncode == data.returncode == 0
    assert 'accepted  User::"corp/alice"' in text.stdout
    assert token not in text.stdout + data.stdout
    found = json.loads(data.stdout)
    assert found["entity"]["parents"] == [{"type": "Group", "id": "corp/eng"}]
    assert (found["issuer"], found["profile"], found["kind"]) == ("corp", "rfc9068", "user")
    assert (found["accepted"], found["verified"]) == (True, True)
    assert {clause["holds"] for clause in found["evidence"]["user"]} >= {True}


@pytest.mark.parametrize(
    ("mint", "code"),
    [
        (("--client", "stranger", "--issuer", "machines"), "unregistered_client"),
        (("--user", "ci-bot", "--through", "ci-bot"), "ambiguous_principal (conflict)"),
        (("--user", "alice", "--claim", 'aud="https://other.example.com"'), "invalid_audience"),
        (("--user", "alice", "--claim", "exp=1"), "expired_token"),
    ],
)
def test_a_refused_token_says_why(run: Run, mint: tuple[str, ...], code: str) -> None:
    """Exit status 1, the code, and one sentence."""
    token = run("token", "mint", *mint).stdout.strip()

    result = run("token", "inspect", token)

    assert result.returncode == 1
    assert f"REFUSED   {code}: " in result.stdout
    assert result.stdout.splitlines()[0].startswith(("issuer    corp", "issuer    machines"))


def test_an_audience_for_the_other_kind_is_refused(run: Run, project: Path) -> None:
    """`inspect` refuses what `evaluate` would."""
    file = project / "policy-engine.yaml"
    audiences = "audiences: {corp: {user: 'api://people', client: 'api://machines'}}, catalogue"
    file.write_text(file.read_text().replace("catalogue", audiences, 1))
    token = run("token", "mint", "--user", "alice", "--claim", 'aud="api://machines"').stdout.strip()

    assert run("token", "inspect", run("token", "mint", "--user", "alice").stdout.strip()).returncode == 0
    assert "REFUSED   invalid_audience: " in run("token", "inspect", token).stdout


def test_a_good_configuration_is_valid(run: Run) -> None:
    """One line, exit status 0."""
    result = run("validate")

    assert (result.returncode, result.stdout) == (
        0,
        "valid: 2 policies, 1 server, 1 pinned tool, 0 warnings\n",
    )


def test_an_untyped_permit_is_warned_about(run: Run, project: Path) -> None:
    """`permit(principal, action, resource);` is open to machines and people alike."""
    (project / "policies" / "q.cedar").write_text('@id("open")\npermit(principal, action, resource);\n')

    result = run("validate")
    strict = run("validate", "--strict")
    data = json.loads(run("validate", "--format", "json").stdout)

    assert (result.returncode, strict.returncode) == (0, 1)
    assert result.stdout.splitlines()[0] == (
        f"warning: {project}/policies/q.cedar:2:8: PS001 `open`: "
        "the permit is open to people and to machines "
        '(write `principal is User` or `principal is Client`, or say so: `@kinds("both")`)'
    )
    assert [(warning["code"], warning["policy"]) for warning in data["warnings"]] == [("PS001", "open")]
    assert data["valid"] is True


def test_every_policy_error_is_reported_at_its_place(run: Run, project: Path) -> None:
    """All at once, exit status 1."""
    (project / "policies" / "q.cedar").write_text(
        '@id("a") permit (principal is User, action, resource) when { context.nope };\n'
        '@id("b") permit (principal == User::"crop/x", action, resource);\n'
    )

    result = run("validate")

    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert [line.split(": ")[1] for line in lines if line.startswith("error: ")] == [
        f"{project}/policies/q.cedar:1:70",
        f"{project}/policies/q.cedar:2:31",
    ]
    assert len(json.loads(run("validate", "--format", "json").stdout)["errors"]) == 2
    assert lines[-1] == "invalid: 2 errors"


USAGE = {
    "no configuration": (("validate", "--config", "none.yaml"), "there is no such configuration file"),
    "no message": (("evaluate", "--token", "x"), "no message"),
    "arguments that aren't JSON": (("evaluate", "--tool", "x", "--args", "{"), "--args isn't JSON"),
    "a file that isn't there": (("evaluate", "--tool", "x", "--token", "@none"), "can't read the token"),
    "nobody's token": (("token", "mint"), "whose token?"),
    "a token of nobody's issuer": (("token", "mint", "--client", "x"), "not exactly one issuer"),
    "an unknown issuer": (("token", "mint", "--client", "x", "--issuer", "y"), "no issuer is named `y`"),
    "a claim that isn't JSON": (
        ("token", "mint", "--user", "x", "--claim", "y=z"),
        "--claim isn't NAME=JSON",
    ),
    "an unknown server": (("token", "inspect", "x", "--server", "y"), "no server is named `y`"),
    "a server that isn't configured": (
        ("evaluate", "--tool", "x", "--server", "y"),
        "no server is named `y`",
    ),
    "a file's name as a token": (
        ("evaluate", "--tool", "x", "--token", "catalogue.json"),
        "write `@catalogue.json`",
    ),
    "an unknown option": (("validate", "--nonsense"), "No such option"),
}


@pytest.mark.parametrize(("arguments", "says"), USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_explained(run: Run, arguments: tuple[str, ...], says: str) -> None:
    """Exit status 2, one sentence on standard error, no traceback."""
    result = run(*arguments)

    assert (result.returncode, result.stdout) == (2, "")
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_tokens_are_minted_in_development_only(run: Run, project: Path) -> None:
    """A configuration that isn't for development has no keys to sign with."""
    file = project / "policy-engine.yaml"
    file.write_text(file.read_text().replace("development: true\n", ""))

    result = run("token", "mint", "--client", "ci-bot")

    assert result.returncode == 2
    assert "a private key stands in a configuration that isn't for development" in result.stderr


def test_the_demo_tells_machine_from_human(run: Run) -> None:
    """Three bearers, one `sub`: the decisions differ where they should; the untyped rule allows all."""
    rows = json.loads(run("demo", "--format", "json").stdout)
    text = run("demo")

    assert text.returncode == 0
    assert "machines-not-destructive" in text.stdout
    outcome = {(row["bearer"], row["call"]): (row["allowed"], row["code"], row["policies"]) for row in rows}
    assert {row["principal"] for row in rows} == {'Client::"machines/ci-bot"', 'User::"corp/ci-bot"'}
    assert {row["untyped_rule_allows"] for row in rows} == {True}
    assert outcome == {
        ("the machine", "list_issues acme/app"): (False, "no_permit", []),
        ("the machine", "create_issue acme/app"): (True, "allowed", ["ci-opens-issues"]),
        ("the machine", "create_issue acme/payroll"): (False, "no_permit", []),
        ("the machine", "delete_repository acme/app"): (False, "forbidden", ["machines-not-destructive"]),
        ("the human", "list_issues acme/app"): (True, "allowed", ["people-read", "people-write"]),
        ("the human", "create_issue acme/app"): (True, "allowed", ["people-write"]),
        ("the human", "create_issue acme/payroll"): (True, "allowed", ["people-write"]),
        ("the human", "delete_repository acme/app"): (True, "allowed", ["people-write"]),
        ("the human's agent", "list_issues acme/app"): (False, "no_permit", []),
        ("the human's agent", "create_issue acme/app"): (True, "allowed", ["agents-open-issues"]),
        ("the human's agent", "create_issue acme/payroll"): (True, "allowed", ["agents-open-issues"]),
        ("the human's agent", "delete_repository acme/app"): (False, "no_permit", []),
    }


def test_the_schema_is_one_that_cedar_reads(run: Run) -> None:
    """Text and JSON are the same schema, with an action for each pinned tool."""
    text, data = run("schema"), run("schema", "--format", "json")

    assert (text.returncode, data.returncode) == (0, 0)
    parsed = json.loads(data.stdout)
    assert "github/create_issue" in parsed[""]["actions"]
    plain = str(cedarpy.Schema.from_json_str(data.stdout)).replace("__cedar::", "")
    assert str(cedarpy.Schema.from_str(text.stdout)) == plain


def test_version_and_help(run: Run) -> None:
    """What every command line answers."""
    assert run("--version").stdout == f"policy-engine {__version__}\n"
    helped = run("--help").stdout
    assert {name for name in ("demo", "evaluate", "validate", "token") if name in helped} == {
        "demo",
        "evaluate",
        "validate",
        "token",
    }
