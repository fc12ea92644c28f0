"""A word that the grammar can't take."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from lark import Token

from policy_engine.cedar.syntax.complaints.expectations import NAMES
from policy_engine.cedar.syntax.complaints.whereabouts import Whereabouts

__all__ = ["Refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A word that can't stand where it does.

    Attributes:
        found: it, or None at the end of the text.
        read: the words before.
        accepted: terminals that could stand there.
        place: where that is.
    """

    found: Token | None
    read: Sequence[Token]
    accepted: Collection[str]
    place: Whereabouts

    @property
    def kind(self) -> str:
        """The terminal that was found."""
        return "" if self.found is None else self.found.type

    @property
    def before(self) -> str:
        """The terminal before it."""
        return self.read[-1].type if self.read else ""

    @property
    def after_has(self) -> bool:
        """Whether the names and points before it follow `has`."""
        kinds = NAMES | {"DOT"}
        return next((word.type == "HAS" for word in reversed(self.read) if word.type not in kinds), False)

    @property
    def path(self) -> str:
        """The name `A::B` that was read last."""
        words = takewhile(lambda word: word.type in NAMES | {"_PATH"}, reversed(self.read))
        return "".join(reversed([*words]))
