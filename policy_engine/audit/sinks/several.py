"""Several sinks at once."""

from collections.abc import Sequence
from contextlib import suppress

from policy_engine.audit.sinks.sink import AuditSink, Record
from policy_engine.errors import AuditError

__all__ = ["SeveralSinks"]


class SeveralSinks:
    """Gives each record to all of them: one that fails keeps it from no other.

    Args:
        sinks: in the order in which they are asked.
    """

    def __init__(self, sinks: Sequence[AuditSink]) -> None:
        self.sinks = tuple(sinks)

    def write(self, record: Record) -> None:
        """Have every sink take one record.

        Raises:
            AuditError: one of them didn't; those after it were asked all the same.
        """
        failed: Exception | None = None
        for sink in self.sinks:
            try:
                sink.write(record)
            except Exception as error:  # noqa: BLE001 -- a sink of somebody else's may raise anything
                failed = failed or error
        if failed is not None:
            raise AuditError("audit_failed", "not every sink took the record") from failed

    def close(self) -> None:
        """Close those that can be closed."""
        for sink in self.sinks:
            with suppress(Exception):
                getattr(sink, "close", _nothing)()


def _nothing() -> None:
    """What there is to close of a sink that holds nothing open."""
