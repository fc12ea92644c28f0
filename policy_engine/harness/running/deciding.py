"""One case: what the engine says, and whether that is what was expected."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from policy_engine.engine import PolicyEngine
from policy_engine.harness.cases import Case, Result, Who
from policy_engine.harness.running.differences import differences
from policy_engine.harness.world import World
from policy_engine.mcp import LISTS
from policy_engine.model import Decision
from policy_engine.model.strict_json import parse

__all__ = ["decide"]

Visible = tuple[str, ...] | None


def decide(world: World, case: Case) -> Result:
    """Decide one case, and compare what comes of it with what was expected.

    A case sees nothing of those before it: the clock is its own, and what a server listed in another case
    is forgotten.
    """
    if case.skip is not None:
        return Result(case=case, decision=None)
    world.clock.set(case.now)
    started = perf_counter()
    if case.asked.listed is None:
        decision, visible = _decided(world.engine, case), None
    else:
        decision, visible = _filtered(world, case, case.asked.listed)
    seconds = perf_counter() - started
    failures = differences(case.expect, decision, visible)
    return Result(case=case, decision=decision, visible=visible, failures=failures, seconds=seconds)


def _decided(engine: PolicyEngine, case: Case) -> Decision:
    who, asked = case.who, case.asked
    if who.identity is None:
        return engine.evaluate(who.token, asked.message, server=asked.server, http=asked.http)
    identity = who.identity
    return engine.authorize(identity.principal, asked.message, asked.server, identity.token, asked.http)


def _filtered(world: World, case: Case, listed: Mapping[str, Any]) -> tuple[Decision, Visible]:
    who, asked = case.who, case.asked
    found = world.engine.filter_list(_bearer(who), asked.message, listed, asked.server, http=asked.http)
    if found.changed:
        _forget(world, asked.server, found.decision.method or "", found.changed)
    return found.decision, found.shown if found.decision.allowed else None


def _bearer(who: Who) -> Any:  # noqa: ANN401 -- a token, an identity or neither, as the engine takes them
    return who.token if who.identity is None else who.identity


def _forget(world: World, server: str, method: str, names: tuple[str, ...]) -> None:
    """Show the engine what a case changed as it is pinned, as if the server listed it so again."""
    pinned = world.engine.stages.servers[server]
    kind = LISTS[method]
    items = [pinned.tools.get(name) or pinned.pinned(kind.type, name) for name in names]
    forms = [parse(item.written) for item in items if item is not None]
    world.engine.check_drift(forms, server, method=method)
