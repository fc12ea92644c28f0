"""`clients apply`, killed at any moment: all of it was done, or nothing, and the next one finishes it."""

import hashlib
import subprocess
import sys
import time
from random import Random
from typing import Any

import pytest

from tests.plugins.samples import samples

ROUNDS = samples(3)
CLIENTS = 20


def file_of(prefix: str, scope: str) -> str:
    """A file with many clients, some of them new."""
    entries = [
        f"  - {{client_id: {name}, category: service, token_endpoint_auth_method: client_secret_basic,"
        f' grant_types: [client_credentials], resources: github, scope: "{scope}", secret: generate}}\n'
        for name in [f"kept-{n}" for n in range(CLIENTS)] + [f"{prefix}-{n}" for n in range(CLIENTS)]
    ]
    return f"version: 1\nclients:\n{''.join(entries)}"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_killed_apply_leaves_no_half_state(project: Any, seed: int) -> None:
    """Neither half of the clients nor a client whose secret nobody has."""
    folder = project.folder / "secrets"
    old = project.write(file_of("old", "issues:read"), "old.yaml")
    project.done("apply", "-f", old, "--secret-folder", str(folder))
    before = project.documents()
    new = project.write(file_of("new", "issues:read issues:write"), "new.yaml")
    config = str(project.folder / "policy-engine.yaml")
    words = ["clients", "apply", "-f", new, "--prune", "--yes", "--secret-folder", str(folder), "-c", config]
    with subprocess.Popen(
        [sys.executable, "-m", "policy_engine", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        if seed:  # the first round is killed at its beginning, the others while it works
            deadline = time.monotonic() + 20
            while not list(folder.glob("new-*.secret")) and time.monotonic() < deadline:
                time.sleep(0.001)
        time.sleep(Random(seed).uniform(0.0, 0.12))
        process.kill()
        process.communicate()

    after = project.documents()
    names = {*(f"kept-{n}" for n in range(CLIENTS)), *(f"new-{n}" for n in range(CLIENTS))}
    assert after == before or {*after} == names
    assert {each["scope"] for each in after.values()} in ({"issues:read"}, {"issues:read issues:write"})

    project.done("apply", "-f", new, "--prune", "--yes", "--secret-folder", str(folder))
    finished = project.documents()
    assert {*finished} == names
    for name, document in finished.items():
        secret = (folder / f"{name}.secret").read_text().strip()
        assert [item["sha256"] for item in document["secret_hashes"]] == [
            hashlib.sha256(secret.encode()).hexdigest()
        ]
    assert list(folder.glob("*.secret")) != []
    assert project.done("apply", "-f", new, "--prune", "--yes").endswith("nothing to do\n")
