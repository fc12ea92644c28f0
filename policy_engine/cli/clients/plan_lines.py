"""A plan, told: a line for each client, with what changes about it."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from policy_engine.authserver import Action, Plan, Step
from policy_engine.cli.clients.told import moment

__all__ = ["plan_lines", "plan_record"]

_SIGNS: Final[Mapping[Action, tuple[str, str]]] = MappingProxyType(
    {
        Action.ADDED: ("+", "green"),
        Action.CHANGED: ("~", "yellow"),
        Action.UNCHANGED: ("=", "dim"),
        Action.REMOVED: ("-", "red"),
    }
)


def plan_lines(plan: Plan) -> Iterator[tuple[str, str]]:
    """Lines, each with its style."""
    for step in plan.steps:
        sign, style = _SIGNS[step.action]
        end = ": its id is never used again" if step.action is Action.REMOVED else ""
        yield f"{sign} {step.client_id} {step.action}{end}", style
        if step.action is Action.CHANGED:
            for name in step.members:
                before, after = (_shown(name, side) for side in (step.before, step.after))
                yield f"    {_NAMES.get(name, name)}: {before} → {after}", style
    if plan.left:
        yield f"not in the file, and left alone: {', '.join(plan.left)} (--prune removes them)", "dim"
    counts = ", ".join(f"{plan.count(action)} {action}" for action in Action)
    yield f"plan: {counts}", "bold"


_NAMES: Final = MappingProxyType({"secret_hashes": "secrets", "jwks": "keys"})


def plan_record(plan: Plan, *, applied: bool) -> dict[str, Any]:
    """For programs; values of members aren't in it, since a record of it may be kept."""
    return {
        "steps": [_step(step) for step in plan.steps],
        "left": list(plan.left),
        "applied": applied,
    }


def _step(step: Step) -> dict[str, Any]:
    changed = [_NAMES.get(name, name) for name in step.members] if step.action is Action.CHANGED else []
    return {"client_id": step.client_id, "action": step.action.value, "changed": changed}


def _shown(name: str, document: Mapping[str, Any] | None) -> str:
    """A member's value; what somebody spoilt is told as that."""
    value = (document or {}).get(name)
    try:
        return _told(name, value)
    except (AttributeError, OSError, OverflowError, TypeError, ValueError):
        return "unreadable"


def _told(name: str, value: Any) -> str:  # noqa: ANN401 -- JSON
    """Of secrets their ends, of keys their names, of all else the value."""
    if name == "secret_hashes":
        ends = [item.get("expires_at") for item in value or ()]
        return ", ".join("one" if end is None else f"one until {moment(end)}" for end in ends) or "none"
    if name == "jwks":
        return (
            ", ".join(str(key.get("kid", "without kid")) for key in (value or {}).get("keys", ())) or "none"
        )
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)
