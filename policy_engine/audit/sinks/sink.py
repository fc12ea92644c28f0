"""What takes records."""

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["AuditSink", "Record"]

Record = Mapping[str, Any]
"""JSON types only."""


class AuditSink(Protocol):
    """Takes the record of one decision, or raises AuditError.

    One that holds something open may have a method `close`; a record that comes later opens it again.
    """

    def write(self, record: Record) -> None:
        """Keep one record; when it returns, the record has left this process."""
        ...
