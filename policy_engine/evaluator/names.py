"""The names that entity ids may begin with; a uid that nobody can ever have is a mistake, not a policy.

Ids are `<who says so>/<name>`: issuers say who people and machines are, servers what there is to use.
"""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.evaluator.nearest import choices, closest, nearest_type
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
        clients: whole ids of `Client` that are listed; for mends.
    """

    issuers: AbstractSet[str]
    servers: AbstractSet[str]
    tool_groups: AbstractSet[str] = frozenset()
    actions: AbstractSet[str] = frozenset()
    clients: AbstractSet[str] = frozenset()


def mistake_in(uid: EntityUid, names: KnownNames) -> Mistake | None:
    """Why no request could ever be about this entity, or None."""
    rule = _RULES.get(uid.type)
    if rule is None:
        return f"`{uid.type}` isn't a type of entity", nearest_type(uid.type, _RULES)
    return rule(uid, names)


def _from_issuer(uid: EntityUid, names: KnownNames) -> Mistake | None:
    return _left_part(uid, names.issuers, "issuer", names.clients if uid.type == "Client" else ())


def _on_server(uid: EntityUid, names: KnownNames) -> Mistake | None:
    return _left_part(uid, names.servers, "server", names.actions if uid.type == "Tool" else ())


def _left_part(uid: EntityUid, known: AbstractSet[str], what: str, whole: Iterable[str]) -> Mistake | None:
    left, slash, right = uid.id.partition("/")
    if slash and right and left in known:
        return None
    if not slash or not right:
        problem = f'`{uid}` isn\'t of the form `{uid.type}::"<{what}>/<name>"`'
        candidates = [name for name in sorted(whole) if name.partition("/")[2] == left]
        candidates = candidates or [f"{name}/{left}" for name in known if left]
        if len(candidates) == 1:
            return problem, f"write `{EntityUid(uid.type, candidates[0])}`"
        return problem, f"name the {what} it is of; {choices(known)}"
    problem = f"no {what} is named `{left}` in `{uid}`"
    if near := closest(left, known):
        return problem, f"did you mean `{EntityUid(uid.type, f'{near}/{right}')}`?"
    return problem, choices(known)


def _server(uid: EntityUid, names: KnownNames) -> Mistake | None:
    if uid.id in names.servers:
        return None
    return f"no server is named `{uid.id}` in `{uid}`", _near(uid, names.servers)


def _tool_group(uid: EntityUid, names: KnownNames) -> Mistake | None:
    return (
        None
        if uid.id in names.tool_groups
        else (f"no entity file has `{uid}`", _near(uid, names.tool_groups))
    )


def _action(uid: EntityUid, names: KnownNames) -> Mistake | None:
    if uid.id in names.actions:
        return None
    problem = f"there is no `{uid}`"
    server, slash, tool = uid.id.partition("/")
    same = [name for name in names.actions if name.endswith(f"/{uid.id}")]
    if len(same) == 1:
        return problem, f"did you mean `{EntityUid('Action', same[0])}`?"
    if not slash or server not in names.servers:
        return problem, _near(uid, names.actions)
    pinned = [name for name in names.actions if name.startswith(f"{server}/") and name[-1] not in "*?"]
    if near := closest(uid.id, pinned):
        return problem, f"did you mean `{EntityUid('Action', near)}`?"
    return problem, f"pin `{tool}`: a tool has an action once it is in the catalogue of `{server}`"


def _near(uid: EntityUid, known: AbstractSet[str]) -> str:
    near = closest(uid.id, known)
    return choices(known) if near is None else f"did you mean `{EntityUid(uid.type, near)}`?"


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
