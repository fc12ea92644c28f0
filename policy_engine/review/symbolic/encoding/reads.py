"""What a condition reads of a request: what it comes to is the same wherever that is the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy_engine.cedar import EntityLiteral, Expression, GetAttribute, HasAttribute, Variable
from policy_engine.review.symbolic.encoding.expressions import parts_of
from policy_engine.review.symbolic.terms import Name
from policy_engine.review.symbolic.values import RecordValue, Symbolic
from policy_engine.review.symbolic.world import World

__all__ = ["Reads", "reads_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What is read.

    Attributes:
        variables: those that are, but for the context.
        context: the paths of it.
        named: types of the entities that are written out.
    """

    variables: frozenset[str]
    context: tuple[Name, ...]
    named: frozenset[str] = frozenset()

    def key(self, world: World) -> tuple[object, ...]:
        """What the world has for all that is read."""
        key: list[object] = []
        if "principal" in self.variables:
            key.append(world.principal)
        # An entity that is written out may be the very resource, of which more is known then.
        if "resource" in self.variables or world.environment.resource in self.named:
            key += (world.resource, id(world.partly))
        if "action" in self.variables:
            key.append(world.environment.action)
        for path in self.context:
            key.append(_at(world.context, path))
        return tuple(key)


def reads_of(expression: Expression) -> Reads:
    """What an expression reads."""
    variables: set[str] = set()
    named: set[str] = set()
    paths: dict[Name, None] = {}
    rest = [expression]
    while rest:
        node = rest.pop()
        path = _path(node)
        if path is not None:
            paths[path] = None
        elif isinstance(node, Variable):
            variables.add(node.name)
        elif isinstance(node, EntityLiteral):
            named.add(node.uid.type)
        else:
            rest.extend(parts_of(node))
    return Reads(variables=frozenset(variables), context=tuple(sorted(paths)), named=frozenset(named))


def _path(node: Expression) -> Name | None:
    """The path of the context that a node reads."""
    names: list[str] = []
    while isinstance(node, GetAttribute | HasAttribute):
        names.append(node.name)
        node = node.target
    return tuple(reversed(names)) if isinstance(node, Variable) and node.name == "context" else None


def _at(value: Symbolic, path: Name) -> object:
    seen: list[object] = []
    for name in path:
        field = value.fields.get(name) if isinstance(value, RecordValue) else None
        if field is None:
            return (*seen, type(value))
        seen.append(field.there)
        value = field.value
    return (*seen, *_shape(value))


def _shape(value: Symbolic) -> Iterator[object]:
    if not isinstance(value, RecordValue):
        yield value
        return
    for name, field in sorted(value.fields.items()):
        yield name
        yield field.there
        yield from _shape(field.value)
    yield None
