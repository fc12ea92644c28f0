"""What an expression comes to where not everything is known."""

from dataclasses import dataclass

from policy_engine.cedar.fold.shapes import Shape, Unknown
from policy_engine.cedar.fold.values import Bool

__all__ = [
    "FALSE",
    "TRUE",
    "Folded",
    "as_truth",
    "conjunction",
    "disjunction",
    "error",
    "negation",
    "of",
    "truth",
]


@dataclass(frozen=True, slots=True)
class Folded:
    """Everything that an expression may come to: a value, or one of some errors.

    Attributes:
        value: what is known of its value; None if it has none, since it errs in any case.
        errors: codes of the errors that it may give (`policy_engine.cedar` lists them).
    """

    value: Shape | None
    errors: frozenset[str] = frozenset()

    @property
    def holds(self) -> bool | None:
        """The truth value, errors left aside; None if that isn't certain, or it is none."""
        return self.value.value if isinstance(self.value, Bool) else None

    @property
    def error(self) -> str | None:
        """The code, if it errs in any case and always in the same way."""
        return next(iter(self.errors)) if self.value is None and len(self.errors) == 1 else None

    def after(self, errors: frozenset[str]) -> "Folded":
        """The same, evaluated after something that may have erred."""
        return Folded(self.value, self.errors | errors) if errors else self


TRUE, FALSE = Folded(Bool(value=True)), Folded(Bool(value=False))
_EITHER = Unknown("bool")
_NO_BOOL = frozenset({"type_error"})


def of(value: Shape) -> Folded:
    """A result that can't be an error."""
    return Folded(value)


def truth(known: bool | None) -> Folded:  # noqa: FBT001 -- it is the value
    """A truth value, or one of the two."""
    if known is None:
        return Folded(_EITHER)
    return TRUE if known else FALSE


def error(code: str) -> Folded:
    """A certain error."""
    return Folded(None, frozenset({code}))


def as_truth(folded: Folded) -> Folded:
    """The result where a truth value is needed: anything else is a type error."""
    match folded.value:
        case None | Bool() | Unknown(kind="bool"):
            return folded
        case Unknown(kind=None):
            return Folded(_EITHER, folded.errors | _NO_BOOL)
        case _:
            return Folded(None, folded.errors | _NO_BOOL)


def negation(folded: Folded) -> Folded:
    """`!operand`."""
    operand = as_truth(folded)
    if operand.holds is None:
        return operand
    return (FALSE if operand.holds else TRUE).after(operand.errors)


def conjunction(left: Folded, right: Folded) -> Folded:
    """`left && right`, where `left` can't be known to be false or to err: then `right` is never looked at."""
    return _shortcut(as_truth(left), as_truth(right), FALSE)


def disjunction(left: Folded, right: Folded) -> Folded:
    """`left || right`, where `left` can't be known to be true or to err: then `right` is never looked at."""
    return _shortcut(as_truth(left), as_truth(right), TRUE)


def _shortcut(left: Folded, right: Folded, short: Folded) -> Folded:
    if left.value != _EITHER:
        return right.after(left.errors)
    value = short.value if right.value in (None, short.value) else _EITHER
    return Folded(value, left.errors | right.errors)
