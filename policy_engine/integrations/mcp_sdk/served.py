"""A server of the SDK, ready to be served."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from mcp.server import MCPServer, Server
from mcp.server.transport_security import TransportSecuritySettings

from policy_engine.engine import PolicyEngine
from policy_engine.integrations.mcp_sdk.front import App, front
from policy_engine.integrations.mcp_sdk.hook import Hook

__all__ = ["protected"]


def protected(
    server: MCPServer[Any] | Server[Any],
    engine: PolicyEngine,
    name: str,
    *,
    hosts: Collection[str] | None = None,
    **options: Any,  # noqa: ANN401 -- the SDK's own
) -> App:
    """Put a server behind the engine; what is returned is an ASGI application, and the only way in.

    Args:
        server: a server, of either kind.
        engine: decides.
        name: the name of the server in its configuration.
        hosts: what `Host` may say; None for anything.
        options: those of the server's `streamable_http_app`. The path is that of the server's `resource`, and
            the guard looks at `Host` and `Origin` in place of the SDK, unless they say otherwise.
    """
    if not any(isinstance(each, Hook) for each in server.middleware):
        server.middleware.insert(0, Hook())
    path = urlsplit(engine.stages.servers[name].resource).path or "/"
    unlooked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = server.streamable_http_app(
        **{"streamable_http_path": path, "transport_security": unlooked, **options}
    )
    settings = server.settings.auth if isinstance(server, MCPServer) else options.get("auth")
    return front(app, engine, name, verifies=settings is not None, hosts=hosts)
