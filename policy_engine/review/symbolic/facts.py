"""What the engine guarantees of every request that policies are asked about, a row each.

A review leans on these: without them it would warn of requests that can't be. Each is tested against the
engine itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.review.symbolic.axioms import is_there
from policy_engine.review.symbolic.scene import Axiom, Scene
from policy_engine.review.symbolic.simplify import (
    apply,
    conjunction,
    constant,
    disjunction,
    equal,
    make_set,
)
from policy_engine.review.symbolic.terms import TRUE, Operator, Sort, Term
from policy_engine.review.symbolic.values import Scalar

__all__ = ["AXIOMS", "EXPOSED", "FACTS", "HALVES", "Fact", "issuers_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that holds of every request.

    Attributes:
        name: what it is called.
        sentence: what holds.
    """

    name: str
    sentence: str


_SENTENCES = {
    "tool_of_action": "A call of a pinned tool is about that tool, with the kinds and labels of its catalogue"
    " and the groups of the entities file.",
    "unpinned_denied": "Where a server's `unpinned` is `deny`, no tool without a pin is asked about.",
    "unpinned_unreviewed": "A tool without a pin belongs to its server, is destructive and open-world, isn't"
    " read-only, and has only the labels and groups of the entities file.",
    "server_configured": "A server that is asked about is a configured one, with its configured URI.",
    "exposed_by_server": "A prompt, resource, template or task belongs to one server, a configured one.",
    "pinned_in_catalogue": "What a catalogue has, by its name, is pinned, and nothing else is.",
    "actor_of_person": "`context.actor` is there only where a person asks, and it exists.",
    "asked_exist": "Who asks and what is asked about are among the entities that Cedar is told of.",
    "groups_as_written": "Groups and roles are nested as the entities file says, and in no other way.",
    "id_has_halves": "The id of a person is `<issuer>/<subject>`, of a machine `<issuer>/<client id>`, of"
    " what a server exposes `<server>/<name>`, as their attributes say.",
    "issuer_configured": "The issuer of whoever asks, or acts, by a token is a configured one.",
    "names_written": "Whoever asks, or acts, by a token has a subject or a client id that isn't empty.",
    "category_known": "The `category` of a machine, by its token, is `service`, `ai_agent` or `workload`.",
}

FACTS: Mapping[str, Fact] = MappingProxyType(
    {name: Fact(name=name, sentence=sentence) for name, sentence in _SENTENCES.items()}
)
"""By name."""

HALVES: Mapping[str, tuple[str | None, str]] = MappingProxyType(
    {
        "User": ("issuer", "subject"),
        "Client": ("issuer", "client_id"),
        "Tool": (None, "name"),
        "Prompt": (None, "name"),
        "Resource": (None, "uri"),
        "ResourceTemplate": (None, "uri_template"),
        "Task": (None, "task_id"),
    }
)
"""The attributes that the halves of an id are; of what servers expose, the left half is the server."""

EXPOSED = frozenset({"Tool", "Prompt", "Resource", "ResourceTemplate", "Task"})
"""What belongs to a server."""

_CATEGORIES = ("ai_agent", "service", "workload")


def _halves(world: Scene, parts: Iterable[Term]) -> Iterator[Term]:
    """An entity is the one of a name where its attributes are the halves of that name, and nowhere else."""
    for part in parts:
        if part.operator is not Operator.EQUAL:
            continue
        which, named = part.arguments
        type_ = world.entity_type_of(which)
        text = world.ids.text(named.value) if isinstance(named.value, int) else None
        if type_ is not None and type_ in HALVES and text is not None:
            yield from _as_named(world, type_, which, text, part)


