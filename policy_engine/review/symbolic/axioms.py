"""What holds in every world: numbers have bounds, what exists exists, and groups nest without circles.

The hierarchy is grounded on what stands on the left of an `in`: whatever else there is can be left without
ancestors, in a model, and a formula that is false in more worlds than there are is still false in those.
"""

from collections.abc import Iterable, Iterator, Mapping

from policy_engine.evaluator import CedarType, EntityOf, Plain, RecordOf, SetOf
from policy_engine.review.symbolic.scene import Scene
from policy_engine.review.symbolic.simplify import (
    apply,
    conjunction,
    constant,
    disjunction,
    equal,
    less,
    make_set,
    member,
    subset,
    variable,
)
from policy_engine.review.symbolic.terms import TRUE, Name, Operator, Sort, Term, leaves
from policy_engine.review.symbolic.values import LONG_MAX, LONG_MIN

__all__ = ["is_there", "wellformed"]

_COUNTED = frozenset({"Long", "decimal", "datetime", "duration"})


def wellformed(world: Scene, terms: tuple[Term, ...]) -> Term:
    """What holds of whatever some terms speak of."""
    facts = _facts(world, terms)
    parts = tuple(_parts((*terms, *facts)))
    found = tuple(part for part in parts if part.operator in (Operator.VARIABLE, Operator.APPLY))
    numbers = frozenset(
        part.value
        for part in parts
        if part.operator is Operator.CONSTANT and part.sort is Sort.INT and isinstance(part.value, int)
    )
    said = (*facts, *_bounds(world, found), *_hierarchy(found), *_nesting(world, found, numbers))
    # What was said may itself speak of what exists.
    return conjunction(*said, *_existence(world, tuple(leaves(*terms, *said))))


