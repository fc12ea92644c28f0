"""The pages of the warnings: each example gets its warning, and what stands below `Instead` doesn't."""

import json
import re
from pathlib import Path

import pytest

from policy_engine.config import Report, examine, load_config
from policy_engine.evaluator import WARNINGS

ARGUMENTS = {"repo": {"type": "string"}, "force": {"type": "boolean"}}
SIMPLE = {"type": "object", "properties": ARGUMENTS, "required": ["repo"]}
TOOLS = [
    {"name": "create_issue", "inputSchema": SIMPLE},
    {"name": "delete_branch", "inputSchema": SIMPLE},
    {"name": "delete", "inputSchema": SIMPLE},
]
CONFIG = """\
version: 1
servers:
  github: {{resource: https://mcp.example.com/github, unpinned: {unpinned}{catalogue}}}
issuers:
  corp: {{issuer: https://login.example.com, profile: rfc9068, keys: {{uri: https://login.example.com/keys}}}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    keys: {{uri: https://as.example.com/keys}}
    clients:
      ci-bot: {{grants: [client_credentials]}}
      bot: {{grants: [client_credentials], groups: [contractors]}}
policies: p.cedar
"""
IN_CEDAR = sorted(WARNINGS.keys() - {"PS005"})


def blocks(code: str, heading: str, language: str = "cedar") -> list[str]:
    """The examples below a heading of a page."""
    section = re.split(r"^(\w[^\n]*):$", WARNINGS[code].page, flags=re.MULTILINE)
    text = section[section.index(heading) + 1]
    return [
        re.sub(r"^    ", "", block, flags=re.MULTILINE)
        for block in re.findall(rf"```{language}\n(.*?)\n    ```", text, re.DOTALL)
    ]


def report(folder: Path, code: str, policies: str) -> Report:
    """What is said of policies in a project to which the pages apply."""
    unseen = [{"name": "delete", "inputSchema": {"type": "object", "oneOf": []}}]
    tools = [*TOOLS[:2], *unseen] if code == "PS008" else TOOLS
    (folder / "p.cedar").write_text(policies)
    (folder / "c.json").write_text(json.dumps({"tools": tools}))
    unpinned = "allow" if code == "PS007" else "deny"
    text = CONFIG.format(unpinned=unpinned, catalogue=", catalogue: c.json")
    (folder / "policy-engine.yaml").write_text(text)
    return examine(load_config(folder / "policy-engine.yaml"))


@pytest.mark.parametrize("code", IN_CEDAR)
def test_the_example_of_a_page_is_warned_of(tmp_path: Path, code: str) -> None:
    """By the warning that the page is about, and no error."""
    (example,) = blocks(code, "Example")

    found = report(tmp_path, code, example)

    assert found.errors == ()
    assert code in {warning.code for warning in found.warnings}


@pytest.mark.parametrize("code", IN_CEDAR)
def test_what_to_write_instead_is_not_warned_of(tmp_path: Path, code: str) -> None:
    """By the same warning; it loads."""
    policies = "\n".join(blocks(code, "Instead"))

    found = report(tmp_path, code, policies)

    assert found.errors == ()
    assert code not in {warning.code for warning in found.warnings}


@pytest.mark.parametrize(("heading", "codes"), [("Example", {"PS005"}), ("Instead", set())])
def test_the_example_of_a_server_is_warned_of(tmp_path: Path, heading: str, codes: set[str]) -> None:
    """Its page shows the configuration."""
    (block,) = blocks("PS005", heading, "yaml")
    servers = re.search(r"servers:\n.*", CONFIG)
    assert servers is not None
    catalogue = tmp_path / "catalogues" / "github.json"
    catalogue.parent.mkdir()
    catalogue.write_text('{"tools": []}')
    (tmp_path / "p.cedar").touch()
    text = CONFIG.replace(servers[0], block).replace("{{", "{").replace("}}", "}")
    (tmp_path / "policy-engine.yaml").write_text(text)

    found = examine(load_config(tmp_path / "policy-engine.yaml"))

    assert found.errors == ()
    assert {warning.code for warning in found.warnings} == codes
