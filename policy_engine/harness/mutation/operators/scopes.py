"""Whom and what the head of a policy admits: the other kind, more, or less."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from policy_engine.cedar import EntityLiteral, ScopeClause
from policy_engine.harness.mutation.source import Edit, Source
from policy_engine.model import EntityUid

__all__ = [
    "OTHER_KIND",
    "action_widened",
    "kind_dropped",
    "kind_required",
    "kind_swapped",
    "member_removed",
    "principal_widened",
    "resource_narrowed",
    "resource_widened",
]

OTHER_KIND: Mapping[str, str] = MappingProxyType(
    {
        "User": "Client",
        "Client": "User",
        "Group": "ClientGroup",
        "ClientGroup": "Group",
        "Role": "ClientRole",
        "ClientRole": "Role",
    }
)
"""What a type of people is called for machines, and the other way round."""

_KIND_OF: Mapping[str, str] = MappingProxyType(
    {"User": "User", "Group": "User", "Role": "User"}
    | dict.fromkeys(("Client", "ClientGroup", "ClientRole"), "Client")
)
_KIND_GROUPS = frozenset({"read_only", "destructive", "idempotent", "open_world"})
_CALL, _ALL_TOOLS = "call_tool", "/*"


def kind_swapped(source: Source) -> Iterator[Edit]:
    """`is User` ↔ `is Client`, and the same of the groups and names that a head has."""
    clause = source.tree.principal
    kind = OTHER_KIND.get(clause.type or "")
    entities = tuple(_of_other_kind(literal) for literal in clause.entities)
    if kind or any(literal.uid.type in OTHER_KIND for literal in clause.entities):
        yield _clause(source, replace(clause, type=kind or clause.type, entities=entities))


def kind_dropped(source: Source) -> Iterator[Edit]:
    """`principal is User` → `principal`; `is User in …` → `in …`."""
    clause = source.tree.principal
    if clause.operator == "is":
        yield _clause(source, _anything(clause))
    elif clause.operator == "is in":
        yield _clause(source, replace(clause, operator="in", type=None))


def kind_required(source: Source) -> Iterator[Edit]:
    """`principal` → `principal is User`, `principal is Client`."""
    clause = source.tree.principal
    if clause.operator == "all":
        for kind in ("User", "Client"):
            yield _clause(source, replace(clause, operator="is", type=kind))


def principal_widened(source: Source) -> Iterator[Edit]:
    """One name, or one group → everybody of that kind."""
    clause = source.tree.principal
    if clause.entities:
        kind = clause.type or _KIND_OF.get(clause.entities[0].uid.type)
        if kind:
            yield _clause(
                source, ScopeClause(variable="principal", operator="is", type=kind, span=clause.span)
            )
        yield _clause(source, _anything(clause))


def action_widened(source: Source) -> Iterator[Edit]:
    """One action → all tools of its server → all tools → everything."""
    clause = source.tree.action
    if clause.operator == "all":
        return
    wider = dict.fromkeys(name for literal in clause.entities for name in _wider_actions(literal.uid.id))
    for name in wider:
        literal = EntityLiteral(EntityUid(clause.entities[0].uid.type, name))
        yield _clause(source, replace(clause, operator="in", entities=(literal,)))
    yield _clause(source, _anything(clause))


def resource_widened(source: Source) -> Iterator[Edit]:
    """One tool → its server → anything."""
    clause = source.tree.resource
    if clause.operator == "all":
        return
    for literal in clause.entities:
        server, slash, _ = literal.uid.id.partition("/")
        if slash and literal.uid.type != "ToolGroup":
            wider = EntityLiteral(EntityUid("Server", server))
            yield _clause(source, replace(clause, operator="in", type=None, entities=(wider,)))
    if clause.type and clause.entities:
        yield _clause(source, replace(clause, operator="is", entities=()))
    yield _clause(source, _anything(clause))


def resource_narrowed(source: Source) -> Iterator[Edit]:
    """What is in a server → the server itself; and the other way round."""
    clause = source.tree.resource
    if clause.operator in ("in", "==") and clause.entities and clause.entities[0].uid.type == "Server":
        yield _clause(source, replace(clause, operator="==" if clause.operator == "in" else "in"))


def member_removed(source: Source) -> Iterator[Edit]:
    """One action fewer in a list."""
    clause = source.tree.action
    if len(clause.entities) > 1:
        for number in range(len(clause.entities)):
            rest = clause.entities[:number] + clause.entities[number + 1 :]
            yield _clause(source, replace(clause, entities=rest))


def _wider_actions(name: str) -> Iterator[str]:
    server, slash, tool = name.partition("/")
    if slash and tool != "*":
        yield f"{server}{_ALL_TOOLS}"
    if slash or name in _KIND_GROUPS:
        yield _CALL


def _of_other_kind(literal: EntityLiteral) -> EntityLiteral:
    uid = literal.uid
    return EntityLiteral(EntityUid(OTHER_KIND.get(uid.type, uid.type), uid.id))


def _anything(clause: ScopeClause) -> ScopeClause:
    return ScopeClause(variable=clause.variable, span=clause.span)


def _clause(source: Source, clause: ScopeClause) -> Edit:
    text: str = clause.variable
    if clause.type is not None and clause.operator in ("is", "is in"):
        text += f" is {clause.type}"
    if clause.operator in ("==", "in", "is in"):
        names = ", ".join(str(literal.uid) for literal in clause.entities)
        listed = names if len(clause.entities) == 1 else f"[{names}]"
        text += f" {'==' if clause.operator == '==' else 'in'} {listed}"
    return source.replaced(clause.span, text)
