"""`policy-engine token`: get a token, make or take back one, or see what one is taken for."""

from policy_engine.cli.token.app import app

__all__ = ["app"]
