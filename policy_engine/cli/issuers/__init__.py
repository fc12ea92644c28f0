"""`policy-engine issuers`: trust another issuer, see whether those that are trusted answer, read profiles."""

from policy_engine.cli.issuers.app import app

__all__ = ["app"]
