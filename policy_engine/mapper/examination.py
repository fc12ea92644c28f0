"""A token under the light: what may be examined, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from policy_engine.errors import MappingError
from policy_engine.mapper.language import Clause
from policy_engine.model import Identity

__all__ = ["Examination", "TokenContent"]


class TokenContent(Protocol):
    """What a token says, whether or not it was verified; only who examines may take one that wasn't."""

    @property
    def issuer(self) -> str:
        """The configured name of the issuer that it names."""
        ...

    @property
    def header(self) -> Mapping[str, Any]:
        """The JOSE header."""
        ...

    @property
    def claims(self) -> Mapping[str, Any]:
        """The payload."""
        ...

    @property
    def sender_constrained(self) -> bool:
        """Whether it is bound to a key."""
        ...

    @property
    def introspected(self) -> bool:
        """Whether the issuer said it when asked, so that it has no header."""
        ...

    @property
    def audiences(self) -> tuple[str, ...]:
        """Whom it is for, as its issuer's tokens say it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A token under the light: what each rule says of it, and what came of it.

    Attributes:
        issuer: the configured name of its issuer.
        profile: the name of the issuer's profile.
        client_id: the client's id, where the profile says that it is.
        actor_id: the client that `act` names.
        client: every clause of the rule for machines; empty if the token got no further than its form.
        user: every clause of the rule for humans.
        identity: whom it speaks for, if that could be told.
        check: the row of `MAPPING_CHECKS` that failed, otherwise.
        error: why it couldn't be told, otherwise.
    """

    issuer: str
    profile: str
    client_id: str | None
    actor_id: str | None
    client: tuple[Clause, ...]
    user: tuple[Clause, ...]
    identity: Identity | None
    check: str | None
    error: MappingError | None
