"""`policy-engine diff`: what another version of policies would change."""

from policy_engine.cli.diff.command import diff

__all__ = ["diff"]
