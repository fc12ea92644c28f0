"""`clients export`: what a workload mounts, and what engines read."""

import hashlib
import json
import re
from stat import S_IMODE
from typing import Any

import pytest
from ruamel.yaml import YAML

from policy_engine.jose import SigningKey
from policy_engine.storage import Denial, open_store

GITHUB = "https://mcp.example.com/github"
ADD = ("--category", "service", "--resource", "github", "--scope", "issues:read")
SETTINGS = {
    "issuer": "https://as.example.com",
    "token_endpoint": "https://as.example.com/token",
    "resource": GITHUB,
    "scope": "issues:read",
}


def manifests(text: str) -> list[dict[str, Any]]:
    """What Kubernetes would read."""
    return list(YAML(typ="safe", pure=True).load_all(text))


def test_a_manifest_holds_no_credential_unless_it_is_new(project: Any) -> None:
    """Only hashes are stored; that is said on standard error, so that the manifest can be piped."""
    project.done("add", "bot", *ADD)
    before = project.dump()

    result = project.run("export", "--kubernetes-secret", "bot")

    assert (result.exit_code, result.stderr) == (
        0,
        "note: no secret or key is in it: none is stored; --rotate makes a new one\n",
    )
    assert manifests(result.stdout) == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "bot", "labels": {"app.kubernetes.io/managed-by": "policy-engine"}},
            "type": "Opaque",
            "stringData": {
                "client_id": "bot",
                "token_endpoint_auth_method": "client_secret_basic",
                **SETTINGS,
            },
        }
    ]
    assert project.dump() == before


def test_a_rotated_manifest_holds_the_new_credential(project: Any) -> None:
    """A secret for one, a private key for the other; the old ones go on."""
    project.done("add", "bot", *ADD)
    project.done("add", "keyed", *ADD, "--generate-key", str(project.folder / "k"), "--algorithm", "EdDSA")
    before = project.documents()

    text = project.done("export", "--kubernetes-secret", "bot", "keyed", "--rotate", "--namespace", "prod")

    bot, keyed = (each["stringData"] for each in manifests(text))
    assert [each["metadata"]["namespace"] for each in manifests(text)] == ["prod", "prod"]
    assert {**SETTINGS, "client_id": "bot"}.items() <= bot.items()
    key = SigningKey.from_jwk(json.loads(keyed["private_key.jwk"]))
    after = project.documents()
    assert key.algorithm == "EdDSA"
    assert after["keyed"]["jwks"]["keys"] == [*before["keyed"]["jwks"]["keys"], key.public_jwk()]
    old, new = after["bot"]["secret_hashes"]
    assert new == {"sha256": hashlib.sha256(bot["client_secret"].encode()).hexdigest()}
    assert old["sha256"] == before["bot"]["secret_hashes"][0]["sha256"]
    assert old["expires_at"] > 0
    assert bot["client_secret"].encode() not in project.bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "export what? (give either --kubernetes-secret ID or --registry FILE)"),
        (["--kubernetes-secret"], "--kubernetes-secret takes clients, each once (name them behind it)"),
        (["--kubernetes-secret", "bot", "bot"], "--kubernetes-secret takes clients, each once"),
        (["--kubernetes-secret", "bat"], "no client is called `bat`"),
        (
            ["--kubernetes-secret", "Bot_1"],
            "`Bot_1` can't be the name of a Secret (choose one: --secret-name)",
        ),
        (["--kubernetes-secret", "bot", "-n", "a/b"], "the namespace isn't one"),
        (["--kubernetes-secret", "bot", "--secret-name", "a\nb"], "the name of the Secret isn't one"),
        (["--kubernetes-secret", "bot", "Bot_1", "--secret-name", "a"], "--secret-name goes with one client"),
        (["--registry", "x", "--rotate"], "--registry takes all clients as they are (give it alone)"),
    ],
)
def test_what_cannot_be_exported_changes_nothing(project: Any, words: list[str], says: str) -> None:
    """With --rotate, too: names are looked at before anything is rotated."""
    for name in ("bot", "Bot_1"):
        project.done("add", name, *ADD)

    for more in ([], ["--rotate"]):
        if more and more[0] not in words:
            assert project.refused("export", *words, *more).startswith("error: ")
        assert f"error: {says}" in project.refused("export", *words)


def test_the_registry_is_a_file_for_engines(project: Any) -> None:
    """Clients and denials, no credentials; the same registry is the same text; it is replaced as a whole."""
    words = ["--group", "ci", "--attribute", "region=eu"]
    project.done("add", "bot", *ADD, *words)
    project.done("add", "off", "--category", "ai_agent", "-r", "files")
    project.done("disable", "off")
    store = open_store(f"sqlite:///{project.folder}/machines.db")
    store.denials.add(Denial(kind="jti", value="t-1", since=1.0, until=4_000_000_000.0))
    store.denials.add(Denial(kind="subject", value="off", since=1.0))
    store.close()
    file = project.folder / "registry.json"
    file.write_text("old")
    file.chmod(0o640)

    assert project.done("export", "--registry", str(file)) == "registry.json: 2 clients, 2 denials\n"

    text = file.read_text()
    assert json.loads(text) == {
        "version": 1,
        "clients": {
            "bot": {
                "category": "service",
                "enabled": True,
                "groups": ["ci"],
                "attributes": {"region": ["eu"]},
            },
            "off": {"category": "ai_agent", "enabled": False, "groups": [], "attributes": {}},
        },
        "denied": {
            "subject": [{"value": "off", "until": None}],
            "jti": [{"value": "t-1", "until": 4_000_000_000.0}],
        },
    }
    assert S_IMODE(file.stat().st_mode) == 0o640
    assert not re.search(r"[0-9a-f]{64}", text)
    project.done("export", "--registry", str(file))
    assert file.read_text() == text
    assert sorted(path.name for path in project.folder.glob("*registry*")) == ["registry.json"]


def test_a_registry_that_cannot_be_written_leaves_the_old_one(project: Any) -> None:
    """The folder isn't there, or is a file."""
    project.done("add", "bot", *ADD)
    there = project.write("precious", "there")
    assert "can't write the file" in project.refused("export", "--registry", f"{there}/x.json")
    assert "can't write the file" in project.refused("export", "--registry", str(project.folder / "no" / "x"))
