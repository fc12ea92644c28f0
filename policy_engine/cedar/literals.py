"""Which entities a policy, or a value, names."""

from typing import Any

from policy_engine.model import CedarJson, EntityUid

__all__ = ["literals", "references", "uid_of"]

_UID_MEMBERS = 2


def literals(est: CedarJson) -> frozenset[EntityUid]:
    """Every uid written in a policy, in its scope and in its conditions."""
    # Not in its annotations: `@type("User") @id("x")` would look like one.
    return references([est["principal"], est["action"], est["resource"], est["conditions"]])


def references(value: Any) -> frozenset[EntityUid]:  # noqa: ANN401 -- JSON holds any of its own types
    """Every uid in JSON: `{"__entity": {…}}`, and `{"type": …, "id": …}`, which a schema turns into one.

    May name more than Cedar would see (a record that only looks like a uid), never less.
    """
    found = set()
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            if len(item) <= _UID_MEMBERS and (uid := uid_of(item)) is not None:
                found.add(uid)
            rest += [part for part in item.values() if not isinstance(part, str)]
        elif isinstance(item, list | tuple):
            rest += [part for part in item if not isinstance(part, str)]
    return frozenset(found)


def uid_of(value: Any) -> EntityUid | None:  # noqa: ANN401 -- checks what it is
    """The uid that a JSON value is, in either of the two forms, or None."""
    if isinstance(value, dict) and value.keys() == {"__entity"}:
        value = value["__entity"]
    if not isinstance(value, dict) or value.keys() != {"type", "id"}:
        return None
    kind, name = value["type"], value["id"]
    return EntityUid(kind, name) if isinstance(kind, str) and isinstance(name, str) else None
