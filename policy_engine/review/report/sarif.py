"""A review as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a pull request.

A rule each for questions, checks and warnings; a result for each finding, and for each verdict that isn't
proved. A question whose answer isn't known is a result that fails, as it fails the review: results of another
kind have no level (section 3.27.10), and would be passed over.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import quote

from policy_engine.evaluator import WARNINGS
from policy_engine.review.checks import CHECKS, SEVERITIES, Fix, page_title, sections
from policy_engine.review.questions import QUESTIONS
from policy_engine.review.report.places import Places
from policy_engine.review.review import Review
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["sarif", "sarif_text"]

Json = dict[str, Any]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
"""What relative paths start from; whoever shows the results says where that is (section 3.14.14)."""


def sarif(review: Review, *, shown: Callable[[str], str] = str) -> Json:
    """A review as a SARIF log, in JSON types.

    Args:
        review: what is told.
        shown: how the path of a file is written; relative ones are taken from the root of the sources.
    """
    rules = [*_rules(_documentation())]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    places = Places.of(review, shown)
    results = [*_of_verdicts(review, places), *_of_findings(review, shown)]
    driver: Json = {"name": "policy-engine", "rules": rules}
    if review.versions.get("policy-engine"):
        driver["version"] = review.versions["policy-engine"]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [{**result, "ruleIndex": index[result["ruleId"]]} for result in results],
        "properties": {"outcome": str(review.outcome), "digests": dict(review.digests)},
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def sarif_text(review: Review, *, shown: Callable[[str], str] = str) -> str:
    """The same as text."""
    return json.dumps(sarif(review, shown=shown), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _documentation() -> str | None:
    """Where the project says that its pages are."""
    try:
        urls = metadata("policy-engine").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    labelled = dict(str(url).split(", ", 1) for url in urls)
    return labelled.get("Documentation")


def _rules(documentation: str | None) -> Iterator[Json]:
    for name, question in QUESTIONS.items():
        level = {"level": str(Severity.error)}
        yield {"id": name, "shortDescription": {"text": question.title}, "defaultConfiguration": level}
    for page, checks in (("warnings", WARNINGS), ("checks", CHECKS)):
        for code, check in checks.items():
            link = None if documentation is None else f"{documentation}/reference/{page}.md#{code.lower()}"
            yield _rule(code, check.page, link)


def _rule(code: str, page: str, link: str | None) -> Json:
    parts = sections(page)
    title = page_title(page)
    markdown = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in parts.items())
    rule: Json = {
        "id": code,
        "shortDescription": {"text": f"{title[:1].upper()}{title[1:]}."},
        "fullDescription": {"text": parts["What it checks"]},
        "help": {"text": markdown, "markdown": markdown},
        "defaultConfiguration": {"level": str(SEVERITIES[code])},
    }
    return rule if link is None else {**rule, "helpUri": link}


def _of_findings(review: Review, shown: Callable[[str], str]) -> Iterator[Json]:
    for finding in review.findings:
        result = _result(
            finding.code,
            str(finding.severity),
            f"{finding.message} ({finding.remedy})",
            () if finding.policy is None else (finding.policy,),
        )
        if finding.file is not None:
            region = _region(finding.line, finding.column, finding.ends)
            result["locations"][0]["physicalLocation"] = _physical(finding.file, region, shown)
        if finding.suppressed is not None:
            result["suppressions"] = [{"kind": "inSource", "justification": finding.suppressed}]
        if finding.fix is not None:
            result["fixes"] = [_fix(finding.fix, shown)]
        yield _without_nothing(result)


def _of_verdicts(review: Review, places: Places) -> Iterator[Json]:
    for verdict in review.verdicts:
        if verdict.outcome is Outcome.proved:
            continue
        result = _result(verdict.question, str(verdict.severity), _statement(verdict), verdict.policies)
        policy = next((places.policies[name] for name in verdict.policies if name in places.policies), None)
        if policy is not None and policy.file is not None:
            region = _region(policy.line, policy.column, None)
            result["locations"][0]["physicalLocation"] = _physical(policy.file, region, places.shown)
        if verdict.waived is not None:
            kind = "inSource" if verdict.waived.startswith("@") else "external"
            result["suppressions"] = [{"kind": kind, "justification": verdict.waived}]
        result["properties"] = {"outcome": str(verdict.outcome), "subject": verdict.subject}
        if verdict.witnesses:
            result["properties"]["witnesses"] = [witness.to_dict() for witness in verdict.witnesses]
        yield _without_nothing(result)


def _statement(verdict: Verdict) -> str:
    if verdict.reason is None:
        return verdict.statement
    detail = f": {verdict.reason.detail}" if verdict.reason.detail else ""
    return f"{verdict.statement} ({verdict.reason.reason}{detail})"


def _result(rule: str, level: str, text: str, policies: tuple[str, ...]) -> Json:
    """A result that nobody answered for, at no place yet."""
    # Not of lines: it is to be the same finding when something is written above it.
    print_ = hashlib.sha256(json.dumps([rule, text, policies]).encode()).hexdigest()
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": [{"logicalLocations": [{"name": name, "kind": "policy"} for name in policies]}],
        "partialFingerprints": {"policyEngineFinding/v1": print_},
        "suppressions": [],
    }


def _without_nothing(result: Json) -> Json:
    """Without empty lists in its place."""
    (location,) = result["locations"]
    kept = {name: part for name, part in location.items() if part}
    return {**result, "locations": [kept] if kept else []}


def _region(line: int, column: int, ends: tuple[int, int] | None) -> Json:
    region = {"startLine": line, "startColumn": column}
    return region if ends is None else {**region, "endLine": ends[0], "endColumn": ends[1]}


def _physical(file: str, region: Mapping[str, Any], shown: Callable[[str], str]) -> Json:
    return {"artifactLocation": _artifact(file, shown), "region": dict(region)}


def _artifact(file: str, shown: Callable[[str], str]) -> Json:
    path = PurePath(shown(file))
    if path.is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": _ROOT}


def _fix(fix: Fix, shown: Callable[[str], str]) -> Json:
    replacements = [
        {
            "deletedRegion": {"charOffset": edit.start, "charLength": len(edit.before)},
            "insertedContent": {"text": edit.after},
        }
        for edit in fix.edits
    ]
    artifact = _artifact(fix.edits[0].file, shown)
    changes = [{"artifactLocation": artifact, "replacements": replacements}]
    return {"description": {"text": fix.title}, "artifactChanges": changes}
