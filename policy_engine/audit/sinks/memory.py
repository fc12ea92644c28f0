"""Sinks that keep records in memory, or not at all."""

from policy_engine.audit.sinks.sink import Record

__all__ = ["ListSink", "NullSink"]


class NullSink:
    """Keeps nothing: for tests, benchmarks, and programs that record decisions themselves."""

    def write(self, record: Record) -> None:
        """Forget one record."""


class ListSink:
    """Keeps records in memory, for tests."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, record: Record) -> None:
        """Append one record."""
        self.records.append(record)
