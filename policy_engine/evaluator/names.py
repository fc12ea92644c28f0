"""The names that entity ids may begin with; a uid that nobody can ever have is a mistake, not a policy.

Ids are `<who says so>/<name>`: issuers say who people and machines are, servers what there is to use.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.evaluator.nearest import nearest
from policy_engine.model import EntityUid

__all__ = ["KnownNames", "Mistake", "mistake_in"]

Mistake = tuple[str, str]
"""What is wrong, and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """What the configuration names.

    Attributes:
        issuers: the left part of ids of people, machines, and their groups and roles.
        servers: the left part of ids of tools and the like; whole ids of `Server`.
        tool_groups: whole ids of `ToolGroup`, as the operator defined them.
        actions: whole ids of `Action`, as the schema has them.
    """

    issuers: AbstractSet[str]
    servers: AbstractSet[str]
    tool_groups: AbstractSet[str] = frozenset()
    actions: AbstractSet[str] = frozenset()


def mistake_in(uid: EntityUid, names: KnownNames) -> Mistake | None:
    """Why no request could ever be about this entity, or None."""
    rule = _RULES.get(uid.type)
    if rule is None:
        return f"`{uid.type}` isn't a type of entity", nearest(uid.type, _RULES)
    return rule(uid, names)


def _from_issuer(uid: EntityUid, names: KnownNames) -> Mistake | None:
    return _left_part(uid, names.issuers, "issuer")


def _on_server(uid: EntityUid, names: KnownNames) -> Mistake | None:
    return _left_part(uid, names.servers, "server")


def _left_part(uid: EntityUid, known: AbstractSet[str], what: str) -> Mistake | None:
    left, slash, right = uid.id.partition("/")
    if not slash or not right:
        return f'`{uid}` isn\'t of the form `{uid.type}::"<{what}>/<name>"`', f"name the {what} it is of"
    return None if left in known else (f"no {what} is named `{left}` in `{uid}`", nearest(left, known))


def _server(uid: EntityUid, names: KnownNames) -> Mistake | None:
    known = names.servers
    return None if uid.id in known else (f"no server is named `{uid.id}` in `{uid}`", nearest(uid.id, known))


def _tool_group(uid: EntityUid, names: KnownNames) -> Mistake | None:
    known = names.tool_groups
    return None if uid.id in known else (f"no entity file has `{uid}`", nearest(uid.id, known))


def _action(uid: EntityUid, names: KnownNames) -> Mistake | None:
    known = names.actions
    if uid.id in known:
        return None
    remedy = nearest(uid.id, known)
    if "/" in uid.id:
        remedy = f"{remedy}; a tool has an action once it is in its server's catalogue"
    return f"there is no `{uid}`", remedy


_RULES: Mapping[str, Callable[[EntityUid, KnownNames], Mistake | None]] = MappingProxyType(
    {
        "User": _from_issuer,
        "Group": _from_issuer,
        "Role": _from_issuer,
        "Client": _from_issuer,
        "ClientGroup": _from_issuer,
        "ClientRole": _from_issuer,
        "Server": _server,
        "Tool": _on_server,
        "Prompt": _on_server,
        "Resource": _on_server,
        "ResourceTemplate": _on_server,
        "Task": _on_server,
        "ToolGroup": _tool_group,
        "Action": _action,
    }
)
