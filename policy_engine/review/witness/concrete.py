"""A solver's model as a request that Cedar can be asked, and the entities that it is told of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType

from policy_engine.cedar import CedarRequest, references
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.solving import Sat
from policy_engine.review.symbolic import KnownStore, Name, Sort, Term, World
from policy_engine.review.witness.building import Builder
from policy_engine.review.witness.model import Model
from policy_engine.review.witness.naming import Naming, numbers_of

__all__ = ["Concrete", "concretize"]

_ANYBODY: Mapping[str, str] = MappingProxyType({})

_NOBODY: Mapping[Name | None, int] = MappingProxyType({("principal",): -2, ("twin",): -2, ("resource",): -3})
"""Stand for whatever isn't asked about; ids that are known have other numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concrete:
    """A request, and what there is.

    Attributes:
        request: who asks for what.
        entities: Cedar's JSON entity format; valid by the schema, if the model is one.
        twin: the same, asked by the second principal of a question about two.
        guessed: whether the model guessed what a condition comes to that formulas can't express.
    """

    request: CedarRequest
    entities: tuple[CedarJson, ...] = field(hash=False)
    twin: CedarRequest | None = None
    guessed: bool = False


def concretize(
    sat: Sat,
    world: World,
    *,
    about: Sequence[Term] = (),
    twin: World | None = None,
    lefts: Mapping[str, str] = _ANYBODY,
) -> Concrete:
    """A request of a model.

    Args:
        sat: the model, with the values of all leaves of what was asserted.
        world: the world that was asked about.
        about: what was asserted; without it, ids are less likely ones.
        twin: the world of the second principal, if there is one.
        lefts: by type, what the ids of entities begin with that nobody knows.
    """
    worlds = (world,) if twin is None else (world, twin)
    model = Model(sat)
    named = numbers_of(about, world) | _fixed(worlds) if about else None
    naming = Naming(
        world.ids,
        model,
        named,
        listed=_listed(world),
        lefts=lefts,
        twins=frozenset() if twin is None else frozenset(each.principal.type for each in worlds),
    )
    builder = Builder(model, naming, world.vocabulary, None if named is None else named | _chosen(sat))
    building = _Building(model, builder, naming, worlds)
    entities = building.entities()
    requests = [building.request(each) for each in worlds]
    return Concrete(
        request=requests[0],
        entities=entities,
        twin=None if twin is None else requests[1],
        guessed=any(name[:1] == ("havoc",) for name in model.values),
    )


def _fixed(worlds: tuple[World, ...]) -> frozenset[int]:
    """The resource, where it can be but one."""
    values = (each.resource.term.value for each in worlds)
    return frozenset(value for value in values if isinstance(value, int))


def _listed(world: World) -> Mapping[str, frozenset[str]]:
    """The ids of types that have no others."""
    types = world.vocabulary.entity_types.items()
    found = {type_: row.choices for type_, row in types if row.choices is not None}
    servers = frozenset(uid.id for uid in world.known.settled if uid.type == "Server")
    return {**found, "Server": servers} if servers else found


def _chosen(sat: Sat) -> frozenset[int]:
    """The numbers that the model gives to whatever may be compared with groups."""
    found: set[int] = set()
    for item, value in sat.values.items():
        if item.sort is Sort.INT and isinstance(value, int):
            found.add(value)
        elif (
            item.sort is Sort.INTS and isinstance(value, frozenset) and (item.name or ("",))[0] != "ancestors"
        ):
            found |= {each for each in value if isinstance(each, int)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Building:
    model: Model
    builder: Builder
    naming: Naming
    worlds: tuple[World, ...]

    def request(self, world: World) -> CedarRequest:
        return CedarRequest(
            principal=self._uid(world.principal.type, world.principal.term),
            action=EntityUid("Action", world.environment.action),
            resource=self._uid(world.resource.type, world.resource.term),
            context=self.builder.context(world.action_type.context),
        )

    def entities(self) -> tuple[CedarJson, ...]:
        """All that exists: what is asked about, what the model says so of, and what is known of those."""
        built: dict[EntityUid, CedarJson] = {}
        for store, type_, number in self._existing():
            uid = self.naming.uid(type_, number)
            if uid not in built and type_ in self.worlds[0].vocabulary.entity_types:
                known = store.entities.get(uid)
                settled = store.settled.get(uid)
                built[uid] = self.builder.entity(type_, number, known) if settled is None else settled
        built = {**self.builder.between, **built}
        self._add_known(built)
        return tuple(built[uid] for uid in sorted(built))

    def _existing(self) -> Iterator[tuple[KnownStore, str, int]]:
        # Who asks is named first, and others after them.
        for world in self.worlds:
            yield world.known, world.principal.type, self._number(world.principal.term)
            yield world.asked, world.resource.type, self._number(world.resource.term)
        world = self.worlds[0]
        for other in self.worlds:
            for type_, which in sorted(other.present, key=itemgetter(0)):
                if self._there(which):
                    yield world.known, type_, self._number(which)
        for type_, number in sorted(set(self.builder.spoken_of())):
            if world.closed or self.builder.exists(type_, number):
                yield world.known, type_, number

    def _there(self, which: Term) -> bool:
        """Whether what is part of the request is there at all, such as an actor."""
        name = which.name or ()
        if name[:1] != ("context",):
            return True
        told = self.model.get(("context?", *name[1:]))
        return self.model.asked_within(name, ()) if told is None else told is True

    def _add_known(self, built: dict[EntityUid, CedarJson]) -> None:
        """What is known of whatever the others refer to."""
        known = self.worlds[0].known.settled
        rest = list(built.values())
        while rest:
            entity = rest.pop()
            for uid in references([entity.get("attrs"), entity.get("tags"), entity.get("parents")]):
                if uid not in built and uid in known:
                    built[uid] = known[uid]
                    rest.append(known[uid])

    def _uid(self, type_: str, which: Term) -> EntityUid:
        return self.naming.uid(type_, self._number(which))

    def _number(self, which: Term) -> int:
        if which.name in _NOBODY and self.model.get(which.name or ()) is None:
            return _NOBODY[which.name]
        number = self.model.truth(which)
        if not isinstance(number, int):
            raise TypeError("an id isn't a number")
        return number
