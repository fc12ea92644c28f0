"""The headers that the forwarded message needs: what is forwarded may say more than what came.

A default that was filled in is in the message then, and servers of 2026-07-28 refuse a message whose
arguments aren't in the headers that repeat them.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

from policy_engine.mcp.headers.mirrored import Mirrored, at_path

__all__ = ["repeating_headers"]

_PLAIN = re.compile(r"(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")
"""What a header holds as it is: visible ASCII, with white space only within."""


def repeating_headers(
    version: str, method: str, named: str | None, mirrored: Mirrored, arguments: Mapping[str, Any]
) -> dict[str, str]:
    """The headers of a request of 2026-07-28.

    Args:
        version: its version.
        method: its method.
        named: what `Mcp-Name` repeats; None where there is nothing.
        mirrored: the arguments that headers repeat.
        arguments: the arguments that are forwarded.
    """
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": method}
    if named is not None:
        headers["Mcp-Name"] = _written(named)
    for name, path in mirrored.items():
        value = at_path(arguments, path)
        if isinstance(value, str | int):
            headers[f"Mcp-Param-{name}"] = _written(_text(value))
    return headers


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(text: str) -> str:
    if _PLAIN.fullmatch(text) and not (text.startswith("=?base64?") and text.endswith("?=")):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="
