"""What lark hands out, read: names, texts and places."""

from typing import TypeVar, cast

from lark import Token, Tree

from policy_engine.cedar.syntax.origin import Origin
from policy_engine.cedar.syntax.reading.measure import Measure
from policy_engine.cedar.syntax.strings import EscapeError, pattern_of, text_of
from policy_engine.cedar.syntax.tree import EntityLiteral, Expression, Span
from policy_engine.cedar.syntax.words import MAX_LONG
from policy_engine.errors import PolicyError
from policy_engine.model import EntityUid

__all__ = ["Node", "Part", "Reader"]

_MOST_DIGITS = 20
"""More than a Long has; Python refuses to read very long numbers."""

Node = Tree[Token]
Part = Node | Token
MadeT = TypeVar("MadeT", bound=Expression)


class Reader:
    """The small parts that heads and conditions are both made of."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._measure = Measure()

    @staticmethod
    def start(part: Part) -> int:
        """Offset of its first character."""
        start = part.start_pos if isinstance(part, Token) else part.meta.start_pos
        return start or 0

    @staticmethod
    def end(part: Part) -> int:
        """Offset after its last character."""
        end = part.end_pos if isinstance(part, Token) else part.meta.end_pos
        return end or 0

    def span(self, first: Part, last: Part | None = None) -> Span:
        """From the beginning of one part to its end, or another's."""
        return self.origin.span(self.start(first), self.end(first if last is None else last))

    def name(self, part: Part) -> str:
        """An identifier."""
        return str(part if isinstance(part, Token) else part.children[0])

    def type(self, part: Part) -> str:
        """A path such as `A::B`, without the space that may stand in it."""
        names: list[str] = []
        rest = [part]
        while rest:
            *rest, last = cast("Node", rest[0]).children
            names.append(self.name(last))
        return "::".join(reversed(names))

    def key(self, part: Part) -> str:
        """What names an attribute: an identifier, or a text."""
        return self.text(part) if isinstance(part, Token) else self.name(part)

    def number(self, part: Part, most: int) -> int:
        """Digits."""
        digits = self.name(part)
        number = int(digits[-_MOST_DIGITS:]) if digits[:-_MOST_DIGITS].strip("0") == "" else most + 1
        if number > most:
            raise self.error(part, "the number is beyond 64 bits", f"the greatest is {MAX_LONG}")
        return number

    def entity(self, part: Part) -> EntityLiteral:
        """`Type::"id"`."""
        kind, text = cast("Node", part).children
        return EntityLiteral(EntityUid(self.type(kind), self.text(text)), span=self.span(part))

    def text(self, part: Part) -> str:
        """A text in quotes."""
        try:
            return text_of(str(part)[1:-1])
        except EscapeError as error:
            raise self._bad_escape(part, error) from None

    def pattern(self, part: Part) -> tuple[str | None, ...]:
        """A text after `like`."""
        try:
            return pattern_of(str(part)[1:-1])
        except EscapeError as error:
            raise self._bad_escape(part, error) from None

    def checked(self, part: Part, made: MadeT) -> MadeT:
        """An expression that was made of a part, if it isn't beyond measure."""
        excess = self._measure.add(made)
        if excess:
            raise self.error(part, f"the condition {excess}", "write it as several policies")
        return made

    def error(self, part: Part, problem: str, remedy: str) -> PolicyError:
        """What is wrong with a part, at its beginning."""
        return self.origin.error(self.start(part), problem, remedy)

    def _bad_escape(self, part: Part, error: EscapeError) -> PolicyError:
        at = self.start(part) + 1 + error.offset
        return self.origin.error(at, error.problem, error.remedy)