def _as_named(world: Scene, type_: str, which: Term, text: str, is_it: Term) -> Iterator[Term]:
    left, _, right = text.partition("/")
    first, second = HALVES[type_]
    same = [_is(world, type_, which, second, right)]
    if first is not None:
        same.append(_is(world, type_, which, first, left))
    elif which is world.resource.term:
        server = make_set(Sort.INTS, constant(world.ids.number(left)))
        same.append(equal(world.ancestors(type_, which, "Server"), server))
        if world.partly.unlisted and world.asked.find(type_, world.ids.number(text)) is not None:
            yield ~is_it
    else:
        return
    exists = is_there(world, type_, which)
    yield disjunction(~conjunction(exists, is_it), conjunction(*same))
    yield disjunction(~conjunction(exists, *same), is_it)


def _is(world: Scene, type_: str, which: Term, name: str, text: str) -> Term:
    value = world.attribute(type_, which, name).value
    return equal(value.term, constant(text)) if isinstance(value, Scalar) else TRUE


def _not_pinned(world: Scene, parts: Iterable[Term]) -> Iterator[Term]:
    """What isn't pinned has another name, or another server, than all that is pinned."""
    type_, which = world.resource.type, world.resource.term
    if type_ not in EXPOSED or which.operator is Operator.CONSTANT:
        return
    attribute = ("attr", type_, HALVES[type_][1])
    for part in parts:
        if part.name == attribute and part.arguments[0] is which:
            for known in world.asked.of_type(type_):
                text = world.ids.text(known.number)
                if known.complete and text is not None:
                    yield ~conjunction(*_named_so(world, text, part), _is_another(world, known.number))


def _named_so(world: Scene, text: str, name: Term) -> tuple[Term, Term]:
    left, _, right = text.partition("/")
    type_, which = world.resource.type, world.resource.term
    server = world.partly.above.get("Server") or apply(Sort.INTS, ("ancestors", type_, "Server"), which)
    itself = make_set(Sort.INTS, constant(world.ids.number(left)))
    return equal(name, constant(right)), equal(server, itself)


def _is_another(world: Scene, number: int) -> Term:
    """Whether the resource isn't that one; a tool without a pin never is."""
    return TRUE if world.partly.unlisted else ~equal(world.resource.term, constant(number))


def _one_server(world: Scene, parts: Iterable[Term]) -> Iterator[Term]:
    """What is asked about belongs to exactly one of the servers that there are."""
    name = ("ancestors", world.resource.type, "Server")
    for part in parts:
        if part.name == name and part.arguments[0] is world.resource.term:
            servers = (
                make_set(Sort.INTS, constant(server.number)) for server in world.known.of_type("Server")
            )
            yield disjunction(*(equal(part, server) for server in servers))


def _names(world: Scene, parts: Iterable[Term]) -> Iterator[Term]:
    for part in parts:
        match part.name:
            case ("attr", ("User" | "Client") as type_, name) if name == HALVES[type_][1]:
                who = part.arguments[0]
                if (type_, who) in world.present:
                    yield disjunction(~is_there(world, type_, who), ~equal(part, constant("")))
            case _:
                pass


def issuers_of(issuers: Iterable[str]) -> Axiom:
    """The fact that people and machines are vouched for by these issuers."""
    names = [constant(name) for name in sorted(issuers)]

    def known(world: Scene, parts: Iterable[Term]) -> Iterator[Term]:
        for part in parts:
            match part.name:
                case ("attr", ("User" | "Client") as type_, "issuer"):
                    exists = is_there(world, type_, part.arguments[0])
                    yield disjunction(~exists, *(equal(part, name) for name in names))
                case _:
                    pass

    return known


def _categories(world: Scene, parts: Iterable[Term]) -> Iterator[Term]:
    for part in parts:
        if part.name == ("attr", "Client", "category"):
            exists = is_there(world, "Client", part.arguments[0])
            yield disjunction(~exists, *(equal(part, constant(category)) for category in _CATEGORIES))


AXIOMS = (_halves, _not_pinned, _one_server, _names, _categories)
"""Those facts that are said of values; the others are how a world is made."""
