"""What servers list otherwise than it was pinned, or that nobody pinned."""

from policy_engine.mcp.drift.changes import Changes
from policy_engine.mcp.drift.drift import Drift

__all__ = ["Changes", "Drift"]
