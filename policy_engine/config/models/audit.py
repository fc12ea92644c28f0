"""The section `audit`."""

from typing import Literal

from policy_engine.config.texts import FilePath
from policy_engine.files import FileModel

__all__ = ["AuditConfig"]


class AuditConfig(FileModel):
    """Where the record of each decision goes."""

    file: FilePath | None = None
    """Appended to, one JSON line a decision."""
    stdout: bool = False
    """Write to standard output instead."""
    on_failure: Literal["deny", "allow"] = "deny"
    """What becomes of a request whose decision can't be recorded."""
