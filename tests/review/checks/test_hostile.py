"""Policies and files that nobody would write, and somebody may hand in."""

from pathlib import Path

import pytest

from policy_engine.config import config_from_values
from policy_engine.errors import ConfigError
from policy_engine.review.checks import apply_fixes, find_findings
from policy_engine.review.subject import Subject
from tests.review.checks.conftest import CATALOGUES, NOW, Reviewed

HEAD = '@id("a") forbid (principal, action == Action::"github/list_issues", resource)\n'


@pytest.mark.parametrize("operator", ["&&", "||"])
def test_hundreds_of_operators_do_not_hinder(reviewed: Reviewed, operator: str) -> None:
    """What is found at the beginning is found, and what stands twice is the same."""
    chain = f" {operator} ".join(["principal is Client", *['context.token.scopes.contains("x")'] * 240])
    policy = f"{HEAD}when {{ {chain} }};"
    findings = reviewed(policy + policy.replace('"a"', '"b"'))

    expected = {"PS106", "PS120"} if operator == "&&" else {"PS120"}
    assert {one.code for one in findings if one.policy is not None} == expected


def test_comments_in_texts_and_texts_in_comments_are_told_apart(reviewed: Reviewed) -> None:
    """A text that looks like an answer is none, and a comment with a quote ends with its line."""
    text = (
        '// it\'s "open\n@id("x") @reason("\n// policy-engine: allow PS106 -- because\n") forbid (principal, '
        'action == Action::"ping", resource) when { principal is Client };\n'
        '// policy-engine: allow PS106 -- because "\n'
        f'{HEAD}when {{ principal is Client && context.arguments.repo == "// \\" {{ x" }};'
    )

    assert [(one.policy, one.suppressed) for one in reviewed(text, only="PS106")] == [
        ("x", None),
        ("a", 'because "'),
    ]


def test_policies_of_a_program_have_findings_and_no_mends(tmp_path: Path) -> None:
    """They stand in no file; a comment in them counts."""
    catalogue = tmp_path / "github.json"
    catalogue.write_text(CATALOGUES["github.json"])
    values = {
        "version": 1,
        "servers": {"github": {"resource": "https://mcp.example.com/github", "catalogue": str(catalogue)}},
        "issuers": {
            "machines": {
                "issuer": "https://as.example.com",
                "profile": "policy-engine",
                "clients": {"ci-bot": {"grants": ["client_credentials"]}},
            }
        },
        "policies": [],
    }
    mended = HEAD.replace('"a"', '"b"') + "when { principal is Client };"
    text = f"{mended}\n// policy-engine: allow PS106 -- so it is\n{HEAD}when {{ principal is Client }};"
    findings = find_findings(Subject.of(config_from_values(values, policy_text=text)), now=NOW)

    assert [(one.code, one.policy, one.file, one.line, one.suppressed) for one in findings] == [
        ("PS112", None, None, 1, None),
        ("PS106", "b", None, 2, None),
        ("PS120", "a", None, 4, None),
        ("PS106", "a", None, 5, "so it is"),
    ]
    assert apply_fixes(findings) == ()


def test_files_that_are_gone_are_told(reviewed: Reviewed, tmp_path: Path) -> None:
    """By an error that names the file, and no traceback."""
    findings = reviewed(f"{HEAD}when {{ principal is Client }};")
    (tmp_path / "policies.cedar").unlink()

    with pytest.raises(ConfigError, match="can't read the file"):
        apply_fixes(findings)
