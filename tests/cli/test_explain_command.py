"""`policy-engine explain` and `evaluate --explain`, run as their user runs them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli.main import app
from policy_engine.jose import SigningKey

Run = Callable[..., Result]

CONFIG = """\
version: 1
development: true
servers:
  delivery: {resource: https://mcp.example.com/delivery, catalogue: catalogue.json}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    development_key: corp.private.json
    clients:
      desktop-agent: {grants: [authorization_code], acts_for_users: true, groups: [agents]}
      portal: {grants: [authorization_code]}
    claims: {user: {groups: groups}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    development_key: machines.private.json
    clients:
      ci-bot: {grants: [client_credentials], groups: [ci], roles: [builder], attributes: {team: [a]}}
policies: p.cedar
audit: {file: audit.jsonl}
"""
POLICIES = """\
@id("ci-deploys-to-staging")
permit (principal == Client::"machines/ci-bot", action == Action::"delivery/deploy", resource)
when { context.arguments.env == "staging" && context.token.scopes.contains("deploy") };

@id("platform-deploys") @advice("ask #platform")
permit (principal in Group::"corp/platform", action == Action::"delivery/deploy", resource);
"""
DEPLOY = {
    "name": "deploy",
    "inputSchema": {
        "type": "object",
        "properties": {"env": {"type": "string"}},
        "required": ["env"],
    },
}
PROD = ("--tool", "deploy", "--args", '{"env": "prod"}')
STAGING = ("--tool", "deploy", "--args", '{"env": "staging"}')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A development project with two issuers."""
    path = tmp_path_factory.mktemp("project")
    (path / "p.cedar").write_text(POLICIES)
    (path / "catalogue.json").write_text(json.dumps({"tools": [DEPLOY]}))
    for name in ("corp", "machines"):
        (path / f"{name}.private.json").write_text(json.dumps(SigningKey.generate("ES256").to_jwk()))
    (path / "policy-engine.yaml").write_text(CONFIG)
    return path


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy-engine` in the project, within this process: starting one takes a second."""
    monkeypatch.chdir(folder)
    runner = CliRunner()

    def command(*arguments: str) -> Result:
        return runner.invoke(app, arguments, catch_exceptions=False)

    return command


def test_it_runs_as_a_process(folder: Path) -> None:
    """On standard output, with an exit status."""
    command = [sys.executable, "-m", "policy_engine", "explain", "--client", "machines/ci-bot", *STAGING]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)

    assert (result.returncode, result.stderr) == (1, "")
    assert 'the token lacks the scope "deploy"' in result.stdout


def test_a_denied_machine_learns_which_condition_failed(run: Run, folder: Path) -> None:
    """With a caret under it and its value; then what else came near."""
    result = run("explain", "--client", "machines/ci-bot", "--scope", "deploy", *PROD)

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "DENY  no_permit: no permit applied\n"
        '  principal  Client::"machines/ci-bot", a machine (service)\n'
        '  action     Action::"delivery/deploy"\n'
        '  resource   Tool::"delivery/deploy"\n'
        "\n"
        "permit `ci-deploys-to-staging` doesn't apply: 1 thing would have to differ  "
        f"({folder}/p.cedar:1:1)\n"
        '  3 | when { context.arguments.env == "staging" && context.token.scopes.contains("deploy") };\n'
        "             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
        'argument `env` is "prod", needs "staging"\n'
        "\n"
        f"permit `platform-deploys` doesn't apply: 1 thing would have to differ  ({folder}/p.cedar:5:1)\n"
        '  6 | permit (principal in Group::"corp/platform", action == Action::"delivery/deploy", resource);\n'
        "              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
        'needs a User in Group::"corp/platform", you are a Client\n'
        "  = advice: ask #platform\n"
    )


@pytest.mark.parametrize(
    ("who", "status", "line"),
    [
        (("--client", "machines/ci-bot", "--scope", "deploy"), 0, "by=ci-deploys-to-staging"),
        (("--client", "machines/ci-bot"), 1, "near=ci-deploys-to-staging(scope deploy)"),
        (("--user", "corp/alice", "--group", "platform"), 0, "by=platform-deploys"),
        (
            ("--user", "corp/alice", "--group", "eng"),
            1,
            'near=platform-deploys(group Group::"corp/platform")',
        ),
        (("--user", "corp/alice", "--group", "platform", "--through", "portal"), 0, "by=platform-deploys"),
        (
            ("--user", "corp/alice", "--group", "platform", "--through", "desktop-agent"),
            1,
            'actor=Client::"corp/desktop-agent"',
        ),
        (
            (
                "--user",
                "corp/alice",
                "--role",
                "admin",
                "--email",
                "a@example.com",
                "--tag",
                "d=x",
                "--tag",
                "d=y",
            ),
            1,
            "near=platform-deploys",
        ),
    ],
)
def test_somebody_can_be_named_in_place_of_a_token(
    run: Run, who: tuple[str, ...], status: int, line: str
) -> None:
    """With groups, scopes and an agent, as a token of theirs would have them."""
    result = run("explain", *who, *STAGING, "--format", "compact")

    assert (result.exit_code, result.stderr) == (status, "")
    assert line in result.stdout
    assert result.stdout.count("\n") == 1


def test_a_machine_is_what_the_configuration_says_of_it(run: Run, folder: Path) -> None:
    """Groups, roles and attributes that are listed, and those that are given."""
    (folder / "q.cedar").write_text(
        '@id("p") permit (principal in ClientGroup::"machines/ci", action, resource) when { '
        'principal in ClientRole::"machines/builder" && principal in ClientGroup::"machines/x" && '
        'principal.hasTag("team") && principal.getTag("team").contains("a") && '
        'principal.hasTag("more") && principal.getTag("more").contains("b") && '
        'context.token has grant && context.token.grant == "client_credentials" };'
    )
    config = folder / "q.yaml"
    config.write_text(CONFIG.replace("p.cedar", "q.cedar"))
    asked = ("explain", "--config", "q.yaml", "--client", "machines/ci-bot", *STAGING, "--format", "compact")

    assert "by=p" in run(*asked, "--group", "x", "--tag", "more=b").stdout
    assert "near=p(" in run(*asked, "--group", "x").stdout


def test_a_token_is_explained_like_its_principal(run: Run) -> None:
    """And `evaluate --explain` says the same."""
    token = run("token", "mint", "--client", "ci-bot", "--scope", "deploy").stdout.strip()

    by_token = run("explain", "--token", token, *PROD)
    by_name = run("explain", "--client", "machines/ci-bot", "--scope", "deploy", *PROD)
    evaluated = run("evaluate", "--explain", "--token", token, *PROD)

    assert by_token.exit_code == by_name.exit_code == evaluated.exit_code == 1
    assert by_token.stdout == by_name.stdout == evaluated.stdout


def test_programs_get_json(run: Run) -> None:
    """Decision, questions, policies, findings; `evaluate --explain` adds it to the record."""
    token = run("token", "mint", "--client", "ci-bot", "--scope", "deploy").stdout.strip()

    explained = json.loads(run("explain", "--token", token, *PROD, "--format", "json").stdout)
    everything = json.loads(run("explain", "--token", token, *PROD, "--format", "json", "--all").stdout)
    evaluated = json.loads(run("evaluate", "--explain", "--token", token, *PROD, "--format", "json").stdout)

    assert (explained["decision"], explained["code"]) == ("deny", "no_permit")
    assert [policy["id"] for policy in explained["questions"][0]["policies"]] == [
        "ci-deploys-to-staging",
        "platform-deploys",
    ]
    assert everything == explained
    assert evaluated.pop("explanation") == explained
    assert "explanation" not in json.loads(
        run("evaluate", "--token", token, *PROD, "--format", "json").stdout
    )


def test_evaluate_names_the_condition_that_failed(run: Run) -> None:
    """One line a policy, without being asked; nothing is added to a decision that allows."""
    token = run("token", "mint", "--client", "ci-bot", "--scope", "deploy").stdout.strip()

    denied, allowed = (run("evaluate", "--token", token, *call) for call in (PROD, STAGING))

    assert (denied.exit_code, allowed.exit_code) == (1, 0)
    assert denied.stdout.splitlines()[-2:] == [
        '  why        ci-deploys-to-staging: argument `env` is "prod", needs "staging"',
        '  why        platform-deploys: needs a User in Group::"corp/platform", you are a Client',
    ]
    assert "why" not in allowed.stdout


def test_explaining_is_not_recorded_and_evaluating_is_once(run: Run, folder: Path) -> None:
    """The audit file gets a line for each decision that somebody was given."""
    audit = folder / "audit.jsonl"
    token = run("token", "mint", "--client", "ci-bot").stdout.strip()
    before = len(audit.read_text().splitlines()) if audit.exists() else 0

    run("explain", "--token", token, *PROD)
    run("evaluate", "--token", token, *PROD, "--explain")

    assert len(audit.read_text().splitlines()) == before + 1


def test_a_decision_that_could_not_be_recorded_is_the_one_explained(run: Run, folder: Path) -> None:
    """Policies allow it, and it was refused all the same."""
    (folder / "full.yaml").write_text(CONFIG.replace("audit.jsonl", "/dev/full"))
    token = run("token", "mint", "--client", "ci-bot", "--scope", "deploy").stdout.strip()
    result = run("evaluate", "--config", "full.yaml", "--token", token, *STAGING, "--explain")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].startswith("DENY  audit_failed: ")
    assert "permit `ci-deploys-to-staging` allows it" in result.stdout


def test_a_caller_is_told_no_value(run: Run) -> None:
    """Neither of the request nor of a policy; ids and advice if they are asked for."""
    asked = ("explain", "--client", "machines/ci-bot", "--scope", "deploy", *PROD, "--caller")

    text, ids, data = run(*asked), run(*asked, "--ids"), run(*asked, "--format", "json")
    allowed = run("explain", "--user", "corp/alice", "--group", "platform", *PROD, "--caller")

    assert (text.exit_code, allowed.exit_code) == (1, 0)
    assert text.stdout == (
        "Forbidden\n"
        "  It isn't for this kind of caller: people and machines have different rights.\n"
        "  An argument isn't one that is allowed.\n"
    )
    assert ids.stdout.splitlines()[-2:] == ["  ci-deploys-to-staging", "  platform-deploys: ask #platform"]
    assert [hint["subject"] for hint in json.loads(data.stdout)["hints"]] == ["kind", "argument"]
    assert allowed.stdout == "Allowed\n"


def test_any_message_can_be_asked_about(run: Run) -> None:
    """Given whole, as for `evaluate`."""
    message = '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
    result = run("explain", "--client", "machines/ci-bot", "--message", message, "--format", "compact")

    assert result.exit_code == 1
    assert 'action=Action::"list_tools" resource=Server::"delivery"' in result.stdout


def test_a_refusal_before_the_policies_is_explained(run: Run) -> None:
    """A token that opens nothing, arguments that don't fit."""
    token = run("explain", "--token", "nonsense", *PROD)
    arguments = run("explain", "--client", "machines/ci-bot", "--tool", "deploy", "--args", '{"env": 7}')

    assert (token.exit_code, arguments.exit_code) == (1, 1)
    assert token.stdout.splitlines()[0].startswith("DENY  malformed_token (not_compact): ")
    assert arguments.stdout.splitlines()[0].startswith("DENY  invalid_arguments (wrong_type): ")
    assert arguments.stdout.splitlines()[-1] == "  It was refused before the policies were asked."


USAGE = {
    "nobody": ((*PROD,), "who asks? (give one of --token, --user and --client)"),
    "two": (("--user", "corp/a", "--client", "machines/ci-bot", *PROD), "who asks?"),
    "a token and a name": (("--token", "x", "--user", "corp/a", *PROD), "give either --token, or a name"),
    "a token and a scope": (("--token", "x", "--scope", "a", *PROD), "give either --token, or a name"),
    "no issuer": (("--user", "alice", *PROD), "--user isn't `<issuer>/<id>` (issuers are: corp, machines)"),
    "an unknown issuer": (("--client", "crop/x", *PROD), "no issuer is named `crop`"),
    "an unlisted machine": (("--client", "machines/x", *PROD), "`machines` lists no machine `x`"),
    "an application as a machine": (("--client", "corp/portal", *PROD), "`corp` lists no machine `portal`"),
    "a client as a human": (("--user", "machines/ci-bot", *PROD), "`ci-bot` is a client of `machines`"),
    "an unlisted agent": (("--user", "corp/a", "--through", "x", *PROD), "`corp` lists no client `x`"),
    "a machine through another": (
        ("--client", "machines/ci-bot", "--through", "portal", *PROD),
        "a machine has no email, and acts for itself",
    ),
    "a tag without a value": (("--user", "corp/a", "--tag", "x", *PROD), "--tag isn't NAME=VALUE"),
    "no message": (("--user", "corp/a"), "no message"),
    "arguments that aren't JSON": (
        ("--user", "corp/a", "--tool", "deploy", "--args", "{"),
        "--args isn't JSON",
    ),
    "an unknown server": (("--user", "corp/a", "--server", "y", *PROD), "no server is named `y`"),
}


@pytest.mark.parametrize(("arguments", "says"), USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_explained(run: Run, arguments: tuple[str, ...], says: str) -> None:
    """Exit status 2, one sentence on standard error, no traceback."""
    result = run("explain", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert "Traceback" not in result.stderr
