"""What can be asked of servers: tools, prompts, resources and every other method."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.cedar import NOTHING_KNOWN, Bool, Facts, Shape, Unknown, canonical, record, unknown_record
from policy_engine.mcp import ACTIONS, PinnedItem, Server
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.access.knowledge import Knowledge
from policy_engine.review.access.values import Column, ColumnKind
from policy_engine.review.subject import Subject

__all__ = ["Asked", "columns_of"]

_EXPOSED: Mapping[str, tuple[ColumnKind, str]] = MappingProxyType(
    {
        "Prompt": (ColumnKind.prompt, "get_prompt"),
        "Resource": (ColumnKind.resource, "read_resource"),
        "ResourceTemplate": (ColumnKind.template, "complete"),
    }
)
"""Types of pinned things that aren't tools: what each is, and what is done to it."""

_KINDS = ("read_only", "destructive", "idempotent", "open_world")
"""Attributes of tools that are groups of their actions, too."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """All requests for something, as the fold takes them.

    Attributes:
        column: what it is.
        action: the Cedar action.
        server: the server.
        resource: what it is done to; None where it may be any of a type.
        facts: what is known of that.
        context: the type of the context, in Cedar's JSON schema format.
        shape: the same as text: contexts with the same don't differ.
    """

    column: Column
    action: EntityUid
    server: EntityUid
    resource: EntityUid | None
    facts: Facts
    context: CedarJson
    shape: bytes


def columns_of(subject: Subject, knowledge: Knowledge) -> Iterator[Asked]:
    """Everything that can be asked for, server by server: tools first, other methods last."""
    maker = _Maker(subject, knowledge)
    for server in subject.servers.values():
        yield from maker.tools(server)
        yield from maker.items(server)
        yield from maker.methods(server)


class _Maker:
    """Reads the schema once for all of them."""

    def __init__(self, subject: Subject, knowledge: Knowledge) -> None:
        schema = subject.schema[""]
        self._actions: CedarJson = schema["actions"]
        self._types: CedarJson = schema["entityTypes"]
        self._common: CedarJson = schema["commonTypes"]
        self._groups = {name: action.groups for name, action in subject.vocabulary.actions.items()}
        self._knowledge = knowledge

    def tools(self, server: Server) -> Iterator[Asked]:
        """Each pinned tool, and all others together, where they may be called."""
        for tool in server.tools.values():
            yield self._asked(server, ColumnKind.tool, tool.name, tool.action.id, tool.resource)
        if server.unpinned == "allow":
            yield self._asked(server, ColumnKind.tool, "any unpinned tool", f"{server.name}/?", "Tool")

    def items(self, server: Server) -> Iterator[Asked]:
        """Each pinned prompt, resource and template; what else is done to them is among the methods."""
        lists = {} if server.catalogue is None else server.catalogue.items
        for type_, (kind, action) in _EXPOSED.items():
            items: Mapping[str, PinnedItem] = lists.get(type_, {})
            for item in items.values():
                if item.reason is None:
                    yield self._asked(server, kind, item.name, action, item.resource)

    def methods(self, server: Server) -> Iterator[Asked]:
        """Every action that isn't a tool's, on whatever it can be done to."""
        for action in ACTIONS:
            for type_ in self._actions[action]["appliesTo"]["resourceTypes"]:
                on: EntityUid | str = server.uid if type_ == "Server" else type_
                name = action if type_ == "Server" else f"{action}: any {type_}"
                yield self._asked(server, ColumnKind.method, name, action, on)

    def _asked(self, server: Server, kind: ColumnKind, name: str, action: str, on: EntityUid | str) -> Asked:
        resource = None if isinstance(on, str) else on
        type_ = on if isinstance(on, str) else on.type
        own = {action, f"{server.name}/*"}
        column = Column(
            id=f"{EntityUid('Action', action)} on {on if resource else f'any {type_} of {server.uid}'}",
            server=server.name,
            kind=kind,
            name=name,
            action=action,
            type=type_,
            groups=tuple(sorted(self._groups[action] - own)),
            known=resource is not None,
        )
        context = self._actions[action]["appliesTo"]["context"]
        if context["type"] in self._common:
            context = self._common[context["type"]]
        facts = self._any(server, type_, action) if resource is None else self._knowledge.of(resource)
        return Asked(
            column=column,
            action=EntityUid("Action", action),
            server=server.uid,
            resource=resource,
            facts=NOTHING_KNOWN if facts is None else facts,
            context=context,
            shape=canonical(context),
        )

    def _any(self, server: Server, type_: str, action: str) -> Facts:
        """What is known of everything of a type at a server; of a tool that isn't pinned, somewhat more."""
        shape = unknown_record(self._types[type_].get("shape", {}), self._common)
        fields: dict[str, Shape] = dict(shape.fields)
        if action == f"{server.name}/?":
            groups = self._groups[action]
            fields |= {name: Bool(value=name in groups) for name in _KINDS}
            fields["pinned"] = Bool(value=False)
        # Static entities may put anything that a message can name in groups of tools, and label it.
        return Facts(
            attributes=record(fields, getattr(shape, "optional", frozenset())),
            tags=Unknown("record"),
            ancestors=frozenset({server.uid}),
            more=frozenset({"ToolGroup"}),
        )
