"""`policy-engine schema`: the Cedar schema, and the catalogues that it is made of."""

from policy_engine.cli.schema.app import app

__all__ = ["app"]
