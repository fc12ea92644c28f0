"""`// policy-engine: allow PS001 -- the reason`, directly above a policy: somebody answered for a finding.

Without a reason nothing is allowed, and what is allowed is one policy, by the code of a finding.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policy_engine.cedar import Policy
from policy_engine.evaluator.policy_source import PolicySource
from policy_engine.evaluator.policy_store import PolicyWarning, StoredPolicy

__all__ = ["Suppression", "marked", "read_suppression", "suppressions_of", "unsuppressed"]

_MARK = "policy-engine:"

_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|//(?P<comment>[^\n\r]*)', re.DOTALL)

_DIRECTIVE = re.compile(rf"[ \t]*{_MARK}[ \t]*allow\b(?P<rest>.*)")

_REST = re.compile(r"[ \t]+(?P<codes>\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*(?:--[ \t]*(?P<reason>.*?)[ \t]*)?")

_BETWEEN = re.compile(r"[ \t]*\r?\n(?:[ \t]*//[^\n]*\n)*[ \t]*")
"""What may stand between the comment and its policy: further comments, and no empty line."""

_FORM = "that isn't `allow CODE -- reason`"
_NO_REASON = "it gives no reason"
_NOWHERE = "it doesn't stand directly above a policy"

Place = tuple[int, int]
"""Line and column, both 1-based."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One such comment.

    Attributes:
        codes: of the findings that it allows, as they are written.
        reason: why.
        problem: why it allows nothing, in a few words; empty if it does.
        policy: the id of the policy below it.
        file: where it is written, if in a file.
        line: 1-based.
        column: 1-based.
        begins: where that for which it speaks begins.
        ends: the place after that.
    """

    codes: tuple[str, ...]
    reason: str
    problem: str
    policy: str | None
    file: str | None
    line: int
    column: int
    begins: Place = (0, 0)
    ends: Place = (0, 0)

    def allows(self, warning: PolicyWarning) -> bool:
        """Whether a warning is one that it speaks of."""
        return (
            not self.problem
            and warning.code in self.codes
            and warning.file == self.file
            and self.begins <= (warning.line, warning.column) < self.ends
        )


def marked(sources: Iterable[PolicySource]) -> tuple[PolicySource, ...]:
    """The texts that may hold such a comment: mostly none."""
    return tuple(source for source in sources if _MARK in source.text)


def suppressions_of(
    sources: Iterable[PolicySource], policies: Iterable[StoredPolicy]
) -> tuple[Suppression, ...]:
    """Every such comment of some texts, whether it counts or not.

    Args:
        sources: the texts.
        policies: those that were read from them.
    """
    texts = marked(sources)
    if not texts:
        return ()
    written = [policy.written for policy in policies]
    return tuple(
        found
        for source in texts
        for found in _of_text(source, [policy for policy in written if policy.file == source.file])
    )


def unsuppressed(
    warnings: Iterable[PolicyWarning], suppressions: Sequence[Suppression]
) -> Iterator[PolicyWarning]:
    """The warnings that nobody answered for."""
    return (warning for warning in warnings if not any(one.allows(warning) for one in suppressions))


def read_suppression(comment: str) -> tuple[tuple[str, ...], str, str] | None:
    """The codes, the reason, and what is wrong with it; None for any other comment.

    Args:
        comment: without what begins it.
    """
    directive = _DIRECTIVE.fullmatch(comment)
    if directive is None:
        return None
    rest = _REST.fullmatch(directive["rest"])
    if rest is None:
        return (), "", _FORM
    codes = tuple(code.strip() for code in rest["codes"].split(","))
    reason = rest["reason"] or ""
    return codes, reason, "" if reason else _NO_REASON


def _of_text(source: PolicySource, policies: Sequence[Policy]) -> Iterator[Suppression]:
    text = source.text
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    below = {starts[policy.line - 1] + policy.column - 1: policy for policy in policies}
    for token in _STRING_OR_COMMENT.finditer(text):
        read = None if token["comment"] is None else read_suppression(token["comment"])
        if read is None:
            continue
        codes, reason, problem = read
        line = text.count("\n", 0, token.start()) + 1
        between = _BETWEEN.match(text, token.end())
        policy = None if between is None else below.get(between.end())
        alone = not text[starts[line - 1] : token.start()].strip()
        if policy is None or not alone:
            policy, problem = None, problem or _NOWHERE
        yield Suppression(
            codes=codes,
            reason=reason,
            problem=problem,
            policy=None if policy is None else policy.id,
            file=source.file,
            line=line,
            column=token.start() - starts[line - 1] + 1,
            begins=(0, 0) if policy is None else (policy.line, policy.column),
            ends=(0, 0) if policy is None else _end(policy),
        )


def _end(policy: Policy) -> Place:
    lines = policy.text.split("\n")
    return policy.line + len(lines) - 1, len(lines[-1]) + (policy.column if len(lines) == 1 else 1)
