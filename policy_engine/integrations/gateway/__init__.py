"""A reverse proxy in front of MCP servers (Streamable HTTP), which lets through what is allowed.

What serves is only imported when something is served: it needs the extra `server`.
"""

from policy_engine.integrations.gateway.launching import Listening, Reloading, check_gateway, serve_gateway

__all__ = ["Listening", "Reloading", "check_gateway", "serve_gateway"]
