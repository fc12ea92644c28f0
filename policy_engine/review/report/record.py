"""A review as JSON, for programs and for the next review; `schemas/review.schema.json` says its form."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from policy_engine.review.access import Access
from policy_engine.review.report.commands import commands_of
from policy_engine.review.report.standing import by_standing, standing_of
from policy_engine.review.review import Review
from policy_engine.review.verdict import Verdict, Witness

__all__ = ["FORMAT", "VERSION", "record", "record_text"]

FORMAT: Final = "policy-engine review"
VERSION: Final = 1


def record(review: Review, *, shown: Callable[[str], str] = str) -> dict[str, Any]:
    """All of a review, in JSON types; the same review gives the same record.

    Args:
        review: the review.
        shown: how the path of a file is written.
    """
    access = review.access if isinstance(review.access, Access) else None
    told = review.to_dict()
    return {
        "format": FORMAT,
        "version": VERSION,
        **told,
        "counts": {str(standing): len(found) for standing, found in by_standing(review).items()},
        "verdicts": [_verdict(review, verdict) for verdict in review.verdicts],
        "findings": [_placed(finding, shown) for finding in told["findings"]],
        "access": None if access is None else _access(access, shown),
    }


def record_text(review: Review, *, shown: Callable[[str], str] = str) -> str:
    """The same as text."""
    return json.dumps(record(review, shown=shown), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _access(access: Access, shown: Callable[[str], str]) -> dict[str, Any]:
    told = access.to_dict()
    return {**told, "policies": [_placed(policy, shown) for policy in told["policies"]]}


def _placed(told: dict[str, Any], shown: Callable[[str], str]) -> dict[str, Any]:
    file = told["file"]
    return {**told, "file": None if file is None else shown(file)}


def _verdict(review: Review, verdict: Verdict) -> dict[str, Any]:
    return {
        **verdict.to_dict(),
        "standing": str(standing_of(review, verdict)),
        "witnesses": [_witness(witness) for witness in verdict.witnesses],
    }


def _witness(witness: Witness) -> dict[str, Any]:
    commands = [command.to_dict() for command in commands_of(replace(witness, twin=None))]
    twin = None if witness.twin is None else _witness(witness.twin)
    return {**witness.to_dict(), "twin": twin, "commands": commands}
