"""`policy-engine keys`: the keys that the authorization server signs with, and what they are sealed with."""

from policy_engine.cli.keys.app import app

__all__ = ["app"]
