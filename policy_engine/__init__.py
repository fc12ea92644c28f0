"""Authorization for MCP servers that never mistakes a machine for a human."""

__version__ = "0.1.0"
