"""Cedar policies as values: what each says, and where it is written."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import cedarpy

from policy_engine.cedar.source import Statement, statements
from policy_engine.cedar.syntax import read_tree
from policy_engine.errors import PolicyError
from policy_engine.model import CedarJson

__all__ = ["Effect", "Policy", "parse_each", "parse_policies"]

Effect = Literal["permit", "forbid"]

_MAX_DEPTH = 600
"""Levels of JSON in one policy: some 300 chained operators. Python's own parser gives up below 1,000."""

_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SEE = "mend it between here and the next `;`"
_SPLIT_UP = "write it as several policies, or as a set and `.contains(…)`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy, or one template.

    Attributes:
        id: the value of `@id`, if it has one that isn't empty.
        effect: `permit` or `forbid`.
        annotations: by name; one without a value has the value "" (as in Cedar itself).
        est: Cedar's JSON policy format (docs.cedarpolicy.com, "JSON policy format").
        text: what is written, from the first annotation to `;`.
        template: whether it has slots, and so authorizes nothing until it is linked.
        file: where it is written, if in a file.
        line: 1-based.
        column: 1-based.
    """

    id: str | None
    effect: Effect
    annotations: Mapping[str, str] = field(hash=False)
    est: CedarJson = field(hash=False, repr=False)
    text: str
    template: bool = False
    file: str | None = None
    line: int = 1
    column: int = 1

    def error(self, problem: str, remedy: str, *, code: str) -> PolicyError:
        """An error that points at this policy."""
        return PolicyError(
            problem, remedy=remedy, file=self.file, line=self.line, column=self.column, code=code
        )


def parse_policies(text: str, file: str | None = None) -> tuple[Policy, ...]:
    """Parse a Cedar text.

    Raises:
        PolicyError: a policy doesn't parse; the error says where that policy begins, and carries the errors
            of all others in `others`.
    """
    parsed = parse_each(text, file)
    errors = [item for item in parsed if isinstance(item, PolicyError)]
    if errors:
        raise PolicyError.first_of([*errors])
    return tuple(item for item in parsed if isinstance(item, Policy))


def parse_each(text: str, file: str | None = None) -> Sequence[Policy | PolicyError]:
    """Parse every policy of a text by itself: what can't be parsed is an error in its place."""
    return tuple(_parse(statement, file) for statement in statements(text))


def _parse(statement: Statement, file: str | None) -> Policy | PolicyError:

    def refuse(problem: str, remedy: str) -> PolicyError:
        line, column = statement.line, statement.column
        return PolicyError(problem, remedy=remedy, file=file, line=line, column=column, code="policy_syntax")

    if statement.excess:
        return refuse(f"the policy can't be parsed: {statement.excess}", _SPLIT_UP)
    try:
        est, template = _as_json(statement.text)
    except RecursionError:
        return refuse("the policy nests too deep", _SPLIT_UP)
    except ValueError as error:
        sentence = " ".join(str(error).split())
        return _syntax_error(statement, file, refuse(f"the policy can't be parsed: {sentence}", _SEE))
    annotations = {name: value or "" for name, value in est.get("annotations", {}).items()}
    return Policy(
        id=annotations.get("id") or None,
        effect=est["effect"],
        annotations=MappingProxyType(annotations),
        est=est,
        text=statement.text,
        template=template,
        file=file,
        line=statement.line,
        column=statement.column,
    )


def _syntax_error(statement: Statement, file: str | None, otherwise: PolicyError) -> PolicyError:
    """What our own parser says of a policy that Cedar's refuses, which names no place."""
    found = otherwise
    try:
        read_tree(statement.text, file=file, line=statement.line, column=statement.column)
    except PolicyError as error:
        found = error
    return found


def _as_json(text: str) -> tuple[CedarJson, bool]:
    """The one policy of a text, and whether it is a template."""
    written = cedarpy.policies_to_json_str(text)
    if written.count("{") > _MAX_DEPTH and _depth(written) > _MAX_DEPTH:
        raise RecursionError
    parsed = json.loads(written)
    # Exactly one, or a ValueError: a text that was cut in a wrong place is refused.
    written_policies: list[CedarJson] = [*parsed["staticPolicies"].values(), *parsed["templates"].values()]
    (est,) = written_policies
    return est, bool(parsed["templates"])


def _depth(text: str) -> int:
    depth = deepest = 0
    for char in _JSON_STRING.sub("", text):
        depth += (char in "[{") - (char in "]}")
        deepest = max(deepest, depth)
    return deepest
