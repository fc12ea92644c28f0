"""Decisions as they were recorded, read from files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Recorded", "read_records", "recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The record of one decision; what is missing in it, or is of another type, is None or empty.

    Attributes:
        json: all of it.
    """

    json: Mapping[str, Any]

    @property
    def time(self) -> float:
        """When it was decided, in seconds since the epoch."""
        time = self.json.get("time")
        return float(time) if isinstance(time, int | float) else 0.0

    @property
    def kind(self) -> str:
        """`User`, `Client`, or `unknown`."""
        return self._of("principal", "type") or "unknown"

    @property
    def principal(self) -> str:
        """Who asked, as `issuer/id`; empty if that isn't known."""
        return self._of("principal", "id")

    @property
    def actor(self) -> str:
        """The machine that asked for them; empty if there was none."""
        return self._of("actor", "id")

    @property
    def tool(self) -> str:
        """The tool as `server/name`; of what is no call of a known tool, the server and the method."""
        resource = self.text("resource")
        if resource.startswith('Tool::"'):
            return resource[7:-1]
        return f"{self.text('server')} {self.text('method')}".strip()

    @property
    def policies(self) -> tuple[str, ...]:
        """Ids of the policies that decided."""
        found = self.json.get("policies")
        rows = found if isinstance(found, list) else []
        return tuple(str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row)

    def text(self, name: str) -> str:
        """A member that is a text; empty if it isn't one."""
        value = self.json.get(name)
        return value if isinstance(value, str) else ""

    def _of(self, name: str, part: str) -> str:
        inner = self.json.get(name)
        value = inner.get(part) if isinstance(inner, dict) else None
        return value if isinstance(value, str) else ""


def recorded(line: bytes) -> Recorded | None:
    """The decision that a line records; None of any other line."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return Recorded(value) if isinstance(value, dict) and value.get("decision") in ("allow", "deny") else None


def read_records(files: Sequence[Path]) -> Iterator[Recorded]:
    """Every decision of some files, in their order; other lines are passed over.

    Raises:
        OSError: a file can't be read.
    """
    for file in files:
        with file.open("rb") as stream:
            for line in stream:
                found = recorded(line)
                if found is not None:
                    yield found
