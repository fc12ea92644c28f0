"""`policy-engine token deny`, `undeny` and `denied`: over a real store, and what an engine makes of it."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.jose import SigningKey, sign
from policy_engine.storage import ClientChange, open_store

Run = Callable[..., Result]

CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github, unpinned: allow}
issuers:
  machines: {issuer: https://as.example.com, profile: policy-engine, clients: registry}
authserver:
  issuer: https://as.example.com
  store: machines.db
  key_encryption: {file: authserver.key}
  scopes: {github: [issues:read]}
policies: p.cedar
"""
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy-engine token` in a folder with a configuration and a registered machine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    (tmp_path / "p.cedar").write_text('@id("m") permit (principal is Client, action, resource);')
    store = open_store(f"sqlite:///{tmp_path}/machines.db")
    document = {"client_id": "ci-bot", "category": "service", "enabled": True}
    change = ClientChange(client_id="ci-bot", document=document)
    store.clients.change([change], expected_version=None, now=0)
    store.close()
    return lambda *arguments: CliRunner().invoke(app, ["token", *arguments])


def listed(run: Run) -> list[dict[str, Any]]:
    """What is listed for programs."""
    result = run("denied", "--format", "json")
    assert result.exit_code == 0
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def moment(text: str) -> float:
    """Seconds since the epoch."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def test_what_is_denied_is_listed_until_it_isnt(run: Run) -> None:
    """With its reason, and its end."""
    before = int(time.time())
    first = run("deny", "--subject", "ci-bot", "--for", "2h", "--reason", "leaked")
    second = run("deny", "--jti", "-t-1")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert re.fullmatch(rf"denied subject ci-bot until {TIME}\n", first.stdout)
    assert second.stdout == "denied jti -t-1 for ever\n"
    jti, subject = listed(run)
    assert (jti["kind"], jti["value"], jti["reason"], jti["until"]) == ("jti", "-t-1", "", None)
    assert (subject["kind"], subject["value"], subject["reason"]) == ("subject", "ci-bot", "leaked")
    assert moment(subject["until"]) - moment(subject["since"]) == 7200
    assert before <= moment(subject["since"]) <= time.time()

    table = run("denied").stdout.splitlines()
    assert table[0].split() == ["kind", "value", "since", "until", "reason"]
    assert re.fullmatch(rf"jti      -t-1    {TIME}  -                     -", table[1])
    assert re.fullmatch(rf"subject  ci-bot  {TIME}  {TIME}  leaked", table[2])

    gone, again = run("undeny", "--jti", "-t-1"), run("undeny", "--jti", "-t-1")
    assert (gone.exit_code, gone.stdout) == (0, "jti -t-1 is denied no longer\n")
    assert (again.exit_code, again.stdout) == (1, "jti -t-1 was not denied\n")
    assert run("undeny", "--subject", "ci-bot").exit_code == 0
    assert run("denied").stdout == "nothing is denied\n"


def test_denying_again_replaces_what_was_said(run: Run) -> None:
    """Its end, and its reason."""
    run("deny", "--jti", "t-1", "--reason", "first")
    result = run(
        "deny",
        "--jti",
        "t-1",
        "--until",
        "2099-01-01T02:00:00+02:00",
        "--reason",
        "second",
        "--format",
        "json",
    )

    (only,) = listed(run)
    assert only == json.loads(result.stdout)
    assert (only["reason"], only["until"]) == ("second", "2099-01-01T00:00:00Z")


def test_the_answers_for_programs_are_json(run: Run) -> None:
    """Those of `undeny` too, whichever it is."""
    run("deny", "--jti", "t-1")
    answers = [run("undeny", "--jti", "t-1", "--format", "json") for _ in range(2)]

    assert [(answer.exit_code, json.loads(answer.stdout)) for answer in answers] == [
        (0, {"kind": "jti", "value": "t-1", "removed": True}),
        (1, {"kind": "jti", "value": "t-1", "removed": False}),
    ]


WRONG = {
    "nothing is named": (["deny"], "which tokens? (give either --jti or --subject)"),
    "both are named": (
        ["undeny", "--jti", "a", "--subject", "b"],
        "which tokens? (give either --jti or --subject)",
    ),
    "an empty id": (["deny", "--jti", ""], "--jti isn't an id (copy it from the record of a decision)"),
    "an id with a newline": (
        ["deny", "--subject", "a\nb"],
        "--subject isn't an id (copy it from the record of a decision)",
    ),
    "two ends": (
        ["deny", "--jti", "a", "--for", "1h", "--until", "2099-01-01T00:00:00Z"],
        "when does it end? (give either --until or --for)",
    ),
    "no unit": (["deny", "--jti", "a", "--for", "60"], "--for isn't a time (write 90s, 30m, 24h or 7d)"),
    "no time at all": (
        ["deny", "--jti", "a", "--for", "0s"],
        "--for isn't a time (write 90s, 30m, 24h or 7d)",
    ),
    "no zone": (
        ["deny", "--jti", "a", "--until", "2099-01-01T00:00:00"],
        "--until isn't a time with its zone (write 2026-12-31T00:00:00Z)",
    ),
    "no date": (
        ["deny", "--jti", "a", "--until", "tomorrow"],
        "--until isn't a time with its zone (write 2026-12-31T00:00:00Z)",
    ),
    "in the past": (
        ["deny", "--jti", "a", "--until", "2020-01-01T00:00:00Z"],
        "--until is over (write a time to come)",
    ),
    "too far away": (
        ["deny", "--jti", "a", "--for", "9999999d"],
        "that is too far away (leave --for and --until out: it is for ever then)",
    ),
    "a long reason": (
        ["deny", "--jti", "a", "--reason", "x" * 1001],
        "--reason isn't one short line (write a sentence)",
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), WRONG.values(), ids=WRONG.keys())
def test_what_cant_be_meant_denies_nothing(run: Run, arguments: list[str], expected: str) -> None:
    """The error says what to write instead."""
    result = run(*arguments)

    assert (result.exit_code, result.stderr) == (2, f"error: {expected}\n")
    assert listed(run) == []


def test_a_configuration_without_a_server_of_its_own_has_no_such_list(run: Run, tmp_path: Path) -> None:
    """Nor does a store come about by looking."""
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "policy-engine.yaml").write_text(CONFIG)
    looked = run("denied", "--config", "none/policy-engine.yaml")
    lines = CONFIG.replace("clients: registry", "clients: {}").splitlines(keepends=True)
    at = lines.index("authserver:\n")
    (tmp_path / "none" / "other.yaml").write_text("".join([*lines[:at], *lines[at + 5 :]]))
    denied = run("deny", "--jti", "a", "--config", "none/other.yaml")

    assert (looked.exit_code, denied.exit_code) == (2, 2)
    assert "there is no store at" in looked.stderr
    assert "the configuration has no `authserver`" in denied.stderr
    assert not (tmp_path / "none" / "machines.db").exists()


@pytest.mark.usefixtures("run")
def test_a_registered_machine_can_be_asked_for_by_its_id() -> None:
    """Commands read the registry as an engine does."""
    machines = ("ci-bot", "x")
    asked = [
        CliRunner().invoke(app, ["explain", "--client", f"machines/{each}", "--tool", "list_issues"])
        for each in machines
    ]

    assert asked[0].stdout.startswith("ALLOW")
    assert (asked[1].exit_code, "lists no machine `x`" in asked[1].stderr) == (2, True)


def test_whoever_inspects_a_token_is_told_that_it_was_taken_back(run: Run, tmp_path: Path) -> None:
    """And by which command it counts again."""
    key, now = SigningKey.generate("ES256"), int(time.time())
    (tmp_path / "as.jwks.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
    keys = "clients: registry, keys: {file: as.jwks.json}"
    (tmp_path / "policy-engine.yaml").write_text(CONFIG.replace("clients: registry", keys))
    claims = {
        "iss": "https://as.example.com",
        "aud": "https://mcp.example.com/github",
        "sub": "ci-bot",
        "client_id": "ci-bot",
        "gty": "client_credentials",
        "sub_profile": "service",
        "iat": now,
        "exp": now + 300,
        "jti": "t-1",
    }
    (tmp_path / "t").write_text(sign(claims, key, typ="at+jwt"))
    stranger = claims | {"sub": "x", "client_id": "x"}
    (tmp_path / "x").write_text(sign(stranger, key, typ="at+jwt"))

    assert run("inspect", "@t").exit_code == 0
    run("deny", "--jti", "t-1")
    denied, unknown = run("inspect", "@t"), run("inspect", "@x")

    assert (denied.exit_code, unknown.exit_code) == (1, 1)
    assert "revoked_token (jti)" in denied.stdout
    assert "policy-engine token undeny --jti ID" in denied.stdout
    assert "revoked_token (jti)" in unknown.stdout
    run("undeny", "--jti", "t-1")
    assert "register it: policy-engine clients add x" in run("inspect", "@x").stdout


@pytest.mark.usefixtures("run")
def test_checking_an_issuer_counts_its_registered_machines() -> None:
    """Or says why that can't be done."""
    result = CliRunner().invoke(app, ["issuers", "check", "machines"])

    assert "1 registered machine, and 0 disabled" in result.stdout
