"""`policy-engine wrap`."""

from policy_engine.cli.wrap.command import wrap

__all__ = ["wrap"]
