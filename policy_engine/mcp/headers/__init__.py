"""HTTP headers that repeat the message (MCP 2026-07-28): compared with it, and never decided on.

`HeaderValues` reads them, `check_standard` holds those of every message against it, `check_mirrored` those
that a tool's schema asks for. `repeating_headers` writes those of what is forwarded.
"""

from policy_engine.mcp.headers.mirrored import Mirrored, check_mirrored, mirrored_arguments
from policy_engine.mcp.headers.standard import check_standard
from policy_engine.mcp.headers.values import HeaderValues
from policy_engine.mcp.headers.writing import repeating_headers

__all__ = [
    "HeaderValues",
    "Mirrored",
    "check_mirrored",
    "check_standard",
    "mirrored_arguments",
    "repeating_headers",
]
