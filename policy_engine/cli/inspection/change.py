"""What an operator may change, and where it stands."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing to write, or the reason why there is nothing to write.

    Attributes:
        text: what to do.
        path: keys of the configuration from its root; empty where nothing in it helps.
        file: the configuration file.
        line: 1-based; of the key, or of the nearest one around it that is there.
        column: 1-based.
        warning: what it would mean, where that isn't harmless.
    """

    text: str
    path: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None
    column: int | None = None
    warning: str = ""

    @property
    def where(self) -> str:
        """`policy-engine.yaml:12:5: issuers.corp.clients`, as far as it is known."""
        if not self.path:
            return "nothing in the configuration"
        place = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        return ": ".join(filter(None, (":".join(place), ".".join(self.path))))

    def to_record(self) -> dict[str, Any]:
        """For programs."""
        return {
            "path": list(self.path) or None,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "text": self.text,
            "warning": self.warning or None,
        }
