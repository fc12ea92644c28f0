"""Counts and states in words and signs."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.harness.coverage.kinds import KINDS, Counts
from policy_engine.harness.coverage.places import PolicyPlace, State

__all__ = ["STATES", "counted", "state_of_head"]

STATES: Mapping[State, str] = MappingProxyType(
    {"full": "exercised", "partly": "exercised in part", "never": "never exercised"}
)


def counted(counts: Counts) -> str:
    """For instance: `User 3, Client 1`."""
    return ", ".join(f"{kind} {counts[kind]}" for kind in KINDS if counts[kind]) or "never"


def state_of_head(place: PolicyPlace) -> State:
    """Whether it decided; in part: it was looked at, but never did."""
    if place.exercised:
        return "full"
    return "partly" if place.evaluated else "never"
