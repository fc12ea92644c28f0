"""What the scope of a policy admits, as keys under which an index finds it (JSON policy format).

Read from Cedar's JSON and not from its typed tree, which refuses some legal policies (`action in []`).
"""

from typing import NamedTuple

from policy_engine.cedar.errors import CedarError
from policy_engine.model import CedarJson, EntityUid

__all__ = ["ANY", "Key", "Keys", "Placed", "PolicyScope", "scope_of"]

Key = tuple[str, ...]
"""One constraint: `()`, `("is", type)`, `("==", type, id)`, `("in", type, id)`, `("is", type, type, id)`."""

Keys = frozenset[Key]

ANY: Key = ()
"""The constraint that admits everything."""


class PolicyScope(NamedTuple):
    """The three constraints of a scope; an action may be in any of several, or in none of an empty list."""

    principal: Key
    action: tuple[Key, ...]
    resource: Key


class Placed(NamedTuple):
    """An entity of a request, and all its ancestors.

    An entity that isn't among those that Cedar is handed has no ancestors.
    """

    uid: EntityUid
    ancestors: frozenset[EntityUid] = frozenset()

    def constraints(self) -> list[Key]:
        """Every constraint that admits it."""
        kind, name = self.uid.type, self.uid.id
        found: list[Key] = [ANY, ("is", kind), ("==", kind, name)]
        for uid in (self.uid, *self.ancestors):  # Cedar's `in` holds of an entity itself
            found.append(("in", uid.type, uid.id))
            found.append(("is", kind, uid.type, uid.id))
        return found


def scope_of(est: CedarJson) -> PolicyScope:
    """The scope of a policy that has no slots.

    Args:
        est: Cedar's JSON policy format.

    Raises:
        CedarError: `cedar_answer`: the JSON is of a shape that this version of Cedar doesn't write.
    """
    try:
        (principal,), action, (resource,) = (_keys(est[part]) for part in ("principal", "action", "resource"))
    except (LookupError, TypeError, ValueError):
        raise CedarError("cedar_answer", "a policy's scope has an unknown shape") from None
    return PolicyScope(principal, action, resource)


def _keys(constraint: CedarJson) -> tuple[Key, ...]:
    match constraint:
        case {"op": "All", **rest} if not rest:
            return (ANY,)
        case {"op": "==" | "in" as op, "entity": entity, **rest} if not rest:
            return (_key(op, entity),)
        case {"op": "in", "entities": entities, **rest} if not rest:
            return tuple(dict.fromkeys(_key("in", entity) for entity in entities))
        case {"op": "is", "entity_type": str(kind), **rest}:
            return (("is", kind, *_above(rest)),)
        case _:
            raise ValueError


def _above(constraint: CedarJson) -> tuple[str, ...]:
    match constraint:
        case {"in": {"entity": entity, **more}, **rest} if not (more or rest):
            return _key("in", entity)[1:]
        case {**rest} if not rest:
            return ()
        case _:
            raise ValueError


def _key(op: str, entity: CedarJson) -> Key:
    kind, name = entity["type"], entity["id"]
    if not (isinstance(kind, str) and isinstance(name, str)):
        raise TypeError
    return op, kind, name
