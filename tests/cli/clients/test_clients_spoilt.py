"""A client whose document can't be read: it alone is of no use, and it can still be dealt with."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

ADD = ("--category", "service", "--resource", "github", "--scope", "issues:read")
SPOILT = {
    "no JSON": "{",
    "empty": "{}",
    "too deep": "[" * 100_000,
    "another's": '{"client_id": "other", "category": "service", "enabled": true}',
    "half of it": '{"client_id": "bad", "category": "service", "secret_hashes": [{"expires_at": "x"}]}',
}
CLIENTS = """\
version: 1
clients:
  - client_id: bad
    category: service
    token_endpoint_auth_method: client_secret_basic
    grant_types: [client_credentials]
    resources: github
    scope: issues:read
    secret: generate
"""


@pytest.fixture(params=[*SPOILT.values()], ids=[*SPOILT])
def spoilt(request: pytest.FixtureRequest, project: Any) -> Any:
    """A project with a client called `bad`, whose document is bad, and a good one."""
    for name in ("bad", "good"):
        project.done("add", name, *ADD)
    with closing(sqlite3.connect(project.folder / "machines.db")) as connection, connection:
        connection.execute("UPDATE clients SET document = ? WHERE client_id = 'bad'", (request.param,))
    return project


def test_it_is_listed_as_unusable(spoilt: Any) -> None:
    """Beside the others, for people and for programs."""
    rows = [line.split() for line in spoilt.done("list").splitlines()]
    assert rows[1:] == [
        ["bad", "unusable", "no"],
        ["good", "service", "client_secret_basic", "github", "issues:read", "yes", "secret"],
    ]
    bad, good = spoilt.json("list")
    times = ("created_at", "changed_at")
    assert bad == {"client_id": "bad", "unusable": True, **{name: bad[name] for name in times}}
    assert (good["client_id"], "unusable" in good) == ("good", False)
    assert spoilt.json("show", "bad") == bad
    assert spoilt.done("show", "bad").splitlines()[:3] == [
        "client    bad",
        "state     unusable: what is registered can't be read, so it gets no tokens",
        'policies  Client::"machines/bad"',
    ]


def test_it_is_left_out_of_an_exported_registry(project: Any) -> None:
    """With a word about it: an engine would refuse the whole file."""
    for name in ("bad", "good"):
        project.done("add", name, *ADD)
    with closing(sqlite3.connect(project.folder / "machines.db")) as connection, connection:
        connection.execute("UPDATE clients SET document = '{}' WHERE client_id = 'bad'")
    file = project.folder / "registry.json"

    result = project.run("export", "--registry", str(file))

    assert (result.exit_code, result.stderr) == (0, "note: left out, as they can't be used: bad\n")
    assert [*json.loads(file.read_text())["clients"]] == ["good"]


def test_it_is_disabled_and_removed(spoilt: Any) -> None:
    """Neither needs what can't be read; no more does what is done to the other."""
    assert spoilt.done("disable", "bad") == "disabled bad: it gets no tokens\n"
    assert spoilt.documents()["bad"]["enabled"] is False
    assert spoilt.run("enable", "bad").exit_code == 2
    spoilt.done("disable", "good")
    spoilt.done("remove", "good", "--yes")
    assert spoilt.done("remove", "bad", "--yes") == "removed bad: its id is never used again\n"
    assert spoilt.dump() == []


def test_it_is_registered_anew_from_its_file(spoilt: Any) -> None:
    """As it should be, with a secret of its own; disabled, as it may have been before it was spoilt."""
    spoilt.write(CLIENTS)

    told = spoilt.done("apply", "-f", str(spoilt.folder / "clients.yaml"))

    assert "secret of bad: " in told
    client = spoilt.json("show", "bad")
    assert (client["category"], client["enabled"]) == ("service", False)
    assert spoilt.done("enable", "bad") == "enabled bad\n"


@pytest.mark.parametrize("how", [(), ("--finish",), ("--cancel",)], ids=["new", "finish", "cancel"])
def test_its_secret_cant_be_replaced(spoilt: Any, how: tuple[str, ...]) -> None:
    """What is left of it can't be what it was, and that is said."""
    result = spoilt.run("rotate", "bad", *how)

    assert result.exit_code == 2
    assert "a bug" not in result.stderr
