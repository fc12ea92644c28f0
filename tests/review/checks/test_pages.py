"""Each check has a page, and what its page shows is so."""

import re

import pytest

from policy_engine.evaluator import WARNINGS
from policy_engine.review.checks import CHECKS, SEVERITIES
from tests.review.checks.conftest import EVERYTHING_ASKED, Reviewed

BLOCK = re.compile(r"    ```(\w+)\n(.*?)\n    ```", re.DOTALL)

IN_CONFIGURATION = {
    "PS112": (
        (
            "clients:\n      ci-bot:",
            "clients:\n      left-over: {grants: [client_credentials]}\n      ci-bot:",
        ),
    ),
    "PS113": (("groups: [ci]", "groups: [ci, unused]"),),
    "PS124": (),
}
"""What is to be changed for the example of a check that looks at the configuration."""


def parts(code: str) -> tuple[str, str]:
    """The Cedar of the example, and of what is to be written instead."""
    page = CHECKS[code].page
    before, _, after = page.partition("\nInstead:\n")
    texts = [
        "\n".join(text for language, text in BLOCK.findall(part) if language == "cedar")
        for part in (before, after)
    ]
    return texts[0], texts[1]


@pytest.mark.parametrize("code", CHECKS)
def test_each_check_has_a_page(code: str) -> None:
    """Its docstring has a title and the four sections, in order."""
    page = CHECKS[code].page

    assert page.startswith(f"{code}: ")
    assert CHECKS[code].title
    assert re.findall(r"^(\w[^\n:]*):$", page, re.MULTILINE) == [
        "What it checks",
        "Why it matters",
        "Example",
        "Instead",
    ]
    assert CHECKS[code].code == code


@pytest.mark.parametrize("code", sorted(CHECKS.keys() - IN_CONFIGURATION.keys()))
def test_the_example_is_found_and_what_to_write_instead_is_not(reviewed: Reviewed, code: str) -> None:
    """As the page says."""
    example, instead = parts(code)

    assert {finding.code for finding in reviewed(example, only=code)} == {code}
    assert reviewed(instead, only=code) == ()


@pytest.mark.parametrize("code", IN_CONFIGURATION)
def test_examples_of_the_configuration_are_found(reviewed: Reviewed, code: str) -> None:
    """And are gone, when policies make use of what is there."""
    _, instead = parts(code)
    policies = EVERYTHING_ASKED.replace('"issues:read", ', "")

    assert [finding.code for finding in reviewed(policies, *IN_CONFIGURATION[code], only=code)] == [code]
    changes = () if code == "PS112" else IN_CONFIGURATION[code]
    assert reviewed(policies + instead, *changes, only=code) == ()


def test_codes_go_on_where_warnings_end_and_each_has_a_severity() -> None:
    """One family: PS001 and on are told by `validate`, PS101 and on by `review`."""
    assert [*CHECKS] == [f"PS{number}" for number in range(101, 101 + len(CHECKS))]
    assert [*SEVERITIES] == [*WARNINGS, *CHECKS]
