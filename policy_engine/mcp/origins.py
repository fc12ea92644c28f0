"""Which web pages may call a server: a browser says in `Origin` whose page sends a request.

MCP, "Streamable HTTP / Security Warning" of both revisions: servers must look at it, since a page may have
its own name resolved to an address of somebody else's (DNS rebinding).
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from policy_engine.errors import MessageError
from policy_engine.model import HttpFacts

__all__ = ["check_origin", "is_origin", "origin_of"]

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?")
_USUAL: Final = (":80", "http"), (":443", "https")


def is_origin(text: str) -> bool:
    """Whether a browser could write this: scheme, host, and a port unless it is the usual one.

    RFC 6454, section 6.2.
    """
    scheme = text.partition(":")[0]
    return bool(_ORIGIN.fullmatch(text)) and not any(
        text.endswith(port) and scheme == of for port, of in _USUAL
    )


def origin_of(url: str) -> str | None:
    """The origin of a page at a URL; None if there is none."""
    try:
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return None
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{host}{'' if (port, parts.scheme) in _USUAL else port}"
    return origin if is_origin(origin) else None


def check_origin(http: HttpFacts, allowed: Collection[str]) -> None:
    """Refuse what a page sends that isn't allowed to; who is no browser says nothing of it.

    Raises:
        MessageError: `invalid_origin`.
    """
    for name, value in http.headers.items():
        if len(name) == _LENGTH and name.lower() == "origin" and value not in allowed:
            raise MessageError("invalid_origin", "`Origin` isn't one of those of the server")


_LENGTH: Final = len("origin")
