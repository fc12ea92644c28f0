"""A reload never tears a decision: each is made with the policies of one generation."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.errors import PolicyError

SETS = (
    '@id("even") forbid (principal, action, resource);',
    '@id("odd") @kinds("both") permit (principal, action, resource);',
)
"""Policies of the even and of the odd generations."""


@pytest.mark.parametrize(
    "reloads", [30, pytest.param(2000, marks=pytest.mark.long)], ids=["a few reloads", "many reloads"]
)
def test_decisions_under_reloads_are_of_one_generation(
    world: Any, call: Callable[..., dict[str, Any]], tmp_path: Path, reloads: int
) -> None:
    """Two threads decide while policies change, and now and then can't be loaded."""
    file = tmp_path / "p.cedar"
    file.write_text(SETS[1])
    engine: PolicyEngine = world.engine(policies=tmp_path)
    tokens = [world.human(), world.machine()]
    done = threading.Event()
    seen: list[tuple[int, bool, tuple[str, ...]]] = []

    def decide() -> None:
        while not done.is_set():
            for token in tokens:
                decision = engine.evaluate(token, call("list_issues", repo="a"))
                ids = tuple(match.id for match in decision.policies)
                seen.append((decision.generation, decision.allowed, ids))

    threads = [threading.Thread(target=decide) for _ in range(2)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)  # threads take turns more often: more chances to tear, and a shorter test
    for thread in threads:
        thread.start()
    for generation in range(2, reloads + 2):
        file.write_text("this is no policy")
        with pytest.raises(PolicyError):
            engine.reload()
        file.write_text(SETS[generation % 2])
        engine.reload()
    done.set()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)

    assert {generation for generation, _, _ in seen} <= set(range(1, reloads + 2))
    assert len(seen) > reloads
    assert [one for one in seen if one[1:] != ((True, ("odd",)) if one[0] % 2 else (False, ("even",)))] == []
