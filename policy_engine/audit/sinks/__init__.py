"""Where the records of decisions go."""

from policy_engine.audit.sinks.file import FileSink
from policy_engine.audit.sinks.memory import ListSink, NullSink
from policy_engine.audit.sinks.otel import OtelSink
from policy_engine.audit.sinks.several import SeveralSinks
from policy_engine.audit.sinks.sink import AuditSink, Record
from policy_engine.audit.sinks.stream import StreamSink
from policy_engine.audit.sinks.syslog import FACILITIES, SyslogAddress, SyslogSink

__all__ = [
    "FACILITIES",
    "AuditSink",
    "FileSink",
    "ListSink",
    "NullSink",
    "OtelSink",
    "Record",
    "SeveralSinks",
    "StreamSink",
    "SyslogAddress",
    "SyslogSink",
]
