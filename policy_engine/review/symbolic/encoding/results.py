"""What an expression comes to: whether it errs, and its value where it doesn't."""

from typing import NamedTuple

from policy_engine.review.symbolic.simplify import disjunction
from policy_engine.review.symbolic.terms import FALSE, TRUE, Term
from policy_engine.review.symbolic.values import UNSEEN, Scalar, Symbolic, Unseen

__all__ = ["ERROR", "UNENCODED", "Result", "as_truth", "errors", "of", "strict", "truth"]


class Result(NamedTuple):
    """What an expression comes to.

    Attributes:
        errs: whether it errs.
        value: what it is where it doesn't; None if it errs in any case; `UNSEEN` if the encoding doesn't
            follow it, and then `errs` is of no account either.
    """

    errs: Term
    value: Symbolic | None


ERROR = Result(TRUE, None)
UNENCODED = Result(FALSE, UNSEEN)


def of(value: Symbolic) -> Result:
    """A value that can't be an error."""
    return Result(FALSE, value)


def truth(holds: Term, errs: Term = FALSE) -> Result:
    """A truth value."""
    return ERROR if errs is TRUE else Result(errs, Scalar("Bool", holds))


def as_truth(result: Result) -> tuple[Term, Term] | None:
    """Whether it errs where a truth value is needed, and the truth value; None if it isn't followed."""
    match result.value:
        case Scalar("Bool", holds):
            return result.errs, holds
        case Unseen():
            return None
        case _:
            return TRUE, FALSE


def strict(*results: Result) -> Result | None:
    """What comes of a node whose parts settle it: one errs in any case, or one isn't followed."""
    unseen = False
    for result in results:
        if result.value is None:
            return ERROR
        unseen = unseen or isinstance(result.value, Unseen)
    return UNENCODED if unseen else None


def errors(*results: Result) -> Term:
    """Whether any of them errs."""
    return disjunction(*(result.errs for result in results))
