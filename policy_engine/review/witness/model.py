"""A solver's model, looked up: by name and arguments, as terms are; and what any formula comes to in it."""

from collections.abc import Mapping
from typing import Any

from policy_engine.review.solving import ModelValue, Sat
from policy_engine.review.symbolic import Name, Operator, Point, Sort, Term, Truth, evaluate

__all__ = ["Model"]

_Arguments = tuple[ModelValue, ...]


class Model(Point):
    """What a solver chose; what it wasn't asked for is nothing: false, zero, empty.

    Attributes:
        values: of the names that were asked for, by their arguments.

    Args:
        sat: the solver's answer. The arguments of functions that were asked for have to be made of what was.
    """

    def __init__(self, sat: Sat) -> None:  # no request is read: it is what is looked for
        self._known: dict[Term, Truth] = dict(sat.values)
        self.values: dict[Name, dict[_Arguments, ModelValue]] = {}
        for leaf, value in sat.values.items():
            if leaf.name is not None and leaf.operator in (Operator.VARIABLE, Operator.APPLY):
                arguments = tuple(self.truth(argument) for argument in leaf.arguments)
                self.values.setdefault(leaf.name, {})[arguments] = value

    def truth(self, item: Term) -> Truth:
        """What a term comes to."""
        return evaluate(item, self, self._known)

    def get(self, name: Name, arguments: _Arguments = ()) -> ModelValue | None:
        """The value of something, if it was asked for."""
        return self.values.get(name, {}).get(arguments)

    def asked_within(self, name: Name, arguments: _Arguments) -> bool:
        """Whether anything was asked for that is part of something."""
        return any(
            key[: len(name)] == name and arguments in of
            for key, of in self.values.items()
            if len(key) >= len(name)
        )

    def variable(self, name: Name, sort: Sort) -> Truth:
        """The value of a variable."""
        return self._or_nothing(self.get(name), sort)

    def apply(self, name: Name, sort: Sort, arguments: list[Any]) -> Truth:
        """The value of a function."""
        return self._or_nothing(self.get(name, tuple(arguments)), sort)

    def _or_nothing(self, value: ModelValue | None, sort: Sort) -> Truth:
        return _NOTHING[sort] if value is None else value


_NOTHING: Mapping[Sort, Truth] = {
    Sort.BOOL: False,
    Sort.INT: 0,
    Sort.STRING: "",
    Sort.INTS: frozenset(),
    Sort.STRINGS: frozenset(),
}
