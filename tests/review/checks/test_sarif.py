"""A review as SARIF 2.1.0: rules, results, places, what was answered for, and what can be mended."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policy_engine.evaluator import WARNINGS
from policy_engine.review import QUESTIONS, Outcome, Review, Severity, Verdict
from policy_engine.review.access import Access, PolicyText
from policy_engine.review.checks import CHECKS
from policy_engine.review.report.sarif import sarif, sarif_text
from policy_engine.review.solving import Unknown, UnknownReason
from tests.review.checks.conftest import Reviewed

POLICIES = """\
// policy-engine: allow PS106 -- as the auditors read it
@id("machines")
forbid (principal, action == Action::"github/list_issues", resource)
when { principal is Client && context.token.scopes.contains("admin") };
"""

VERDICT = Verdict(
    question="separation",
    subject="machines",
    outcome=Outcome.violated,
    statement="`machines` takes a machine for a person",
    policies=("machines",),
)


def review_of(*verdicts: Verdict, **parts: Any) -> Review:
    """A review with these verdicts and nothing else."""
    versions = {"policy-engine": "1.2.3", "cvc5": None}
    return Review(verdicts=verdicts, assumptions=(), digests={"policies": "ab"}, versions=versions, **parts)


def results_of(review: Review) -> list[dict[str, Any]]:
    """Its results, less what tells the same finding from another."""
    (run,) = sarif(review)["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results: list[dict[str, Any]] = run["results"]
    assert [rules[one.pop("ruleIndex")] for one in results] == [one["ruleId"] for one in results]
    prints = [one.pop("partialFingerprints")["policyEngineFinding/v1"] for one in results]
    assert len(set(prints)) == len(prints)
    return results


def test_the_whole_document() -> None:
    """Without a result, what is there is the tool and its rules."""
    log = sarif(review_of())
    rules = log["runs"][0]["tool"]["driver"].pop("rules")

    assert log == {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "policy-engine", "version": "1.2.3"}},
                "columnKind": "unicodeCodePoints",
                "results": [],
                "properties": {"outcome": "proved", "digests": {"policies": "ab"}},
            }
        ],
    }
    assert [rule["id"] for rule in rules] == [*QUESTIONS, *WARNINGS, *CHECKS]
    assert json.loads(sarif_text(review_of())) == sarif(review_of())


def test_rules_say_where_they_are_explained() -> None:
    """Each check has the page of its own."""
    rules = {rule["id"]: rule for rule in sarif(review_of())["runs"][0]["tool"]["driver"]["rules"]}
    check = rules["PS118"]

    assert check.pop("help")["markdown"].startswith("## What it checks\n\nA condition asks whether")
    assert check.pop("helpUri").endswith("/docs/reference/checks.md#ps118")
    assert check == {
        "id": "PS118",
        "shortDescription": {"text": "A time that is over."},
        "fullDescription": {
            "text": "A condition asks whether `context.time` is before a date that is written "
            "out, and that date "
            "has passed.\nIt depends on the day on which it is asked."
        },
        "defaultConfiguration": {"level": "note"},
    }
    assert rules["PS001"]["helpUri"].endswith("/docs/reference/warnings.md#ps001")
    assert rules["separation"] == {
        "id": "separation",
        "shortDescription": {"text": QUESTIONS["separation"].title},
        "defaultConfiguration": {"level": "error"},
    }


def test_findings_have_a_place_a_reason_and_a_mend(reviewed: Reviewed, tmp_path: Path) -> None:
    """Paths are what the caller shows; what somebody answered for is there, and suppressed."""
    findings = reviewed(POLICIES, only="PS106")
    (run,) = sarif(review_of(findings=findings), shown=lambda file: str(Path(file).relative_to(tmp_path)))[
        "runs"
    ]
    artifact = {"uri": "policies.cedar", "uriBaseId": "%SRCROOT%"}
    (result,) = run["results"]
    start = POLICIES.index("principal,")
    taken = POLICIES.index("principal is Client && ")

    assert result.pop("partialFingerprints")
    assert result.pop("ruleIndex") == [*QUESTIONS, *WARNINGS, *CHECKS].index("PS106")
    assert result == {
        "ruleId": "PS106",
        "level": "note",
        "message": {
            "text": "the kind is told by a condition, `principal is Client` "
            "(say it in the head: `principal is Client`)"
        },
        "locations": [
            {
                "logicalLocations": [{"name": "machines", "kind": "policy"}],
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 4, "startColumn": 8, "endLine": 4, "endColumn": 27},
                },
            }
        ],
        "suppressions": [{"kind": "inSource", "justification": "as the auditors read it"}],
        "fixes": [
            {
                "description": {"text": "say `principal is Client` in the head"},
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [
                            {
                                "deletedRegion": {"charOffset": start, "charLength": 9},
                                "insertedContent": {"text": "principal is Client"},
                            },
                            {
                                "deletedRegion": {"charOffset": taken, "charLength": 23},
                                "insertedContent": {"text": ""},
                            },
                        ],
                    }
                ],
            }
        ],
    }


def test_a_finding_of_the_configuration_has_no_policy(reviewed: Reviewed) -> None:
    """And a path from the root of the disk is written as one."""
    (result,) = results_of(review_of(findings=reviewed("", only="PS112")))
    (location,) = result["locations"]

    assert [*location] == ["physicalLocation"]
    assert location["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///")
    assert result["suppressions"] == []


@pytest.mark.parametrize("severity", Severity)
def test_verdicts_that_are_not_proved_are_results(severity: Severity) -> None:
    """Where it isn't known, it says why; it counts as much as a violation."""
    unknown = replace(
        VERDICT,
        outcome=Outcome.unknown,
        statement="it isn't known whether `machines` takes a machine for a person",
        reason=Unknown(reason=UnknownReason.timeout, detail="10 s"),
        severity=severity,
    )
    proved = replace(VERDICT, outcome=Outcome.proved)
    where = {"logicalLocations": [{"name": "machines", "kind": "policy"}]}

    assert results_of(review_of(proved, replace(VERDICT, severity=severity), unknown)) == [
        {
            "ruleId": "separation",
            "level": str(severity),
            "message": {"text": "`machines` takes a machine for a person"},
            "locations": [where],
            "suppressions": [],
            "properties": {"outcome": "violated", "subject": "machines"},
        },
        {
            "ruleId": "separation",
            "level": str(severity),
            "message": {
                "text": "it isn't known whether `machines` takes a machine for a person (timeout: 10 s)"
            },
            "locations": [where],
            "suppressions": [],
            "properties": {"outcome": "unknown", "subject": "machines"},
        },
    ]


def test_waived_verdicts_are_suppressed() -> None:
    """By an annotation in the policy, or by an option."""
    inside, outside = (replace(VERDICT, waived=waived) for waived in ('@kinds("both")', "--waive"))
    other = replace(outside, subject="other", statement="another")

    assert [result["suppressions"] for result in results_of(review_of(inside, other))] == [
        [{"kind": "inSource", "justification": '@kinds("both")'}],
        [{"kind": "external", "justification": "--waive"}],
    ]


def test_verdicts_stand_where_their_policy_does() -> None:
    """Where the review knows it."""
    text = PolicyText(id="machines", effect="forbid", text="", file="a b/p.cedar", line=3, column=5)
    access = Access(rows=(), columns=(), cells=(), grid=(), policies={"machines": text})
    (result,) = results_of(review_of(VERDICT, access=access))

    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/p.cedar", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 5},
    }