def _facts(world: Scene, terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """What is known of this deployment; asked twice, since what one fact speaks of may be another's."""
    said: tuple[Term, ...] = ()
    for _ in range(2 if world.axioms else 0):
        parts = tuple(_parts((*terms, *said)))
        said = tuple(dict.fromkeys(known for axiom in world.axioms for known in axiom(world, parts)))
    return said


def _parts(roots: Iterable[Term]) -> Iterator[Term]:
    seen: set[Term] = set()
    rest = [*roots]
    while rest:
        part = rest.pop()
        if part not in seen:
            seen.add(part)
            rest.extend(part.arguments)
            yield part


def _bounds(world: Scene, found: Iterable[Term]) -> Iterator[Term]:
    for leaf in found:
        if leaf.sort not in (Sort.INT, Sort.INTS):
            continue
        match world.type_of(leaf.name or ()):
            case Plain(name) if name in _COUNTED:
                yield ~less(leaf, LONG_MIN)
                yield ~less(LONG_MAX, leaf)
            case EntityOf(name):
                choices = _choices(world, name)
                if choices is not None:
                    yield disjunction(~_there(world, leaf), *(equal(leaf, choice) for choice in choices))
            case SetOf(EntityOf(name)):
                choices = _choices(world, name)
                if choices is not None:
                    within = subset(leaf, make_set(Sort.INTS, *choices))
                    yield disjunction(~_there(world, leaf), within)
            case _:
                pass


def _choices(world: Scene, type_: str) -> list[Term] | None:
    row = world.vocabulary.entity_types.get(type_)
    if row is None or row.choices is None:
        return None
    return [constant(world.ids.number(text)) for text in sorted(row.choices)]


def _there(world: Scene, leaf: Term) -> Term:
    """Whether what has such a name is there at all; a value that isn't is of no account."""
    match leaf.name:
        case ("context", *path):
            names = _optional(world.action_type.context, path)
            return conjunction(*(variable(Sort.BOOL, "context?", *name) for name in names))
        case ("attr", type_, *path):
            row = world.vocabulary.entity_types[type_]
            names = _optional(RecordOf(row.fields), path)
            fields = (apply(Sort.BOOL, ("attr?", type_, *name), *leaf.arguments) for name in names)
            return conjunction(is_there(world, type_, leaf.arguments[0]), *fields)
        case ("tag", type_, *path):
            tags = world.vocabulary.entity_types[type_].tags
            names = iter(()) if tags is None else _optional(tags, path)
            fields = (apply(Sort.BOOL, ("tag?", type_, *name), *leaf.arguments) for name in names)
            tagged = apply(Sort.BOOL, ("hastag", type_), *leaf.arguments)
            return conjunction(is_there(world, type_, leaf.arguments[0]), tagged, *fields)
        case _:
            return TRUE


def is_there(world: Scene, type_: str, which: Term) -> Term:
    """Whether there is such an entity, and what refers to it is there, too."""
    return conjunction(_there(world, which), world.exists(type_, which))


def _optional(type_: CedarType, path: Iterable[str]) -> Iterator[Name]:
    """Which parts of a path may be missing."""
    so_far: Name = ()
    for name in path:
        field = type_.fields.get(name) if isinstance(type_, RecordOf) else None
        if field is None:
            return
        so_far, type_ = (*so_far, name), field.type
        if not field.required:
            yield so_far


def _existence(world: Scene, found: tuple[Term, ...]) -> Iterator[Term]:
    """What the request itself is about is there, also where something else refers to it."""
    asked = {leaf.name[1] for leaf in found if leaf.name is not None and leaf.name[0] == "exists"}
    for type_, which in world.present:
        if type_ in asked:
            yield disjunction(~_there(world, which), apply(Sort.BOOL, ("exists", type_), which))
        if type_ in world.known.complete and which.operator is not Operator.CONSTANT and which in found:
            yield disjunction(*(equal(which, constant(known.number)) for known in world.known.of_type(type_)))


_Above = dict[tuple[str, Term], dict[str, Term]]
"""Of an entity of a type: its ancestors, by their type."""


def _above(found: Iterable[Term]) -> _Above:
    above: _Above = {}
    for leaf in found:
        if leaf.name is not None and leaf.name[0] == "ancestors":
            above.setdefault((leaf.name[1], leaf.arguments[0]), {})[leaf.name[2]] = leaf
    return above


def _hierarchy(found: Iterable[Term]) -> Iterator[Term]:
    """Nothing is in itself, and whatever is in a group is in all that the group is in."""
    above = _above(found)
    for (type_, which), groups in above.items():
        if type_ in groups:
            yield ~member(which, groups[type_])
        for (other_type, other), further in above.items():
            if other is which or other_type not in groups:
                continue
            within = member(other, groups[other_type])
            for kind, ancestors in further.items():
                if kind in groups:
                    yield disjunction(~within, subset(ancestors, groups[kind]))
            if type_ in further:
                yield ~conjunction(within, member(which, further[type_]))


def _nesting(world: Scene, found: Iterable[Term], numbers: frozenset[int]) -> Iterator[Term]:
    """Whoever is in a group that is known is in the groups that it is in.

    Only groups that a formula names are of any account to it.
    """
    above = _above(found)
    for (type_, which), groups in above.items():
        for kind, leaf in groups.items():
            for entity in world.known.of_type(kind):
                if entity.number in numbers and entity.complete:
                    within = member(constant(entity.number), leaf)
                    for known in _known_above(entity.above, groups, numbers):
                        yield disjunction(~within, known)
        for entity in world.known.of_type(type_):
            if not entity.complete:
                this = equal(which, constant(entity.number))
                for known in _known_above(entity.above, groups, numbers):
                    yield disjunction(~this, known)


def _known_above(
    above: Mapping[str, frozenset[int]], groups: dict[str, Term], numbers: frozenset[int]
) -> Iterator[Term]:
    for kind, known in above.items():
        if kind in groups:
            for number in sorted(known & numbers):
                yield member(constant(number), groups[kind])
