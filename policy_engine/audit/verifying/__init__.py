"""Whether an audit log is what was written."""

from policy_engine.audit.verifying.report import PROBLEMS, ChainReport, Note, Place, Problem, Report
from policy_engine.audit.verifying.verifier import verify_files

__all__ = ["PROBLEMS", "ChainReport", "Note", "Place", "Problem", "Report", "verify_files"]
