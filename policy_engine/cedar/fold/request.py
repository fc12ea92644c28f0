"""A question of which perhaps not everything is known."""

from dataclasses import dataclass, field

from policy_engine.cedar.authorizer import CedarRequest
from policy_engine.cedar.fold.entities import Fields, KnownEntities
from policy_engine.cedar.fold.reading import read_record
from policy_engine.cedar.fold.shapes import Shape, Unknown
from policy_engine.cedar.fold.values import Entity

__all__ = ["PartialRequest"]

_SOMEBODY = Unknown("entity")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRequest:
    """What is known of a request and its entities.

    Attributes:
        principal: an `Entity`, or an `Unknown("entity")`, perhaps with its type.
        action: likewise.
        resource: likewise.
        context: a record, a `PartialRecord`, or an `Unknown("record")`.
        entities: what is known of them.
    """

    principal: Entity | Unknown = _SOMEBODY
    action: Entity | Unknown = _SOMEBODY
    resource: Entity | Unknown = _SOMEBODY
    context: Fields = Unknown("record")  # noqa: RUF009 -- frozen
    entities: KnownEntities = field(default_factory=KnownEntities)

    @classmethod
    def of(cls, request: CedarRequest, entities: KnownEntities) -> "PartialRequest":
        """A request of which everything is known.

        Raises:
            CedarError: `cedar_request`: Cedar couldn't read the context either.
        """
        return cls(
            principal=Entity(request.principal),
            action=Entity(request.action),
            resource=Entity(request.resource),
            context=read_record(request.context),
            entities=entities,
        )

    def variable(self, name: str) -> Shape:
        """The value of `principal`, `action`, `resource` or `context`; a slot of a template is unknown."""
        match name:
            case "principal":
                return self.principal
            case "action":
                return self.action
            case "resource":
                return self.resource
            case "context":
                return self.context
            case _:
                return _SOMEBODY
