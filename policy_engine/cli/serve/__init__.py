"""`policy-engine serve`: run a server of ours."""

from policy_engine.cli.serve.app import app

__all__ = ["app"]
