"""`policy-engine clients`: register machines, and take care of what they prove themselves with."""

from policy_engine.cli.clients.app import app

__all__ = ["app"]
