"""Ids of entities as numbers: they are only ever compared, so that is all there is to know of them."""

from policy_engine.model import EntityUid

__all__ = ["Ids"]


class Ids:
    """Gives every text a number, and finds it again.

    A text has one number for all types, so that a person and a machine may be of one id. Numbers of texts
    begin at 0; a solver that chooses any other number speaks of some other text.
    """

    __slots__ = ("_numbers", "_texts")

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []

    def number(self, text: str) -> int:
        """The number of a text."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self._texts)
            self._texts.append(text)
        return found

    def text(self, number: int) -> str | None:
        """The text of a number, if it is one that was given."""
        return self._texts[number] if 0 <= number < len(self._texts) else None

    def uid(self, type_: str, number: int) -> EntityUid | None:
        """The entity of a type and a number, if that is one that was given."""
        text = self.text(number)
        return None if text is None else EntityUid(type_, text)

    def __len__(self) -> int:
        """How many texts have a number."""
        return len(self._texts)
