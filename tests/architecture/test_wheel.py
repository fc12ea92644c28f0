"""The wheel carries what the package needs, and works where there is no checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this tree, unpacked into an empty folder."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(folder / "dist"),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def environment(unpacked: Path) -> dict[str, str]:
    """One in which Python finds the unpacked wheel first, and measures no coverage of that copy."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return {**rest, "PYTHONPATH": str(unpacked)}


def test_the_wheel_holds_policies_schemas_and_types(unpacked: Path) -> None:
    """Everything that is data, where the package looks for it."""
    bundled = unpacked / "policy_engine" / "_bundled"

    assert {path.relative_to(bundled).as_posix() for path in bundled.rglob("*.cedar*")} == {
        "policies/baseline/baseline.cedar",
        "policies/demo/demo.cedar",
        "policies/deploy-bot/deploy-bot.cedar",
        "policies/reporting/reporting.cedar",
        "policies/support-agent/support-agent.cedar",
        "schemas/mcp.cedarschema",
    }
    assert (unpacked / "policy_engine" / "py.typed").exists()
    assert (unpacked / "policy_engine" / "mapper" / "profiles" / "okta.yaml").exists()
    assert not (unpacked / "tests").exists()


def test_the_demo_runs_from_the_wheel(unpacked: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """In another folder, with the unpacked wheel before anything else on the path."""
    where = "import policy_engine; print(policy_engine.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    demo = subprocess.run(
        [sys.executable, "-m", "policy_engine", "demo", "--format", "json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert Path(found.stdout.strip()).is_relative_to(unpacked)
    assert (demo.returncode, demo.stderr) == (0, "")
    assert len(json.loads(demo.stdout)) == 12


def test_a_project_is_made_from_the_wheel(environment: dict[str, str], tmp_path: Path) -> None:
    """`init` finds its templates and the baseline, and what it writes loads."""
    results = [
        subprocess.run(
            [sys.executable, "-m", "policy_engine", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for arguments in (("init", "p"), ("validate", "--strict", "--config", "p/policy-engine.yaml"))
    ]

    assert [(result.returncode, result.stderr) for result in results] == [(0, ""), (0, "")]


def test_a_store_is_made_from_the_wheel(environment: dict[str, str], tmp_path: Path) -> None:
    """Its migrations are in it, and found without a file of settings."""
    code = "from policy_engine.storage import open_store; print(open_store('sqlite:///s.db').version())"
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (made.returncode, made.stdout, made.stderr) == (0, "0\n", "")
