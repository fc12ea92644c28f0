"""The audit section: a sink, and the rule for when it fails."""

from policy_engine.audit import AuditSink, AuditTrail, FileSink, NullSink, StreamSink
from policy_engine.config.loader import LoadedConfig

__all__ = ["audit_trail"]


def audit_trail(loaded: LoadedConfig) -> AuditTrail:
    """Where the configuration says that decisions go; nowhere if it doesn't say."""
    audit = loaded.config.audit
    sink: AuditSink = NullSink()
    if audit.stdout:
        sink = StreamSink()
    elif audit.file is not None:
        sink = FileSink(loaded.path(audit.file))
    return AuditTrail(sink=sink, on_failure=audit.on_failure)
