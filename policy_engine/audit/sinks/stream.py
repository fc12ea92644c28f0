"""A sink that writes to a stream: standard output, for what collects it."""

import sys
import threading
from typing import TextIO

from policy_engine.audit.chain import encoded
from policy_engine.audit.sinks.sink import Record
from policy_engine.errors import AuditError

__all__ = ["StreamSink"]


class StreamSink:
    """Writes to an open text stream, standard output if none is given."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, record: Record) -> None:
        """Write one line and flush it.

        Raises:
            AuditError: the stream didn't take it.
        """
        stream = self._stream or sys.stdout
        line = f"{encoded(record)}\n"
        try:
            with self._lock:
                stream.write(line)
                stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise AuditError("audit_failed", "the stream didn't take the record") from error
