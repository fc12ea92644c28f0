"""The record of each decision, and where it goes."""

from policy_engine.audit.sinks import AuditSink, FileSink, ListSink, NullSink, StreamSink
from policy_engine.audit.trail import AuditTrail, OnFailure

__all__ = ["AuditSink", "AuditTrail", "FileSink", "ListSink", "NullSink", "OnFailure", "StreamSink"]
