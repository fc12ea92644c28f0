"""What an explanation looks at: a request, its entities, and how their values are put into words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policy_engine.cedar import (
    Binary,
    CedarRequest,
    EntityHandle,
    Expression,
    Folded,
    GetAttribute,
    KnownEntities,
    PartialRequest,
    Variable,
    children,
    fold_expression,
    render_expression,
    show,
)
from policy_engine.evaluator.explanation.findings import Reading
from policy_engine.model import AuthorizationRequest, Client, EntityUid, User

__all__ = ["Scene"]

_LONGEST = 80
"""Characters of a value that are shown."""

_MOST_READINGS = 6


@dataclass(frozen=True, slots=True)
class Scene:
    """One request as the policies saw it.

    Attributes:
        asked: the request.
        folded: the same, as the fold takes it.
    """

    asked: AuthorizationRequest
    folded: PartialRequest

    @classmethod
    def of(cls, request: AuthorizationRequest, entities: EntityHandle) -> "Scene":
        """A request with the entities that Cedar was told of."""
        asked = CedarRequest(request.principal.uid, request.action, request.resource, request.context)
        return cls(request, PartialRequest.of(asked, KnownEntities.from_json(entities.to_json())))

    @property
    def actor(self) -> Client | None:
        """The machine that acts for the person who asks, if one does."""
        principal = self.asked.principal
        return principal.actor if isinstance(principal, User) else None

    def uid(self, variable: str) -> EntityUid:
        """The `principal`, the `action` or the `resource`."""
        match variable:
            case "principal":
                return self.asked.principal.uid
            case "action":
                return self.asked.action
            case _:
                return self.asked.resource

    def groups(self, variable: str, types: Iterable[str]) -> list[EntityUid]:
        """What the principal, action or resource is in, of these types."""
        wanted = frozenset(types)
        ancestors = self.folded.entities.of(self.uid(variable)).ancestors
        return sorted(uid for uid in ancestors if uid.type in wanted)

    def fold(self, expression: Expression) -> Folded:
        """What an expression came to."""
        return fold_expression(expression, self.folded)

    def value(self, expression: Expression) -> str:
        """The value of an expression in Cedar, shortened; `nothing` if it has none."""
        value = self.fold(expression).value
        return "nothing" if value is None else _shortened(show(value))

    def readings(self, expression: Expression) -> tuple[Reading, ...]:
        """The parts of an expression that read something of the request, and their values."""
        parts = {render_expression(part): part for part in _reads(expression)}
        chosen = list(parts.items())[:_MOST_READINGS]
        return tuple(
            Reading(text, self.value(part)) for text, part in chosen if self.fold(part).value is not None
        )


def _reads(expression: Expression) -> Iterator[Expression]:
    """The largest parts that stand for something of the request, left before right."""
    rest = [expression]
    while rest:
        node = rest.pop()
        match node:
            case GetAttribute() | Binary(operator="getTag"):
                yield node
            case Variable(name="context"):
                pass  # all of it: too much to say
            case Variable():
                yield node
            case _:
                rest.extend(reversed(children(node)))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
