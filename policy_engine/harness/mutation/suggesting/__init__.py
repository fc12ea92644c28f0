"""Calls that would tell a mutant which no case told."""

from policy_engine.harness.mutation.suggesting.suggester import Suggester

__all__ = ["Suggester"]
