"""`policy-engine issuers list-profiles`: what is known of issuers, for people and for programs."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest

from policy_engine.errors import ConfigError
from policy_engine.mapper import load_profile, profile_names
from tests.cli.conftest import PROFILES


def test_every_shipped_profile_has_a_line(project: Any) -> None:
    """Its name, the product, whom it tells, and its flags, with those that must be set marked."""
    result = project.run("list-profiles")

    head, *rows = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert head.split() == ["profile", "issuer", "tells", "flags", "(*", "required)"]
    assert tuple(row.split(" ")[0] for row in rows) == profile_names()
    cells = {row.split(" ")[0]: [cell for cell in row.split("  ") if cell] for row in rows}
    assert [cell.strip() for cell in cells["keycloak"]] == [
        "keycloak", "Keycloak", "machines and people", "cc_refresh_disabled, legacy"
    ]  # fmt: skip
    assert [cell.strip() for cell in cells["spiffe"]] == [
        "spiffe", "SPIFFE, JWT-SVID", "machines only", "trust_domain*"
    ]  # fmt: skip
    assert [cell.strip() for cell in cells["policy-engine"]] == [
        "policy-engine", "The project's own authorization server", "machines"
    ]  # fmt: skip


def test_programs_read_every_profile(project: Any) -> None:
    """The same facts."""
    records = json.loads(project.run("list-profiles", "--format", "json").stdout)

    assert tuple(record["name"] for record in records) == profile_names()
    (spiffe,) = [record for record in records if record["name"] == "spiffe"]
    assert spiffe == {
        "name": "spiffe",
        "title": "SPIFFE, JWT-SVID",
        "machines": True,
        "people": False,
        "machines_only": True,
        "issuer_forms": [],
        "flags": {
            "trust_domain": {
                "type": "text",
                "required": True,
                "description": "The trust domain, in small letters, without `spiffe://`.",
            }
        },
    }


@pytest.mark.parametrize("name", profile_names())
def test_one_profile_is_told_whole(project: Any, name: str) -> None:
    """All its documentation, and a token of each kind; for programs, too."""
    text = project.run("list-profiles", name)
    record = json.loads(project.run("list-profiles", name, "--format", "json").stdout)

    profile = load_profile(name)
    documentation = profile.documentation
    assert (text.exit_code, text.stderr) == (0, "")
    lines = text.stdout.splitlines()
    assert lines[0] == f"profile     {name} ({profile.title})"
    for label, paragraph in (
        ("relies on", documentation.relies_on),
        ("written by", documentation.written_by),
        ("operator", documentation.operator),
    ):
        assert lines.count(f"{label:<12}{paragraph}") == 1
    assert [line[12:] for line in lines if line[12:] in documentation.sources] == list(documentation.sources)
    assert record["documentation"] == documentation.model_dump(mode="json")
    assert set(record["examples"]) == set(profile.examples)
    assert "$" not in json.dumps(record["examples"])


def test_ones_own_profile_can_be_read_too(project: Any) -> None:
    """By its path; what isn't there is an error."""
    (project.folder / "ours.yaml").write_text(
        "title: Ours\n"
        "documentation: {relies_on: The kind., written_by: Us., operator: Nothing., sources: [here, there]}\n"
        "issuer_forms: ['https://<host>/ours']\n"
        "typ: [JWT]\nrequired: [iss, aud, exp, sub]\nalgorithms: [ES256]\nclient_id: sub\n"
        "flags: {strict: {description: Be strict., required: true}}\n"
        'client: kind == "machine"\n'
        "examples: {client: {flags: {strict: true}, header: {typ: JWT}, claims: {sub: $id, exp: $exp}}}\n"
    )

    result = project.run("list-profiles", "ours.yaml")

    assert result.stdout.splitlines() == [
        "profile     ours (Ours)",
        "tells       machines",
        "issuers     https://<host>/ours",
        "relies on   The kind.",
        "written by  Us.",
        "operator    Nothing.",
        "flags       strict: boolean, required. Be strict.",
        "algorithms  ES256",
        "sources     here",
        "            there",
        'example     of a machine\'s token: {"typ": "JWT"}',
        "            {",
        '              "sub": "example-client",',
        '              "exp": 1800000300',
        "            }",
    ]
    with pytest.raises(ConfigError) as caught:
        load_profile("gone")
    assert project.refused("list-profiles", "gone") == (2, [f"error: {caught.value}"])


def test_on_a_terminal_the_table_fits(project: Any) -> None:
    """Columns are as wide as there is room; no name is cut."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "policy_engine", "issuers", "list-profiles"],
        cwd=project.folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "90"},
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    printed = b""
    with suppress(OSError):  # the end of a terminal
        while part := os.read(controller, 65536):
            printed += part
    os.close(controller)

    assert process.wait(60) == 0
    assert b"\x1b[1m" in printed
    lines = re.sub(r"\x1b\[[0-9;]*m", "", printed.decode()).splitlines()
    assert max(len(line) for line in lines) <= 90
    assert tuple(line.split(" ")[0] for line in lines[1:] if not line.startswith(" ")) == profile_names()


def test_a_name_that_a_terminal_would_obey_is_spelt_out(project: Any) -> None:
    """Whoever pastes it sees what it was."""
    status, lines = project.refused("list-profiles", "\x1b]0;owned\x07")

    assert (status, lines[0].startswith("error: "), "`\\u001b]0;owned\\u0007`" in lines[0]) == (2, True, True)


def test_a_profile_of_ones_own_that_a_terminal_would_obey_is_spelt_out(project: Any) -> None:
    """It may be a stranger's, to be looked at first."""
    text = (PROFILES / "rfc9068.yaml").read_text("utf-8")
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    (project.folder / "theirs.yaml").write_text(text.replace(title, 'title: "\\e[2J\\x9b"'))

    shown = project.run("list-profiles", "theirs.yaml")
    as_json = project.run("list-profiles", "theirs.yaml", "--format", "json")

    assert shown.stdout.splitlines()[0] == "profile     theirs (\\u001b[2J\\u009b)"
    assert json.loads(as_json.stdout)["title"] == "\x1b[2J\x9b"
