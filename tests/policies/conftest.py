"""Sets of policies that are shipped: each with its real configuration, and its scenarios."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from policy_engine.harness import Case, World
from policy_engine.harness.scenarios import find_scenarios, load_scenarios

POLICIES = Path(__file__).parents[2] / "policies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One folder of `policies/`, with what decides by its configuration.

    Attributes:
        folder: where it is.
        world: its engine.
        cases: of its scenarios.
    """

    folder: Path
    world: World
    cases: tuple[Case, ...]


@pytest.fixture(scope="session")
def example() -> Callable[[str], Example]:
    """Load an example by the name of its folder, once."""

    @cache
    def load(name: str) -> Example:
        folder = POLICIES / name
        world = World.load(folder / "policy-engine.yaml")
        return Example(folder=folder, world=world, cases=load_scenarios(find_scenarios(folder), world))

    return load
