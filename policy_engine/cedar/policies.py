"""Cedar policies as values: what each says, and where it is written."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Literal

import cedarpy

from policy_engine.cedar.json_text import from_text
from policy_engine.cedar.slicing.scope import PolicyScope, scope_of
from policy_engine.cedar.source import Statement, statements
from policy_engine.cedar.syntax import read_tree
from policy_engine.errors import PolicyError
from policy_engine.model import CedarJson

__all__ = ["Effect", "Parsed", "Policy", "est_of", "parse_each", "parse_policies", "read_policies"]

Effect = Literal["permit", "forbid"]

_MAX_DEPTH = 600
"""Levels of JSON in one policy: some 300 chained operators. Python's own parser gives up below 1,000."""

_TOGETHER = 100
"""As many policies are parsed by one call."""

_SIMPLE = 120
"""Policies with fewer tokens that nest can't come near `_MAX_DEPTH`: each is at most four levels of JSON."""

_MARK = "__nr"
"""Begins the annotation that tells policies apart that are parsed by one call."""

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
        text: what is written, from the first annotation to `;`.
        scope: whom and what its head admits; None for a template, which has slots, and so authorizes nothing
            until it is linked.
        file: where it is written, if in a file.
        line: 1-based.
        column: 1-based.
    """

    id: str | None
    effect: Effect
    annotations: Mapping[str, str] = field(hash=False)
    text: str
    scope: PolicyScope | None = field(hash=False, repr=False)
    file: str | None = None
    line: int = 1
    column: int = 1

    @property
    def template(self) -> bool:
        """Whether it has slots."""
        return self.scope is None

    @property
    def est(self) -> CedarJson:
        """Cedar's JSON policy format (docs.cedarpolicy.com, "JSON policy format").

        Parsed anew each time: it takes many times the memory of the text.
        """
        return est_of(self.text)

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
    return tuple(item if isinstance(item, PolicyError) else item.policy for item in read_policies(text, file))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A policy, and what Cedar's parser made of it, for as long as somebody looks at it."""

    policy: Policy
    est: CedarJson


def read_policies(text: str, file: str | None = None) -> Iterator[Parsed | PolicyError]:
    """The same as `parse_each`, one after another, with the JSON of each."""
    rest = iter(statements(text))
    while some := tuple(islice(rest, _TOGETHER)):
        together = _parse_together([part for part in some if _is_simple(part)])
        for statement in some:
            known = together.get(statement.text)
            yield _parse(statement, file) if known is None else _parsed(statement, file, *known)


def est_of(text: str) -> CedarJson:
    """Cedar's JSON policy format of the one policy of a text."""
    return _as_json(text)[0]


def _is_simple(statement: Statement) -> bool:
    return not statement.excess and statement.nesting < _SIMPLE and _MARK not in statement.text


def _parse_together(parts: Sequence[Statement]) -> Mapping[str, tuple[CedarJson, bool]]:
    """By text, what `_as_json` says of each; nothing if it isn't certain which is which.

    Each begins with an annotation that no other has. If Cedar finds as many policies as there are texts, and
    in each the annotation of its number, then every text is one policy: each begins where one begins.
    """
    text = "\n".join(f"@{_MARK}{number}\n{part.text}" for number, part in enumerate(parts))
    try:
        written = from_text(cedarpy.policies_to_json_str(text))
    except ValueError:  # the one that is wrong is looked for one by one
        return {}
    statics, templates = written["staticPolicies"], written["templates"]
    if len(statics) + len(templates) != len(parts):
        return {}
    found: dict[str, tuple[CedarJson, bool]] = {}
    for number, part in enumerate(parts):
        name = f"policy{number}"
        est = statics.get(name) or templates.get(name) or {}
        annotations = est.get("annotations", {})
        if annotations.pop(f"{_MARK}{number}", "") is not None:
            return {}
        if not annotations:
            del est["annotations"]
        found[part.text] = est, name in templates
    return found


def _parse(statement: Statement, file: str | None) -> Parsed | PolicyError:

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
    return _parsed(statement, file, est, template)


def _parsed(statement: Statement, file: str | None, est: CedarJson, template: bool) -> Parsed:  # noqa: FBT001 -- private
    annotations = {name: value or "" for name, value in est.get("annotations", {}).items()}
    policy = Policy(
        id=annotations.get("id") or None,
        effect=est["effect"],
        annotations=MappingProxyType(annotations),
        text=statement.text,
        scope=None if template else scope_of(est),
        file=file,
        line=statement.line,
        column=statement.column,
    )
    return Parsed(policy, est)


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
    parsed = from_text(written)
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
