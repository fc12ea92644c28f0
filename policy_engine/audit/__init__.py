"""The record of each decision, where it goes, and whether what is there is what was written."""

from policy_engine.audit.checkpoints import CHECKPOINT, Checkpoints, Signer, Verifier
from policy_engine.audit.reading import (
    FILTERS,
    Filter,
    Recorded,
    Statistics,
    follow,
    last_records,
    read_records,
)
from policy_engine.audit.redaction import LONGEST_SHOWN, REDACTABLE, Redaction
from policy_engine.audit.rotation import Rotation, rotated_files
from policy_engine.audit.sinks import (
    FACILITIES,
    AuditSink,
    FileSink,
    ListSink,
    NullSink,
    OtelSink,
    SeveralSinks,
    StreamSink,
    SyslogAddress,
    SyslogSink,
)
from policy_engine.audit.trail import AuditTrail, OnFailure
from policy_engine.audit.verifying import PROBLEMS, ChainReport, Note, Place, Problem, Report, verify_files

__all__ = [
    "CHECKPOINT",
    "FACILITIES",
    "FILTERS",
    "LONGEST_SHOWN",
    "PROBLEMS",
    "REDACTABLE",
    "AuditSink",
    "AuditTrail",
    "ChainReport",
    "Checkpoints",
    "FileSink",
    "Filter",
    "ListSink",
    "Note",
    "NullSink",
    "OnFailure",
    "OtelSink",
    "Place",
    "Problem",
    "Recorded",
    "Redaction",
    "Report",
    "Rotation",
    "SeveralSinks",
    "Signer",
    "Statistics",
    "StreamSink",
    "SyslogAddress",
    "SyslogSink",
    "Verifier",
    "follow",
    "last_records",
    "read_records",
    "rotated_files",
    "verify_files",
]
