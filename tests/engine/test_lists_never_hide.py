"""A list never hides what some call would be allowed: deployments, callers and calls at random."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.mcp import LISTS
from policy_engine.model import Identity
from tests.plugins.samples import samples
from tests.plugins.visible import NOW, Item, Maker, rpc

DEPLOYMENTS, CALLERS = 80, 8
CALLS_OF_HIDDEN, CALLS_OF_SHOWN = 2, 4
MOMENTS = (NOW, NOW + 40_000, NOW + 10**9)
KINDS = {kind.member: kind for kind in LISTS.values() if kind.member}


@dataclass
class Trial:
    """One deployment."""

    make: Maker
    issuers: dict[str, Any]
    now: float = NOW
    engine: PolicyEngine = field(init=False)

    def __post_init__(self) -> None:
        """Load it."""
        self.engine = PolicyEngine(
            policies=self.make.policies(),
            servers=self.make.servers(),
            issuers=self.issuers,
            entities=self.make.entities(),
            now=lambda: self.now,
        )

    def shown(self, who: Identity, items: list[Item]) -> set[Item]:
        """What somebody sees of all lists."""
        found: set[Item] = set()
        for member, kind in KINDS.items():
            listed = [{kind.key: item.name} for item in items if item.kind == member]
            answer = {"jsonrpc": "2.0", "id": 1, "result": {member: listed}}
            seen = self.engine.filter_list(who, rpc(kind.method), answer, "github")
            assert seen.decision.allowed, seen.decision
            assert len(seen.shown) + seen.hidden == len(listed)
            found |= {Item(kind=member, name=name) for name in seen.shown}
        return found

    def allowed(self, who: Identity, item: Item, calls: int) -> bool:
        """Whether one of some calls that an item is good for is allowed."""
        for _ in range(calls):
            self.now = self.make.chance.choice(MOMENTS)
            message = self.make.call(item)
            if self.engine.authorize(who.principal, message, "github", who.token).allowed:
                return True
        return False


@pytest.mark.no_cover
def test_what_is_hidden_is_never_allowed(shared_world: Any) -> None:
    """10,240 cases of an item and a caller; of what is shown, little is useless."""
    cases: Counter[tuple[bool, bool]] = Counter()
    for seed in range(samples(DEPLOYMENTS)):
        trial = Trial(Maker(seed), shared_world.issuers())
        items = trial.make.items()
        for _ in range(CALLERS):
            who = trial.make.caller()
            shown = trial.shown(who, items)
            for item in items:
                calls = CALLS_OF_SHOWN if item in shown else CALLS_OF_HIDDEN
                allowed = trial.allowed(who, item, calls)
                assert item in shown or not allowed, (seed, who, item)
                cases[item in shown, allowed] += 1

    assert cases.total() == samples(DEPLOYMENTS) * CALLERS * 16
    assert cases[True, True] > cases.total() / 4
    assert cases[False, False] > cases.total() / 4
    # Too high, rather: a few calls don't find all that could be allowed.
    assert cases[True, False] < cases[True, True] / 8
