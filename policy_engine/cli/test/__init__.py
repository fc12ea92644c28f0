"""`policy-engine test`: are the policies as their scenarios say?"""

from policy_engine.cli.test.app import app

__all__ = ["app"]
