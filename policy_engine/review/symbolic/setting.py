"""What the worlds of one deployment have in common: its schema, its servers, and what is known beforehand."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from types import MappingProxyType
from typing import Any

from policy_engine.evaluator import EntitySources, StaticEntities, Vocabulary
from policy_engine.mcp import Server, pinned_entities
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.symbolic.environments import Environment, environments
from policy_engine.review.symbolic.facts import AXIOMS, EXPOSED, issuers_of
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.scene import NOBODY, Partly
from policy_engine.review.symbolic.simplify import choose, constant, equal, make_set, variable
from policy_engine.review.symbolic.store import KnownEntity, KnownStore
from policy_engine.review.symbolic.terms import TRUE, Sort, Term
from policy_engine.review.symbolic.values import Field, Scalar
from policy_engine.review.symbolic.world import World

__all__ = ["Setting"]

_COMPLETE = frozenset({"Server", "Group", "Role", "ClientGroup", "ClientRole", "ToolGroup"})
"""Types that no request brings entities of."""

_KINDS = ("read_only", "destructive", "idempotent", "open_world")
_ACTOR = ("actor",)


class Setting:
    """Makes worlds that keep to the facts of `FACTS`.

    Args:
        vocabulary: the schema of the servers in use.
        servers: by name.
        static: what the operator says of entities.
        issuers: names of those who may say who somebody is; any, if none are given.
        closed: whether every entity exists that anything refers to.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        servers: Mapping[str, Server],
        static: StaticEntities | None = None,
        *,
        issuers: AbstractSet[str] = frozenset(),
        closed: bool = False,
    ) -> None:
        self.vocabulary = vocabulary
        self.servers = servers
        self.ids = Ids()
        self.closed = closed
        self._axioms = (*AXIOMS, issuers_of(issuers)) if issuers else AXIOMS
        self._static = static or StaticEntities()
        self._cache: dict[Any, Any] = {}
        self._partly: dict[tuple[str, str | None], Partly] = {}
        self._tools = {
            tool.action.id: tool.resource for server in servers.values() for tool in server.tools.values()
        }
        self._unpinned = {f"{server.name}/?": server for server in servers.values()}

    def environments(self) -> Iterator[Environment]:
        """The kinds of requests that there are: none about tools without a pin, where these are denied."""
        for environment in environments(self.vocabulary):
            server = self._unpinned.get(environment.action)
            if server is None or server.unpinned == "allow":
                yield environment

    def world(self, environment: Environment, *, twin: bool = False) -> World:
        """The world of a kind of request; `twin` for the second principal of a question about two."""
        person = environment.principal == "User"
        resource = self._tools.get(environment.action)
        return World(
            self.vocabulary,
            environment,
            self.ids,
            self.known,
            resource,
            asked=self.asked,
            closed=self.closed,
            twin=twin,
            absent=frozenset() if person else frozenset({_ACTOR}),
            existing=frozenset({_ACTOR}) if person else frozenset(),
            partly=NOBODY if resource is not None else self._part(environment),
            axioms=self._axioms,
            cache=self._cache,
        )

    @cached_property
    def known(self) -> KnownStore:
        """What Cedar is told of entities that nobody asks about."""
        return self._stored({})

    @cached_property
    def asked(self) -> KnownStore:
        """What Cedar is told of a resource that somebody asks about: the catalogue's word comes first."""
        return self._stored(self._pinned)

    @cached_property
    def _pinned(self) -> Mapping[EntityUid, CedarJson]:
        return pinned_entities(self.servers.values())

    def _stored(self, own: Mapping[EntityUid, CedarJson]) -> KnownStore:
        sources = EntitySources(static=self._static, catalogue=self._pinned.get, actions={})
        find = sources.finder(own)
        found = {uid: find(uid) for uid in sorted({*self._pinned, *self._static.uids})}
        partial = (uid for uid in found if uid.type not in _COMPLETE and uid not in self._pinned)
        return KnownStore(
            MappingProxyType({uid: entity for uid, entity in found.items() if entity is not None}),
            self.ids,
            self.vocabulary,
            complete=_COMPLETE,
            partial=frozenset(partial),
        )

    def _part(self, environment: Environment) -> Partly:
        """What is known of a resource that a message names."""
        type_ = environment.resource
        if type_ not in EXPOSED:
            return NOBODY
        server = self._unpinned.get(environment.action)
        key = (type_, None if server is None else server.name)
        if key not in self._partly:
            self._partly[key] = self._named(environment, server)
        return self._partly[key]

    def _named(self, environment: Environment, server: Server | None) -> Partly:
        type_ = environment.resource
        static = tuple(known for known in self.asked.of_type(type_) if not known.complete)
        above = {"ToolGroup": _groups(static)}
        attributes = {}
        if "pinned" in self.vocabulary.entity_types[type_].fields:
            attributes["pinned"] = _fixed(value=False)
        if server is not None:
            above["Server"] = make_set(Sort.INTS, constant(self.ids.number(server.name)))
            groups = self.vocabulary.actions[environment.action].groups
            attributes |= {kind: _fixed(value=kind in groups) for kind in _KINDS}
        return Partly(
            attributes=MappingProxyType(attributes),
            above=MappingProxyType(above),
            tagged=False,
            static=static,
            unlisted=server is not None,
        )


def _fixed(*, value: bool) -> Field:
    return Field(TRUE, Scalar("Bool", constant(value)))


def _groups(static: tuple[KnownEntity, ...]) -> Term:
    """The groups that the entities file puts what a message names in."""
    resource = variable(Sort.INT, "resource")
    found = make_set(Sort.INTS)
    for known in static:
        found = choose(equal(resource, constant(known.number)), known.ancestors("ToolGroup"), found)
    return found
