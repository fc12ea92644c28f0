"""What stage 3 asks of stage 4: may this principal do this to that, in this context?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.model.principal import Principal
from policy_engine.model.uid import EntityUid

__all__ = ["AuthorizationRequest", "CedarJson", "HttpFacts", "Surroundings"]

CedarJson = dict[str, Any]
"""A value, an entity or a schema in Cedar's own JSON format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFacts:
    """What a proxy knows of the HTTP request that carried the message.

    Attributes:
        method: `POST`, `GET` or `DELETE`.
        url: the URL as the caller sent it.
        headers: by name; names compare without regard to case.
    """

    method: str = "POST"
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def header(self, name: str) -> str | None:
        """The value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The entities around a resource and an action, with all their ancestors, in Cedar's JSON format.

    Compared by identity, so that stage 4 can keep what it derives from one: what a request shares with others
    (a pinned tool, a server and an action) is made once, what a caller named stands in `entities` beside it.

    Attributes:
        entities: shared ones, unless `shared` is given; then those of this request alone.
        shared: what this request has in common with others.
    """

    entities: tuple[CedarJson, ...]
    shared: "Surroundings | None" = None

    @property
    def whole(self) -> tuple[CedarJson, ...]:
        """The request's own entities and the shared ones."""
        return self.entities if self.shared is None else (*self.entities, *self.shared.whole)


@dataclass(slots=True, kw_only=True)
class AuthorizationRequest:
    """One question to the policies. Changed by nobody; not frozen, since one is made for each request.

    Attributes:
        principal: who asks.
        action: what they ask for: `Action::"github/create_issue"`, `Action::"list_tools"`.
        resource: what it is done to: `Tool::"github/create_issue"`, `Server::"github"`.
        context: Cedar JSON of the context record; complete, stage 4 adds nothing to it.
        surroundings: the entities of action and resource.
    """

    principal: Principal
    action: EntityUid
    resource: EntityUid
    context: CedarJson = field(hash=False)
    surroundings: Surroundings
