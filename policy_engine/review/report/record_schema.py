"""The form of a review's JSON (JSON Schema 2020-12), as `schemas/review.schema.json` has it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from policy_engine.review.access import ColumnKind, Reach, RowKind
from policy_engine.review.report.record import FORMAT, VERSION
from policy_engine.review.report.standing import Standing
from policy_engine.review.verdict import Outcome, Severity

__all__ = ["review_json_schema"]

Part = Mapping[str, Any]

_TEXT: Final[Part] = {"type": "string"}
_TEXTS: Final[Part] = {"type": "array", "items": _TEXT}
_NUMBER: Final[Part] = {"type": "integer", "minimum": 0}
_FLAG: Final[Part] = {"type": "boolean"}
_ANY_OBJECT: Final[Part] = {"type": "object"}
_DIGEST: Final[Part] = {"type": "string", "description": "SHA-256, in hexadecimal."}


def review_json_schema() -> str:
    """The schema as text, ready to be written to `schemas/`."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "review of a policy set",
        "description": "What `policy-engine review --format json` prints.",
    }
    schema = {**head, **_object(_REVIEW), "$defs": {name: _object(part) for name, part in _PARTS.items()}}
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _object(properties: Mapping[str, Part]) -> dict[str, Any]:
    """An object that has all of these; later versions may add others."""
    return {"type": "object", "properties": dict(properties), "required": sorted(properties)}


def _said(part: Part, description: str) -> Part:
    return {**part, "description": description}


def _one_of(
    words: type[Outcome | Standing | Severity | Reach | RowKind | ColumnKind], description: str
) -> Part:
    return {"enum": [str(word) for word in words], "description": description}


def _maybe(part: Part) -> Part:
    return {"anyOf": [part, {"type": "null"}]}


def _ref(name: str) -> Part:
    return {"$ref": f"#/$defs/{name}"}


def _list(name: str, description: str = "") -> Part:
    found: dict[str, Any] = {"type": "array", "items": _ref(name)}
    return {**found, "description": description} if description else found


_REVIEW: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "outcome": _one_of(Outcome, "Of all verdicts that count, the worst."),
        "counts": _said(
            {"type": "object", "additionalProperties": _NUMBER}, "How many verdicts of each standing."
        ),
        "verdicts": _list("verdict", "In the order of the questions."),
        "findings": _list("finding", "Of the checks."),
        "access": _said(_maybe(_ref("access")), "Who can do what."),
        "assumptions": _list("assumption", "What the verdicts rest on."),
        "digests": _said({"type": "object", "additionalProperties": _DIGEST}, "Of what it is about."),
        "versions": _said(
            {"type": "object", "additionalProperties": _maybe(_TEXT)},
            "Of what decided; null for what isn't installed.",
        ),
        "options": _said(_ANY_OBJECT, "What was asked."),
        "notes": _said(_TEXTS, "What couldn't be looked at, and why."),
    }
)

_PARTS: Final[Mapping[str, Mapping[str, Part]]] = MappingProxyType(
    {
        "verdict": {
            "question": _said(_TEXT, "For instance `separation`."),
            "subject": _said(_TEXT, "What it is about: a policy, an action, a group, a file."),
            "outcome": _one_of(Outcome, "What is known."),
            "standing": _one_of(Standing, "What it is to the whole; `remark` is of too low a severity."),
            "statement": _said(_TEXT, "One sentence: what is proved, violated or not known."),
            "policies": _said(_TEXTS, "Ids of the policies concerned."),
            "witnesses": _list("witness", "Requests that break it."),
            "reason": _said(_maybe(_ref("reason")), "Why it isn't known."),
            "environments": _said(_NUMBER, "Kinds of request that were looked at."),
            "solved": _said(_NUMBER, "Of those, how many the solver decided."),
            "waived": _said(_maybe(_TEXT), "By what a violation is accepted."),
            "vacuous": _said(_FLAG, "Whether there is nothing yet that it is about."),
            "severity": _one_of(Severity, "How much it matters if it isn't proved."),
            "details": _said(_ANY_OBJECT, "What else there is to say."),
        },
        "reason": {"code": _TEXT, "detail": _TEXT},
        "witness": {
            "principal": _said(_TEXT, "A Cedar entity, as all of these."),
            "action": _TEXT,
            "resource": _TEXT,
            "context": _said(_ANY_OBJECT, "Cedar JSON."),
            "entities": {"type": "array", "items": _ANY_OBJECT, "description": "Cedar's JSON entity format."},
            "decision": {"enum": ["allow", "deny"]},
            "policies": _said(_TEXTS, "Ids of the policies that decided."),
            "twin": _said(_maybe(_ref("witness")), "The same of somebody of the other kind."),
            "call": _said(_maybe(_ANY_OBJECT), "The same as a token and a message."),
            "note": _TEXT,
            "commands": _list("command", "To see it for oneself."),
        },
        "command": {"says": _TEXT, "text": _TEXT, "language": {"enum": ["sh", "json"]}},
        "finding": {
            "code": _said(_TEXT, "`PSnnn`."),
            "severity": _one_of(Severity, "How much it matters."),
            "fix": _said(_maybe(_TEXT), "What a program could mend."),
            "suppressed": _said(_maybe(_TEXT), "The reason for which it is left so."),
            "policy": _maybe(_TEXT),
            "message": _TEXT,
            "remedy": _TEXT,
            "file": _maybe(_TEXT),
            "line": _NUMBER,
            "column": _NUMBER,
        },
        "access": {
            "rows": _list("row", "Who."),
            "columns": _list("column", "What."),
            "cells": _list("cell", "What cells say, each once."),
            "grid": {
                "type": "array",
                "items": {"type": "array", "items": _NUMBER},
                "description": "For each row, numbers of `cells` from 0, in the order of `columns`.",
            },
            "policies": _list("policy"),
            "notes": _TEXTS,
        },
        "row": {
            "id": _said(_TEXT, "Unique among rows, and the same in the next report."),
            "kind": _one_of(RowKind, "`delegated` is a person for whom an agent asks."),
            "label": _TEXT,
            "note": _TEXT,
        },
        "column": {
            "id": _said(_TEXT, "Unique among columns, and the same in the next report."),
            "server": _TEXT,
            "kind": _one_of(ColumnKind, "What it is."),
            "name": _TEXT,
            "action": _TEXT,
            "type": _TEXT,
            "groups": _said(_TEXTS, "Groups of actions that it is in."),
            "known": _said(_FLAG, "Whether it is one thing, and not any of its type."),
        },
        "cell": {
            "reach": _one_of(Reach, "`always` and `never` are proofs over all requests."),
            "permits": _list("applied"),
            "forbids": _list("applied"),
        },
        "applied": {
            "policy": _TEXT,
            "certain": _said(_FLAG, "Whether it applies to every such request."),
            "conditions": _said(_TEXTS, "What it depends on otherwise, as Cedar text."),
        },
        "policy": {
            "id": _TEXT,
            "effect": {"enum": ["permit", "forbid"]},
            "text": _TEXT,
            "file": _maybe(_TEXT),
            "line": _NUMBER,
            "column": _NUMBER,
            "shadow": _said(_FLAG, "Whether it never decides."),
            "guarded": _said(_FLAG, "Whether what runs lets no agent in."),
            "head": {"type": "object", "additionalProperties": _TEXTS},
        },
        "assumption": {"code": _TEXT, "statement": _TEXT, "enforced": _TEXT},
    }
)
