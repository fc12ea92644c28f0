"""The sets of policies that are shipped do what their pages say, row by row, with real tokens."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from policy_engine.cli import app
from policy_engine.harness.running import run_cases

POLICIES = Path(__file__).parents[2] / "policies"
FOLDERS = sorted(path.name for path in POLICIES.iterdir() if path.is_dir())
WITH_TABLES = ("deploy-bot", "reporting", "support-agent")
Load = Callable[[str], Any]


def own_ids(name: str) -> list[str]:
    """The ids of an example's own policies, in the order of its files."""
    files = sorted((POLICIES / name).glob("*.cedar"))
    return [id_ for file in files for id_ in re.findall(r'^@id\("(.+)"\)', file.read_text(), re.MULTILINE)]


@pytest.mark.parametrize("name", FOLDERS)
def test_all_is_decided_as_its_scenarios_say(example: Load, name: str) -> None:
    """The code, every policy that decided, and whom each token was taken for."""
    run = run_cases(example(name).world, example(name).cases)

    assert [(result.case.id, result.failures) for result in run.results if result.failures] == []
    assert (run.skipped, run.passed) == (0, len(example(name).cases))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_cell_says_by_what(example: Load, name: str) -> None:
    """Nothing is merely allowed or merely denied."""
    expected = [(case.id, case.expect) for case in example(name).cases]
    vague = [
        case
        for case, expect in expected
        if (expect.policies is None if expect.allowed or expect.code == "forbidden" else expect.code is None)
    ]

    assert vague == []


@pytest.mark.parametrize("name", FOLDERS)
def test_every_policy_decides_somewhere(example: Load, name: str) -> None:
    """A policy that no scenario shows is one that nobody would miss; those of the baseline count, too."""
    shown = {policy for case in example(name).cases for policy in case.expect.policies or ()}

    assert own_ids(name)
    assert shown == set(example(name).world.policies.policies)


@pytest.mark.parametrize("name", FOLDERS)
def test_it_validates_without_a_warning(name: str) -> None:
    """As it is shipped, with issuers whose keys are elsewhere."""
    config = POLICIES / name / "policy-engine.yaml"

    result = CliRunner().invoke(app, ["validate", "--strict", "--config", str(config)])

    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("name", FOLDERS)
def test_the_readme_says_each_policy_in_a_line(name: str) -> None:
    """In the order of the files."""
    readme = (POLICIES / name / "README.md").read_text()

    assert re.findall(r"^\| `([\w-]+)` \|", readme, re.MULTILINE) == own_ids(name)


@pytest.mark.parametrize("name", WITH_TABLES)
def test_the_readme_shows_what_is_expected(example: Load, name: str) -> None:
    """Its table is part of the example's own scenario, turned: a row a call, a column a principal."""
    shown = dict(table_of((POLICIES / name / "README.md").read_text()))
    expected = {
        (case.who.name, case.asked.name): "allowed" if case.expect.allowed else case.expect.code
        for case in example(name).cases
    }

    assert len(shown) > MANY
    assert shown == {cell: expected.get(cell) for cell in shown}


MANY = 50


def table_of(readme: str) -> Iterator[tuple[tuple[str, str], str]]:
    """The code of each cell of the table whose corner is empty."""
    (table,) = re.findall(r"^\| \| .*\n\|[-|]+\|\n(?:\|.*\n)+", readme, re.MULTILINE)
    head, _, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines())
    for what, *codes in rows:
        for who, code in zip(head[1:], codes, strict=True):
            yield (who, what), code.strip("*`")
