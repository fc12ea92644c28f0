"""What should come of a call, in one line: `allow by ci-opens-issues`, `deny`, `forbidden by no-machines`."""

import re
from dataclasses import dataclass
from typing import Final

from policy_engine.errors import ConfigError
from policy_engine.model import ALLOWED

__all__ = ["DENIED", "Outcome", "outcome_of"]

_LINE: Final = re.compile(
    r"(?P<what>[^\s/]+)(?:/(?P<detail>[^\s/]+))?(?:\s+by\s+(?P<by>.+?))?(?:\s+failing\s+(?P<errors>.+))?"
)

_WORDS: Final = {"allow": True, "✓": True, "deny": False, "-": False, "✗": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What should come of a call.

    Attributes:
        allowed: whether it is allowed.
        code: the decision's code, if it is said.
        detail: its detail.
        policies: the policies that decide, if they are said.
        errors: the policies that fail.
    """

    allowed: bool
    code: str | None = None
    detail: str | None = None
    policies: frozenset[str] | None = None
    errors: frozenset[str] = frozenset()


DENIED: Final = Outcome(allowed=False)


def outcome_of(text: str) -> Outcome:
    """Read an outcome; nothing at all is a denial.

    Raises:
        ConfigError: it isn't one.
    """
    if not text.strip():
        return DENIED
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise ConfigError(
            f"`{text.strip()}` says no outcome",
            remedy="write `allow`, `deny` or a code, then `by` and the ids of policies",
        )
    word = found["what"]
    allowed = _WORDS.get(word, word == ALLOWED)
    return Outcome(
        allowed=allowed,
        code=None if word in _WORDS else word,
        detail=found["detail"],
        policies=None if found["by"] is None else _ids(found["by"], text),
        errors=frozenset() if found["errors"] is None else _ids(found["errors"], text),
    )


def _ids(text: str, whole: str) -> frozenset[str]:
    ids = [part.strip() for part in text.split(",")]
    if not all(ids) or len(set(ids)) != len(ids):
        raise ConfigError(
            f"in `{whole.strip()}`, an id of a policy is empty or written twice", remedy="name each once"
        )
    return frozenset(ids)
