"""A comparison as JSON."""

from typing import Any

from policy_engine.harness.comparing.changes import Change, Comparison
from policy_engine.harness.comparing.grouping import ChangeGroup, grouped
from policy_engine.harness.recording import Exchange

__all__ = ["comparison_record"]


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """All of it, for a program."""
    log = comparison.log
    return {
        "same": comparison.same,
        "records": log.records,
        "questions": len(log.exchanges),
        "before_policies": dict(log.unasked),
        "by_other_policies": comparison.foreign,
        "unreadable_lines": [problem.line for problem in log.problems],
        "digests": {"old": comparison.digests[0], "new": comparison.digests[1]},
        "changes": [_group(group) for group in grouped(comparison.changes)],
    }


def _group(group: ChangeGroup) -> dict[str, Any]:
    first = group.changes[0]
    return {
        "effect": group.effect.value,
        "certain": not first.depends and group.effect in ("granted", "denied"),
        "kind": group.role,
        "records": group.count,
        "old_policies": list(first.old),
        "new_policies": list(first.new),
        "depends_on": list(first.depends),
        "why": first.why or None,
        "calls": [_call(change) for change in group.changes],
    }


def _call(change: Change) -> dict[str, Any]:
    exchange: Exchange = change.exchange
    return {
        "principal": str(exchange.principal),
        "actor": None if exchange.actor is None else str(exchange.actor),
        "server": exchange.server,
        "method": exchange.method,
        "action": str(exchange.action),
        "resource": str(exchange.resource),
        "arguments": list(exchange.arguments),
        "recorded": exchange.code,
        "records": exchange.count,
        "line": exchange.line,
    }
