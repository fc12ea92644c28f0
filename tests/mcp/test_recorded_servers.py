"""Real servers: all that they list is pinned, and mistakes in policies about their tools are told in place.

The recordings are made by `tests/vectors/record_servers.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.jose import SigningKey
from policy_engine.mcp import item_digest

RECORDED = sorted((Path(__file__).parents[1] / "vectors" / "servers").glob("*.json"))
KINDS = ("tools", "prompts", "resources", "resourceTemplates")

CONFIG = """\
version: 1
servers:
  recorded:
    resource: https://mcp.example.com/recorded
    unpinned: deny
issuers:
  corp: {issuer: "https://login.example.com", profile: rfc9068, keys: {file: corp.jwks.json}}
policies: policies/
"""

LITERALS = {"string": '"a"', "integer": "1", "boolean": "true", "number": 'decimal("1.0")'}
WRONG = {"string": "7", "integer": '"7"', "boolean": '"7"', "number": '"7"'}


@dataclass(frozen=True)
class Recording:
    """A recorded server in a project of its own, its lists generated into the catalogue."""

    lists: dict[str, list[dict[str, Any]]]
    folder: Path
    generated: Result

    def validated(self, policies: list[str]) -> dict[str, Any]:
        """What `validate` says of policies, a line each."""
        (self.folder / "policies" / "p.cedar").write_text("\n".join(policies))
        config = self.folder / "policy-engine.yaml"
        result = CliRunner().invoke(app, ["validate", "--config", str(config), "--format", "json"])
        told: dict[str, Any] = json.loads(result.stdout)
        return told


def arguments_of(tools: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, bool]]:
    """Tool, argument, type and whether it is always there, of each argument with one scalar type."""
    for tool in tools:
        schema = tool["inputSchema"]
        for name, written in schema.get("properties", {}).items():
            if str(written.get("type")) in LITERALS and not {"anyOf", "oneOf", "allOf"} & written.keys():
                always = name in schema.get("required", []) or "default" in written
                yield tool["name"], name, written["type"], always


@pytest.fixture(scope="module", params=RECORDED, ids=[path.stem for path in RECORDED])
def recording(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """One after the other."""
    folder = tmp_path_factory.mktemp("recorded")
    lists = json.loads(request.param.read_text())["lists"]
    (folder / "policies").mkdir()
    (folder / "policies" / "p.cedar").write_text("")
    (folder / "policy-engine.yaml").write_text(CONFIG)
    key = SigningKey.generate("ES256", kid="corp").public_jwk()
    (folder / "corp.jwks.json").write_text(json.dumps({"keys": [key]}))
    (folder / "lists.json").write_text(json.dumps(lists))
    command = ["schema", "generate", "--from", str(folder / "lists.json")]
    generated = CliRunner().invoke(app, [*command, "--config", str(folder / "policy-engine.yaml")])
    return Recording(lists, folder, generated)


def test_nine_servers_are_recorded() -> None:
    """What the others run over: several authors, two languages, two revisions of the protocol."""
    records = [json.loads(path.read_text()) for path in RECORDED]

    assert len(records) >= 9
    assert {record["protocol"] for record in records} == {"2025-11-25", "2026-07-28"}
    assert all(record["version"] and record["lists"].keys() == set(KINDS) for record in records)


def test_everything_that_a_server_lists_is_pinned(recording: Recording) -> None:
    """As it wrote it, unreviewed, and with its digest."""
    catalogue = json.loads((recording.folder / "catalogues" / "recorded.json").read_text())

    assert (recording.generated.exit_code, recording.generated.stderr) == (0, "")
    assert {kind: catalogue.get(kind, []) for kind in KINDS} == {
        kind: [
            {"reviewed": False, "sha256": item_digest(item), "item": item} for item in recording.lists[kind]
        ]
        for kind in KINDS
    }


GOOD, MISTYPED, WRONG_TYPE, UNGUARDED = "good", "mistyped", "wrong type", "unguarded"


def policy(kind: str, tool: str, name: str, type_: str, *, always: bool) -> str:
    """A policy about one argument, with `▸` where the mistake is."""
    action = json.dumps(f"recorded/{tool}", ensure_ascii=False)
    argument = json.dumps(f"{name}_x" if kind == MISTYPED else name, ensure_ascii=False)
    literal = f"▸{WRONG[type_]}" if kind == WRONG_TYPE else LITERALS[type_]
    guard = "" if always or kind in (MISTYPED, UNGUARDED) else f"context.arguments has {argument} && "
    mark = "▸" if kind in (MISTYPED, UNGUARDED) else ""
    condition = f"{guard}context.arguments[{mark}{argument}] == {literal}"
    ident = json.dumps(f"{kind} {tool} {name}", ensure_ascii=False)
    head = f"permit (principal is User, action == Action::{action}, resource)"
    return f"@id({ident}) {head} when {{ {condition} }};"


@pytest.mark.parametrize("kind", [GOOD, MISTYPED, WRONG_TYPE, UNGUARDED])
def test_a_mistake_about_an_argument_is_told_at_its_line_and_column(recording: Recording, kind: str) -> None:
    """Of every argument of every tool; the same policies without the mistake are valid."""
    marked = [
        policy(kind, *argument, always=always)
        for *argument, always in arguments_of(recording.lists["tools"])
        if kind != UNGUARDED or not always
    ]
    told = recording.validated([text.replace("▸", "") for text in marked])

    places = [(line, text.index("▸") + 1) for line, text in enumerate(marked, start=1) if "▸" in text]
    assert [(error["line"], error["column"], error["code"]) for error in told["errors"]] == [
        (*place, "policy_schema") for place in places
    ]
    assert told["valid"] is (kind == GOOD or not marked)
    assert kind == UNGUARDED or (bool(marked) is bool(list(arguments_of(recording.lists["tools"]))))


def test_mistakes_were_looked_for_in_most_tools() -> None:
    """So that what was tested above isn't nothing."""
    listed = [json.loads(path.read_text())["lists"]["tools"] for path in RECORDED]
    asked = [len({tool for tool, *_ in arguments_of(tools)}) for tools in listed]

    assert (min(asked) >= 1, sum(asked) >= 75) == (True, True)
