"""The page of requirements and the tests name the same rules."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[2]
PAGE = TESTS.parent / "docs" / "reference" / "authorization-server-requirements.md"


def written() -> list[str]:
    """The rules of the page, in its order."""
    return re.findall(r"^\| (AS-\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)


def rules_of_tests() -> Iterator[tuple[str, str]]:
    """Each rule that a test is marked with, and the test."""
    for file in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rules":
                        yield from (
                            (ast.literal_eval(rule), f"{file.name}::{node.name}") for rule in mark.args
                        )


def test_each_rule_has_a_test_and_each_test_a_rule() -> None:
    """And no rule stands twice."""
    rules = written()
    assert len(rules) == len(set(rules)) >= 50
    assert {rule for rule, _ in rules_of_tests()} == set(rules)


def test_every_test_over_http_names_its_rules() -> None:
    """In this folder."""
    marked = {test for _, test in rules_of_tests()}
    for file in Path(__file__).parent.glob("test_*.py"):
        if file.name != Path(__file__).name:
            names = re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
            assert [name for name in names if f"{file.name}::{name}" not in marked] == []
