"""Make every check of a policy set, the warnings of `policy-engine validate` included."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from policy_engine.cedar import Policy, Span
from policy_engine.evaluator import WARNINGS, PolicyWarning, find_warnings
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.finding import CheckFinding, Fix
from policy_engine.review.checks.fixing import annotation_removed, kind_into_head
from policy_engine.review.checks.looking import Scene
from policy_engine.review.checks.suppressing import UNFIT_SUPPRESSION, UNUSED_SUPPRESSION, Suppressions
from policy_engine.review.checks.suppressing.unfit_suppression import unfit
from policy_engine.review.checks.suppressing.unused_suppression import unused
from policy_engine.review.checks.table import CHECKS, SEVERITIES
from policy_engine.review.subject import Subject

__all__ = ["find_findings"]

_KNOWN = frozenset({*WARNINGS, *CHECKS} - {UNFIT_SUPPRESSION.code, UNUSED_SUPPRESSION.code})


def find_findings(subject: Subject, *, now: float | None = None) -> tuple[CheckFinding, ...]:
    """Everything that a reviewer should look at, in the order of files and lines.

    What somebody answered for in a comment is there, too, with the reason.

    Args:
        subject: what is reviewed.
        now: the time, in seconds since the epoch, for what depends on it; the clock's, if it isn't given.

    Raises:
        ConfigError: a file of policies, or the configuration, can't be read any more.
    """
    scene = Scene(subject, time.time() if now is None else now)
    warnings = find_warnings(scene.survey)
    seen = {
        found.policy.policy.id for check in CHECKS.values() for found in check.find(scene) if found.policy
    }
    fixable = {warning.policy for warning in warnings if warning.code in ("PS001", "PS006")}
    placed = scene.placed(seen | fixable)
    findings = [*_of_checks(placed), *map(partial(_of_warning, placed), warnings)]
    comments = Suppressions(scene)
    applied = [comments.applied(finding) for finding in findings]
    return tuple(sorted([*applied, *_of_comments(scene, comments)], key=_order))


def _of_checks(scene: Scene) -> Iterator[CheckFinding]:
    for check in CHECKS.values():
        for found in check.find(scene):
            yield _finding(scene, check, found)


def _finding(scene: Scene, check: Check, found: Found) -> CheckFinding:
    if found.policy is None:
        place = found.place or scene.place()
        file = scene.loaded.document.file
        return _placed(check, found, _Place(None if file is None else str(file), place.line, place.column))
    written, span = found.policy.policy.written, found.span
    if span is None:
        place_ = _Place(written.file, written.line, written.column)
    else:
        place_ = _Place(written.file, span.line, span.column, _end(written, span))
    return _placed(check, found, place_, found.policy.policy.id)


@dataclass(frozen=True, slots=True)
class _Place:
    file: str | None
    line: int
    column: int
    ends: tuple[int, int] | None = None


def _placed(check: Check, found: Found, place: _Place, policy: str | None = None) -> CheckFinding:
    return CheckFinding(
        code=check.code,
        policy=policy,
        message=found.message,
        remedy=found.remedy,
        file=place.file,
        line=place.line,
        column=place.column,
        severity=check.severity,
        ends=place.ends,
        fix=found.fix,
    )


def _end(written: Policy, span: Span) -> tuple[int, int]:
    lines = written.text[span.start : span.end].split("\n")
    return span.line + len(lines) - 1, len(lines[-1]) + (span.column if len(lines) == 1 else 1)


def _of_warning(scene: Scene, warning: PolicyWarning) -> CheckFinding:
    return CheckFinding.of_warning(warning, SEVERITIES[warning.code], _fix(scene, warning))


def _fix(scene: Scene, warning: PolicyWarning) -> Fix | None:
    policy = next((one for one in scene.policies if one.policy.id == warning.policy), None)
    if policy is None:
        return None
    match warning.code:
        case "PS001":
            return kind_into_head(scene, policy)
        case "PS006":
            return annotation_removed(scene, policy, "kinds")
        case _:
            return None


def _of_comments(scene: Scene, comments: Suppressions) -> Iterator[CheckFinding]:
    every = comments.every
    for check, found in (
        *((UNFIT_SUPPRESSION, found) for found in unfit(comments, _KNOWN)),
        *((UNUSED_SUPPRESSION, found) for found in unused(scene, comments, _KNOWN)),
    ):
        comment = every[found[0]]
        yield _placed(check, found[1], _Place(comment.file, comment.line, comment.column), comment.policy)


def _order(finding: CheckFinding) -> tuple[str, int, int, str]:
    return finding.file or "", finding.line, finding.column, finding.code
