"""Serve an authorization server over HTTP: an ASGI application, and what runs it."""

from policy_engine.authserver.serving.application import make_application
from policy_engine.authserver.serving.configured import application_maker
from policy_engine.authserver.serving.loopback import on_loopback
from policy_engine.authserver.serving.running import Tls, is_loopback, listen, run

__all__ = [
    "Tls",
    "application_maker",
    "is_loopback",
    "listen",
    "make_application",
    "on_loopback",
    "run",
]
