"""Where in its file a part of a policy stands; read only when there is something to show."""

from policy_engine.cedar import Expression, Policy, PolicyTree, Span, read_tree
from policy_engine.errors import PolicyError

__all__ = ["error_at", "text_of", "written_tree"]

_LONGEST = 60
"""As many characters of a policy are quoted."""


def written_tree(policy: Policy) -> PolicyTree:
    """The policy as a tree, with places of its file."""
    return read_tree(policy.text, file=policy.file, line=policy.line, column=policy.column)


def error_at(policy: Policy, span: Span | None, problem: str, remedy: str, *, code: str) -> PolicyError:
    """An error that points at a part of a policy; at its beginning if it isn't known which."""
    line, column = (policy.line, policy.column) if span is None else (span.line, span.column)
    return PolicyError(problem, remedy=remedy, file=policy.file, line=line, column=column, code=code)


def text_of(policy: Policy, node: Expression) -> str:
    """What is written there, on one line and not too long."""
    span = node.span or Span(0, 0, 1, 1)
    text = " ".join(policy.text[span.start : span.end].split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
