"""Serve an ASGI application over HTTP, with bounds: sockets, processes, signals, connections.

What an application of ours is, its own package knows; here it is only run.
"""

from policy_engine.serving.connections import Connections, most_connections
from policy_engine.serving.naming import named
from policy_engine.serving.parents import end_with
from policy_engine.serving.protocol import CONNECTION, BoundedProtocol
from policy_engine.serving.running import Tls, is_loopback, listen, run, serving
from policy_engine.serving.source import TrustedProxies
from policy_engine.serving.targets import authority, origin_form

__all__ = [
    "CONNECTION",
    "BoundedProtocol",
    "Connections",
    "Tls",
    "TrustedProxies",
    "authority",
    "end_with",
    "is_loopback",
    "listen",
    "most_connections",
    "named",
    "origin_form",
    "run",
    "serving",
]
