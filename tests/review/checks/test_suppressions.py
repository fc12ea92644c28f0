"""Comments that allow a finding: which count, which don't, and which are in vain."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from policy_engine.config import examine, load_config
from policy_engine.review.checks import CheckFinding
from tests.review.checks.conftest import Reviewed, told

OPEN = '@id("open")\npermit (principal, action == Action::"github/list_issues", resource);\n'
FORM = "write `policy-engine: allow CODE -- why it is so, and until when` in the line above it"
NOWHERE = "PS125 this allows nothing: it doesn't stand directly above a policy"

UNFIT: Mapping[str, tuple[str, list[str]]] = MappingProxyType(
    {
        "without a reason": (
            f"// policy-engine: allow PS001\n{OPEN}",
            [f"1:1 PS125 `open` this allows nothing: it gives no reason ({FORM})"],
        ),
        "with an empty reason": (
            f"  // policy-engine: allow PS001 --  \n{OPEN}",
            [f"1:3 PS125 `open` this allows nothing: it gives no reason ({FORM})"],
        ),
        "without a code": (
            f"// policy-engine: allow -- because\n{OPEN}",
            [f"1:1 PS125 `open` this allows nothing: that isn't `allow CODE -- reason` ({FORM})"],
        ),
        "with an empty line after it": (
            f"// policy-engine: allow PS001 -- because\n\n{OPEN}",
            [f"1:1 {NOWHERE} ({FORM})"],
        ),
        "beside another policy": (
            '@id("a") permit (principal is User, action == Action::"ping", resource); '
            f"// policy-engine: allow PS001 -- because\n{OPEN}",
            [f"1:74 {NOWHERE} ({FORM})"],
        ),
        "within a policy": (
            '@id("open")\n// policy-engine: allow PS001 -- because\n'
            'permit (principal, action == Action::"github/list_issues", resource);',
            [f"2:1 {NOWHERE} ({FORM})"],
        ),
        "below the last policy": (
            f"{OPEN}// policy-engine: allow PS001 -- because",
            [f"3:1 {NOWHERE} ({FORM})"],
        ),
    }
)


def codes(findings: tuple[CheckFinding, ...]) -> list[tuple[str, str | None]]:
    """Each code, and why it was left so."""
    return [(one.code, one.suppressed) for one in findings if one.code not in ("PS112", "PS113", "PS124")]


def test_a_reason_allows_a_finding_of_the_policy_below(reviewed: Reviewed) -> None:
    """It is still there, with the reason; the same finding of another policy isn't touched."""
    other = OPEN.replace("open", "other").replace("list_issues", "create_issue")
    text = (
        "// What everybody may see.\n"
        "// policy-engine: allow PS001, PS103 -- the list is public (until 2030)\n"
        "// See the wiki.\n"
        '@id("open")\npermit (principal, action == Action::"github/list_issues", resource)\n'
        'when { context.token has client_id && context.token.client_id like "x*" };\n' + other
    )

    assert [finding for finding in codes(reviewed(text)) if finding[0] < "PS104"] == [
        ("PS001", "the list is public (until 2030)"),
        ("PS103", "the list is public (until 2030)"),
        ("PS001", None),
    ]


@pytest.mark.parametrize("case", UNFIT)
def test_what_allows_nothing_is_a_finding(reviewed: Reviewed, case: str) -> None:
    """And what it was to allow is one, too."""
    text, expected = UNFIT[case]
    findings = reviewed(text)

    assert [told(one) for one in findings if one.code == "PS125"] == [
        f"policies.cedar:{each}" for each in expected
    ]
    assert ("PS001", None) in codes(findings)


def test_a_code_that_there_is_not_is_a_finding(reviewed: Reviewed) -> None:
    """Those of comments themselves can't be allowed."""
    text = f"// policy-engine: allow PS001, PS01, PS126 -- because\n{OPEN}"

    assert [told(one) for one in reviewed(text, only="PS125")] == [
        "policies.cedar:1:1 PS125 `open` `PS01` isn't the code of a finding that can be allowed "
        "(see docs/reference/checks.md and docs/reference/warnings.md)",
        "policies.cedar:1:1 PS125 `open` `PS126` isn't the code of a finding that can be allowed "
        "(see docs/reference/checks.md and docs/reference/warnings.md)",
    ]


def test_what_is_allowed_in_vain_is_a_finding(reviewed: Reviewed) -> None:
    """Wholly, or in part; a comment in a string is none."""
    text = (
        f"// policy-engine: allow PS001, PS107 -- because\n{OPEN}"
        "// policy-engine: allow PS008 -- because\n"
        '@id("b") permit (principal is User, action == Action::"github/list_issues", resource)\n'
        'when { context.arguments.repo == "\n// policy-engine: allow PS001\n" };'
    )
    findings = reviewed(text, only="PS12")

    assert [told(one) for one in findings if one.code in ("PS125", "PS126")] == [
        "policies.cedar:1:1 PS126 `open` there is no finding `PS107` here (leave that out)",
        "policies.cedar:4:1 PS126 `b` there is no finding `PS008` here (remove the comment)",
    ]
    assert [None if one.fix is None else one.fix.title for one in findings if one.code == "PS126"] == [
        None,
        "remove the comment",
    ]


def test_a_finding_of_the_configuration_is_allowed_above_its_line(reviewed: Reviewed) -> None:
    """With the comment of that language; further comments may stand between, an empty line mayn't."""
    line = "      ci-bot:"
    above = "      # policy-engine: allow PS112 -- it is to be denied\n      # for now\n"

    allowed = reviewed("", (line, above + line), only="PS1")
    apart = reviewed("", (line, above + "\n" + line), only="PS1")

    assert codes(allowed) == []
    assert [(one.code, one.line, one.suppressed) for one in allowed if one.code == "PS112"] == [
        ("PS112", 30, "it is to be denied")
    ]
    assert [(one.code, one.line, one.suppressed) for one in apart if one.code in ("PS112", "PS125")] == [
        ("PS125", 28, None),
        ("PS112", 31, None),
    ]


def test_validate_knows_the_same_comments(reviewed: Reviewed, tmp_path: Path) -> None:
    """A warning that somebody answered for isn't told, nor does it fail `--strict`."""
    for comment, expected in (("", ["PS001"]), ("// policy-engine: allow PS001 -- public\n", [])):
        reviewed(comment + OPEN)
        report = examine(load_config(tmp_path / "policy-engine.yaml"))

        assert [warning.code for warning in report.warnings] == expected
        assert report.policies is not None
        assert [warning.code for warning in report.policies.warnings] == expected
