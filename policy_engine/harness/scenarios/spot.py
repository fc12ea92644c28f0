"""A part of a file, and where it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from policy_engine.errors import ConfigError
from policy_engine.files import Document
from policy_engine.harness.cases import Origin

__all__ = ["Problems", "Spot"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a document.

    Attributes:
        document: the document.
        path: keys and positions from its root.
        within: where it is in a part that is text.
    """

    document: Document
    path: tuple[str | int, ...] = ()
    within: Origin | None = None

    def __truediv__(self, step: str | int) -> "Spot":
        """A part of the part."""
        return Spot(self.document, (*self.path, step), self.within)

    def moved(self, origin: Origin) -> "Spot":
        """A part of the part, where that is text."""
        return Spot(self.document, self.path, origin)

    @property
    def file(self) -> Path:
        """The document's file."""
        return self.document.file or Path("<values>")

    @property
    def origin(self) -> Origin:
        """Where it is."""
        if self.within is not None:
            return self.within
        place = self.document.place(self.path)
        return Origin(self.file, place.line, place.column) if place else Origin(self.file, 1)

    def error(self, problem: str, remedy: str = "") -> ConfigError:
        """An error that points here."""
        error = self.document.error(self.path, problem, remedy)
        if self.within is not None:
            error.line, error.column = self.within.line, self.within.column
        return error

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Let what is raised within, and knows no place, point here."""
        try:
            yield
        except ConfigError as error:
            if error.file is not None:
                raise
            raise self.error(error.problem, error.remedy) from None


@dataclass(slots=True)
class Problems:
    """All that is wrong, so that all can be mended at once."""

    found: list[ConfigError] = field(default_factory=list)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is raised within, and go on after it."""
        try:
            yield
        except ConfigError as error:
            self.found += [error, *error.others]

    def none_or_raise(self) -> Self:
        """Raise the first one with all others, if there are any."""
        if self.found:
            for error in self.found:
                error.others = ()
            raise ConfigError.first_of(self.found)
        return self
