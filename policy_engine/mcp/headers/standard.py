"""Headers of every message: `Mcp-Method` and `Mcp-Name` say what its body says.

MCP 2026-07-28, "Streamable HTTP / Request Metadata" (SEP-2243), and SEP-2663 for tasks. Something between the
caller and us may have acted on a header; what is decided on is the body alone, so the two have to agree.
Where a header isn't required (2025-11-25, notifications) it may be left out, and may not disagree.
"""

from policy_engine.errors import MessageError
from policy_engine.mcp.headers.values import HeaderValues

__all__ = ["check_standard"]


def check_standard(headers: HeaderValues, method: str, named: str | None, *, required: bool) -> None:
    """Hold the headers of a message against it.

    Args:
        headers: those that came with it.
        method: its method; empty where it has none.
        named: what it is about: the name of a tool or a prompt, a URI, the id of a task. Empty where it is
            about nothing that has a name; None where that can't be told, and the message is refused for it.
        required: whether its revision demands the headers.

    Raises:
        MessageError: `header_mismatch`; detail: `missing`, `different` or `malformed`.
    """
    _compare("Mcp-Method", headers.method, method, required=required)
    if named is not None:
        _compare("Mcp-Name", headers.name, named, required=required and named != "")


def _compare(header: str, stated: str | None, meant: str, *, required: bool) -> None:
    if stated is None and required:
        raise MessageError("header_mismatch", f"there is no `{header}`", detail="missing")
    if stated not in (None, meant):
        raise MessageError("header_mismatch", f"`{header}` says something else", detail="different")
