"""A mutant: one policy with one mistake in it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from functools import cached_property

from policy_engine.cedar import Policy, Span
from policy_engine.harness.mutation.operators import OPERATORS, Operator
from policy_engine.harness.mutation.source import Edit, Source, sources_of

__all__ = ["Mutant", "mutants_of"]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of one policy.

    Attributes:
        operator: the name of what was done.
        policy: the id of the policy.
        file: where it is written, if in a file.
        span: the stretch that was changed; offsets count from the beginning of the policy, lines and columns
            are those of the file.
        before: what stood there.
        after: what stands there instead.
        original: the whole policy as it is.
        text: the whole policy as it would be; empty if it is gone.
        number: which place it is, of those that the operator found in the policy.
    """

    operator: str
    policy: str
    file: str | None
    span: Span
    before: str
    after: str
    original: Policy = field(repr=False)
    text: str = field(repr=False)
    number: int = 0

    @property
    def id(self) -> str:
        """Unique in a policy set: `ci-opens-issues/text-changed/2`."""
        return f"{self.policy}/{self.operator}/{self.number + 1}"

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what it makes of which policy."""
        said = json.dumps([self.policy, self.original.text, self.text])
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def says(self) -> str:
        """What was done, as a sentence about the policy."""
        return f"`{self.policy}` {OPERATORS[self.operator].says}"

    def diff(self) -> str:
        """The policy before and after, as a unified diff with lines of the file."""
        before, after = self.original.text.splitlines(), self.text.splitlines()
        lines = list(unified_diff(before, after, lineterm="", n=2))[2:]
        name = self.file or "<values>"
        return "\n".join([f"--- {name}", f"+++ {name}", *(self._hunk(line) for line in lines)])

    def _hunk(self, line: str) -> str:
        """The line numbers of a hunk, counted as in the file."""
        if not line.startswith("@@"):
            return line
        shift = self.original.line - 1
        _, old, new, _ = line.split(" ")
        return f"@@ {_shifted(old, shift)} {_shifted(new, shift)} @@"


def mutants_of(policies: Iterable[Policy], operators: Mapping[str, Operator] = OPERATORS) -> Iterator[Mutant]:
    """Every mutant of some policies: policy by policy, operator by operator, from left to right.

    What an operator leaves as it is, or makes twice, is no mutant. Whether Cedar takes one isn't known yet.

    Raises:
        PolicyError: a policy can't be read.
    """
    for source in sources_of(policies):
        for name, operator in operators.items():
            seen = {source.text}
            for edit in sorted(operator.edits(source), key=lambda edit: edit.start):
                text = source.text[: edit.start] + edit.text + source.text[edit.end :]
                if text not in seen:
                    yield _mutant(source, name, edit, text, len(seen) - 1)
                    seen.add(text)


def _mutant(source: Source, operator: str, edit: Edit, text: str, number: int) -> Mutant:
    policy = source.policy
    before = source.text[: edit.start]
    lines = before.count("\n")
    column = len(before) - (before.rfind("\n") + 1) + 1
    span = Span(edit.start, edit.end, policy.line + lines, column if lines else column + policy.column - 1)
    return Mutant(
        operator=operator,
        policy=policy.id or "",
        file=policy.file,
        span=span,
        before=source.text[edit.start : edit.end],
        after=edit.text,
        original=policy,
        text=text,
        number=number,
    )


def _shifted(numbers: str, shift: int) -> str:
    """`-3,4` → `-13,4`."""
    first, comma, count = numbers[1:].partition(",")
    return f"{numbers[0]}{int(first) + shift}{comma}{count}"
