"""How much of what was worked out for one request is kept for the next."""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an evaluator may keep of what callers bring; what belongs to a pinned tool is kept beside it.

    Attributes:
        answers: whether an answer of Cedar's is used again for the very same question.
        most_bytes: what all that is kept may take, about.
    """

    answers: bool = True
    most_bytes: int = 64 * 1024 * 1024
