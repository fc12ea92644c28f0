"""Neither secrets nor their hashes are where they needn't be, whatever is done."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policy_engine.authserver import generate_secret

FILE = """\
clients:
  - client_id: bot
    category: service
    token_endpoint_auth_method: client_secret_basic
    grant_types: [client_credentials]
    resources: files
    scope: files:read
    secret: generate
"""
FULL = "can't write the answer: No space left on device"
BACK = "take it back: policy-engine clients rotate bot --cancel"
ADD = ("--category", "service", "--resource", "github", "--scope", "issues:read")
HASH = re.compile(r"[0-9a-f]{64}")


def test_no_command_but_the_one_that_makes_it_says_a_secret(project: Any, monkeypatch: Any) -> None:
    """Not the list, not the page of a client, in neither form; not plans; the store has hashes alone."""
    given = generate_secret().reveal()
    monkeypatch.setenv("GIVEN", given)
    made = [project.json("add", "bot", *ADD)["client_secret"]]
    made.append(project.json("rotate", "bot")["client_secret"])
    text = (
        "clients:\n  - {client_id: file, category: service, token_endpoint_auth_method: client_secret_post,"
        " grant_types: [client_credentials], resources: files, scope: files:read, secret: {env: GIVEN}}\n"
    )
    file = project.write(text)

    said = [project.done("apply", "-f", file), project.done("apply", "-f", file, "--format", "json")]
    for words in (["list"], ["show", "bot"], ["show", "file"]):
        said += [project.done(*words), project.done(*words, "--format", "json")]
    said.append(project.done("rotate", "bot", "--finish", "--format", "json"))
    said.append(project.refused("apply", "-f", project.write(text.replace("scope:", "skope:"))))
    said.append(project.refused("apply", "-f", project.write(text.replace("{env: GIVEN}", given))))
    said.append(project.refused("apply", "-f", project.write(text.replace("GIVEN", given.replace("-", "_")))))
    said.append(project.refused("apply", "-f", project.write(text.replace("secret:", f"secret{given}:"))))
    said.append(
        project.refused("apply", "-f", project.write(text.replace("{env: GIVEN}", f"{{{given}: x}}")))
    )
    said.append(project.done("export", "--registry", str(project.folder / "registry.json")))

    everything = "\n".join(said)
    assert [secret for secret in (*made, given) if secret in everything] == []
    assert HASH.findall(everything) == []
    stored = project.bytes()
    assert [secret for secret in (*made, given) if secret.encode() in stored] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("add", "new", *ADD),
            f"registered new; its secret was lost: {FULL} (policy-engine clients rotate new)",
        ),
        (
            ("add", "new", *ADD, "--secret-file", "new.secret"),
            f"registered new: {FULL} (see it: policy-engine clients show new)",
        ),
        (
            ("rotate", "bot"),
            f"rotated bot; its new secret was lost: {FULL} ({BACK})",
        ),
        (
            ("export", "--kubernetes-secret", "bot", "--rotate"),
            f"rotated bot; what is new was lost: {FULL} ({BACK})",
        ),
        (("export", "--kubernetes-secret", "bot"), "No space left on device"),
    ],
    ids=["add", "add to a file", "rotate", "export new", "export"],
)
def test_what_could_not_be_said_was_done_all_the_same(
    project: Any, words: tuple[str, ...], says: str
) -> None:
    """A secret that went nowhere is lost; how to get another one is told on standard error."""
    project.done("add", "bot", *ADD)
    command = [sys.executable, "-m", "policy_engine", "clients", *words, "--config", "policy-engine.yaml"]
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            command,
            cwd=project.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )

    assert (result.returncode, result.stderr) == (2, f"error: {says}\n")
    assert set(project.documents()) == ({"bot", "new"} if words[0] == "add" else {"bot"})
    if "--cancel" in says:
        assert "cancelled bot" in project.done("rotate", "bot", "--cancel")
    if "rotate new)" in says:
        assert "rotated new" in project.done("rotate", "new")


@pytest.mark.parametrize("kept", [False, True], ids=["printed", "in files"])
def test_an_applied_file_whose_answer_is_not_read_was_applied(project: Any, *, kept: bool) -> None:
    """A pipe that nobody reads loses secrets, unless they are in files."""
    project.write(FILE)
    more = ("--secret-folder", "secrets") if kept else ()
    command = [sys.executable, "-m", "policy_engine", "clients", "apply", "-f", "clients.yaml", *more]
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as reader:
        reader.wait(timeout=10)
        result = subprocess.run(
            [*command, "--format", "json"],
            cwd=project.folder,
            stdout=reader.stdin,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )

    lost = "applied: " if kept else "applied; secrets were lost of bot: "
    remedy = "see the plan again: add --dry-run" if kept else "policy-engine clients rotate bot"
    assert (result.returncode, result.stderr) == (
        2,
        f"error: {lost}can't write the answer: Broken pipe ({remedy})\n",
    )
    assert set(project.documents()) == {"bot"}
