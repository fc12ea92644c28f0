"""Serve an authorization server over HTTP: an ASGI application, and what makes it."""

from policy_engine.authserver.serving.application import make_application
from policy_engine.authserver.serving.configured import application_maker
from policy_engine.authserver.serving.loopback import on_loopback

__all__ = ["application_maker", "make_application", "on_loopback"]
