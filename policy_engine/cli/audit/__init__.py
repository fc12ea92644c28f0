"""`policy-engine audit`: look at the audit log, and prove that it is what was written."""

from policy_engine.cli.audit.app import app

__all__ = ["app"]
