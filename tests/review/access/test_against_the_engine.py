"""The matrix never says what the engine doesn't do: deployments, callers and calls at random."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from policy_engine import PolicyEngine
from policy_engine.model import Client, EntityUid, Principal, User
from policy_engine.review.access import Access, Cell, Reach, access
from policy_engine.review.subject import Subject
from tests.plugins.samples import samples
from tests.plugins.visible import NOW, Maker

DEPLOYMENTS, CALLERS, CALLS = 25, 12, 12


def test_never_is_never_allowed_and_always_is_never_denied(shared_world: Any) -> None:
    """3,600 calls, in every row and column that they belong to; all three words occur often."""
    seen: Counter[tuple[Reach, bool]] = Counter()
    for seed in range(samples(DEPLOYMENTS)):
        make = Maker(seed)
        engine = PolicyEngine(
            policies=make.policies(),
            servers=make.servers(),
            issuers=shared_world.issuers(),
            entities=make.entities(),
            now=lambda: float(NOW),
        )
        found = access(Subject.of_engine(engine))
        items = make.items()
        for _ in range(CALLERS):
            who = make.caller()
            for _ in range(CALLS):
                message = make.call(make.chance.choice(items))
                decision = engine.authorize(who.principal, message, "github", who.token)
                if decision.action is None or decision.resource is None:
                    continue
                for cell in _cells(found, who.principal, decision.action, decision.resource):
                    assert cell.reach is not Reach.never or not decision.allowed, (seed, who, message)
                    assert cell.reach is not Reach.always or decision.allowed, (seed, who, message)
                    seen[cell.reach, decision.allowed] += 1

    total = seen.total()
    assert seen[Reach.never, False] > total / 4
    assert seen[Reach.may, True] + seen[Reach.may, False] > total / 8
    assert seen[Reach.always, True] > total / 50


def _cells(found: Access, who: Principal, action: EntityUid, resource: EntityUid) -> Iterator[Cell]:
    rows, columns = {row.id for row in found.rows}, {column.id for column in found.columns}
    on = {f"{action} on {resource}", f'{action} on any {resource.type} of Server::"github"'} & columns
    assert on, (action, resource)
    for row in _rows(who) & rows:
        for column in on:
            yield found.cell(row, column)


def _rows(who: Principal) -> set[str]:
    """The rows that somebody belongs to."""
    match who:
        case User(actor=None):
            return {"User", str(who.uid)}
        case User():
            return {"delegated"}
        case Client(groups=groups):
            own = {str(EntityUid("ClientGroup", f"machines/{group}")) for group in groups}
            # As it is listed, `ci-bot` is in `ci`, whatever its token says.
            listed = {str(who.uid)} if who.client_id == "ci-bot" and groups else set()
            return {"Client", *own, *listed}
