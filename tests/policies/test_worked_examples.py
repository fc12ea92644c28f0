"""The sets of policies that are shipped do what their pages say, row by row, with real tokens."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from policy_engine.cli import app
from policy_engine.files import read_document

POLICIES = Path(__file__).parents[2] / "policies"
FOLDERS = sorted(path.name for path in POLICIES.iterdir() if path.is_dir())
WITH_TABLES = ("deploy-bot", "reporting", "support-agent")
Load = Callable[[str], Any]


def expected_of(name: str) -> Mapping[str, Any]:
    """What an example's `expected.yaml` says."""
    data: Mapping[str, Any] = read_document(POLICIES / name / "expected.yaml").data
    return data


def rows() -> Iterator[Any]:
    """Every principal with every call, for every example."""
    for name in FOLDERS:
        expected = expected_of(name)
        for who in expected["principals"]:
            for what in expected["calls"]:
                yield pytest.param(name, who, what, id=f"{name}: {who}, {what}")


def outcome(cell: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The code and the deciding policies that a cell of `expected.yaml` stands for."""
    by = cell.get("allow", cell.get("by", []))
    return cell.get("deny", "allowed"), sorted([by] if isinstance(by, str) else by)


@pytest.mark.parametrize(("name", "who", "what"), list(rows()))
def test_what_is_expected_is_decided(example: Load, name: str, who: str, what: str) -> None:
    """The code, and every policy that decided."""
    world = example(name)

    decision = world.decide(who, what)

    decided = (decision.code, sorted(match.id for match in decision.policies))
    assert decided == outcome(world.expected["expected"][who][what])
    assert decision.errors == ()


@pytest.mark.parametrize("name", FOLDERS)
def test_every_principal_is_expected_at_every_call(name: str) -> None:
    """No cell is left to chance, and none is left over."""
    expected = expected_of(name)

    assert {who: list(calls) for who, calls in expected["expected"].items()} == {
        who: list(expected["calls"]) for who in expected["principals"]
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_every_policy_decides_somewhere(name: str) -> None:
    """A policy that no row shows is one that nobody would miss."""
    cells = [cell for calls in expected_of(name)["expected"].values() for cell in calls.values()]
    own = (POLICIES / name).glob("*.cedar")
    ids = {match for file in own for match in re.findall(r'^@id\("(.+)"\)', file.read_text(), re.MULTILINE)}

    assert ids
    assert ids - {policy for cell in cells for policy in outcome(cell)[1]} == set()


@pytest.mark.parametrize("name", FOLDERS)
def test_it_validates_without_a_warning(name: str) -> None:
    """As it is shipped, with issuers whose keys are elsewhere."""
    config = POLICIES / name / "policy-engine.yaml"

    result = CliRunner().invoke(app, ["validate", "--strict", "--config", str(config)])

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("name", FOLDERS)
def test_the_readme_says_each_policy_in_a_line(name: str) -> None:
    """In the order of the files."""
    files = sorted((POLICIES / name).glob("*.cedar"))
    ids = [id_ for file in files for id_ in re.findall(r'^@id\("(.+)"\)', file.read_text(), re.MULTILINE)]
    readme = (POLICIES / name / "README.md").read_text()

    assert re.findall(r"^\| `([\w-]+)` \|", readme, re.MULTILINE) == ids


@pytest.mark.parametrize("name", WITH_TABLES)
def test_the_readme_shows_what_is_expected(name: str) -> None:
    """Its table is `expected.yaml`, turned."""
    assert "\n".join(table(expected_of(name))) in (POLICIES / name / "README.md").read_text()


def table(expected: Mapping[str, Any]) -> Iterator[str]:
    """A row a call, a column a principal."""
    yield "| | " + " | ".join(expected["principals"]) + " |"
    yield "|---" * (len(expected["principals"]) + 1) + "|"
    for what in expected["calls"]:
        codes = [outcome(expected["expected"][who][what])[0] for who in expected["principals"]]
        yield f"| {what} | " + " | ".join("**allowed**" if c == "allowed" else f"`{c}`" for c in codes) + " |"
