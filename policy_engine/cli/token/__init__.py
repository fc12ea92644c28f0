"""`policy-engine token`: make a token to try policies with, or see what one is taken for."""

from policy_engine.cli.token.app import app

__all__ = ["app"]
