"""What browsers need before their pages may call a server of another origin (WHATWG Fetch, 3.2 "CORS").

Whether a page may is decided by `Origin`, as for any request; here it is only told.
"""

from collections.abc import Collection
from typing import Final

from policy_engine.integrations.exchange.messages import Answer, Headers, Request

__all__ = ["for_pages", "preflight"]

_ASKED: Final = (
    "authorization, content-type, last-event-id, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id"
)
_TOLD: Final = "mcp-session-id, mcp-protocol-version, www-authenticate"
_DAY: Final = "86400"


def for_pages(request: Request, origins: Collection[str]) -> Headers:
    """Headers by which a page may read the answer; none where no page asks that may."""
    asked = request.values("origin")
    if len(asked) != 1 or asked[0] not in origins:
        return ()
    return (
        ("Access-Control-Allow-Origin", asked[0]),
        ("Access-Control-Expose-Headers", _TOLD),
        ("Vary", "Origin"),
    )


def preflight(request: Request, origins: Collection[str]) -> Answer:
    """The answer to a browser that asks what a page may send; it brings no token, and gets no data."""
    allowed = for_pages(request, origins)
    if not allowed:
        return Answer(status=403)
    wanted = request.values("access-control-request-headers")
    parameters = [
        name.strip().lower()
        for name in ",".join(wanted).split(",")
        if name.strip().lower().startswith("mcp-param-") and name.strip().isascii()
    ]
    methods = (
        ("Access-Control-Allow-Methods", "GET, POST, DELETE"),
        ("Access-Control-Allow-Headers", ", ".join([_ASKED, *parameters[:20]])),
        ("Access-Control-Max-Age", _DAY),
    )
    return Answer(status=204, headers=(*allowed, *methods))
