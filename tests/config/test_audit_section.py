"""The section `audit`: keys, what is marked and shown, and what a reload goes on with."""

import json
from pathlib import Path
from typing import Any

import pytest

from policy_engine import Client, PolicyEngine
from policy_engine.audit import FileSink, verify_files
from policy_engine.config import audit_verifier, examine, load_config, new_audit_key, public_audit_key
from policy_engine.errors import ConfigError

SCHEMA = {"type": "object", "properties": {"repo": {"type": "string"}, "token": {"type": "string"}}}
TOOLS = {
    "tools": [
        {"reviewed": True, "item": {"name": name, "inputSchema": SCHEMA}} for name in ("look", "a.b", "other")
    ]
}
CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github, catalogue: github.json}
issuers:
  machines: {issuer: https://as.example.com, profile: policy-engine}
policies: look.cedar
audit: """
BOT = Client(issuer="machines", client_id="bot")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A server with pinned tools, and a policy."""
    (tmp_path / "github.json").write_text(json.dumps(TOOLS))
    (tmp_path / "look.cedar").write_text(
        '@id("look") permit (principal is Client, action == Action::"github/look", resource);'
    )
    (tmp_path / "key.jwk").write_text(json.dumps(new_audit_key()))
    (tmp_path / "key.jwk").chmod(0o600)
    return tmp_path


def engine(folder: Path, audit: str) -> PolicyEngine:
    """With this section."""
    (folder / "policy-engine.yaml").write_text(CONFIG + audit + "\n")
    return PolicyEngine.from_config(folder / "policy-engine.yaml")


def call(tool: str = "look", **arguments: Any) -> dict[str, Any]:
    """A call of a tool."""
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def records(folder: Path) -> list[dict[str, Any]]:
    """What was recorded."""
    return [json.loads(line) for line in (folder / "a.jsonl").read_text().splitlines()]


def test_shown_arguments_are_written_for_what_is_allowed_and_refused(folder: Path) -> None:
    """Of the tool that is named, and of no other; names with dots are found in the catalogue."""
    shown = '["github/look.repo", "github/a.b.repo"]'
    deciding = engine(folder, f"{{file: a.jsonl, redact: principal.id, show: {shown}}}")
    for tool in ("look", "a.b", "other"):
        deciding.authorize(BOT, call(tool, repo="acme/app", token="t"))

    found = [(line["code"], line["arguments"], line["principal"]["id"][:9]) for line in records(folder)]
    assert found == [
        ("allowed", {"repo": "acme/app", "token": "redacted"}, "redacted:"),
        ("no_permit", {"repo": "acme/app", "token": "redacted"}, "redacted:"),
        ("no_permit", {"repo": "redacted", "token": "redacted"}, "redacted:"),
    ]


@pytest.mark.parametrize(
    ("audit", "says"),
    [
        (
            '{show: ["github/look.branch"]}',
            "policy-engine.yaml:7:16: `github` has no tool `look` with an argument `branch`"
            " (its arguments: repo, token)",
        ),
        (
            '{show: ["github/lock.repo"]}',
            "policy-engine.yaml:7:16: `github` has no tool `lock` with an argument `repo`"
            " (pinned are: a.b, look, other)",
        ),
        (
            '{show: ["hub/look.repo"]}',
            "policy-engine.yaml:7:16: no server is named `hub` (configured are: github)",
        ),
        (
            '{show: ["look"]}',
            "policy-engine.yaml:7:16: `look` names no argument of a tool"
            " (name it as in `github/create_issue.repo`)",
        ),
        (
            '{show: ["github/look.token"]}',
            "policy-engine.yaml:7:16: `token` is the name of a secret, and never shown (remove it)",
        ),
        (
            "{file: a.jsonl, sign: {env: NO_SUCH_KEY}}",
            "policy-engine.yaml:7:31: the environment variable `NO_SUCH_KEY` isn't set"
            " (make one: policy-engine audit key FILE)",
        ),
        (
            "{file: a.jsonl, sign: {file: none.jwk}}",
            "none.jwk: can't read the key: No such file or directory"
            " (make one: policy-engine audit key FILE)",
        ),
        (
            "{file: a.jsonl, sign: {file: look.cedar}}",
            "look.cedar: others may read the file (chmod 600)",
        ),
        (
            "{file: a.jsonl, redact: jti, redact_key: {file: key.jwk}}",
            "policy-engine.yaml:7:37: the key isn't 32 bytes in base64url"
            " (make one: policy-engine keys encryption-key)",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_when_it_is_loaded(folder: Path, audit: str, says: str) -> None:
    """With its place, and how to mend it."""
    (folder / "look.cedar").chmod(0o644)

    with pytest.raises(ConfigError) as caught:
        engine(folder, audit)

    assert str(caught.value).replace(f"{folder}/", "") == says


def test_validating_finds_a_mistyped_argument_without_any_key(folder: Path) -> None:
    """Where policies are checked, the keys of the log needn't be."""
    audit = '{file: a.jsonl, sign: {env: NO_SUCH_KEY}, show: ["github/look.repo", "github/look.branch"]}'
    (folder / "policy-engine.yaml").write_text(CONFIG + audit + "\n")

    errors = examine(load_config(folder / "policy-engine.yaml")).errors

    assert [error.problem for error in errors] == ["`github` has no tool `look` with an argument `branch`"]


def test_a_reload_goes_on_with_the_file_and_an_engine_that_is_closed_signs_it(folder: Path) -> None:
    """One chain over both generations; another section begins another, and ends the first in order."""
    audit = "{file: a.jsonl, sign: {file: key.jwk}, redact: jti}"
    deciding = engine(folder, audit)
    deciding.authorize(BOT, call(repo="a"))
    sink, redaction = deciding.stages.audit.sink, deciding.stages.audit.redaction
    deciding.reload()
    deciding.authorize(BOT, call(repo="a"))
    again = deciding.stages.audit
    (folder / "policy-engine.yaml").write_text(CONFIG + audit.replace("jti", "note") + "\n")
    deciding.reload()
    deciding.authorize(BOT, call(repo="a"))
    deciding.close()

    lines = records(folder)
    assert isinstance(sink, FileSink)
    assert again.sink is sink
    assert redaction is not None
    assert again.redaction is not None
    assert again.redaction.key == redaction.key
    assert [line.get("event", line.get("code")) for line in lines] == [
        "allowed",
        "checkpoint",
        "allowed",
        "checkpoint",
        "allowed",
        "checkpoint",
    ]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 1, 2]
    public = {"keys": [public_audit_key(folder / "key.jwk")]}
    (folder / "public.jwk").write_text(json.dumps(public))
    assert verify_files([folder / "a.jsonl"], verifier=audit_verifier(folder / "public.jwk")).ok


def test_a_configured_key_gives_the_same_marks_in_each_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a variable; lines of several processes group then."""
    monkeypatch.setenv("MARKS", "A" * 43)
    for _ in range(2):
        engine(folder, "{file: a.jsonl, redact: principal.id, redact_key: {env: MARKS}}").authorize(
            BOT, call()
        )

    one, two = records(folder)
    assert one["principal"] == two["principal"]
    assert one["principal"]["id"].startswith("redacted:")


def test_a_configuration_says_where_each_record_goes(folder: Path) -> None:
    """A server that can't be reached follows the rule, and keeps the record out of no other place."""
    deciding = engine(folder, '{file: a.jsonl, syslog: {tcp: "127.0.0.1:1"}, on_failure: deny}')

    assert deciding.authorize(BOT, call(repo="a")).code == "audit_failed"
    assert [line["code"] for line in records(folder)] == ["allowed"]
    assert load_config(folder / "policy-engine.yaml").config.audit.syslog is not None
