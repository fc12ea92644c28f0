"""A human or a machine: two types, never one with a flag."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import assert_never

from policy_engine.model.attributes import TypedAttributes
from policy_engine.model.token import TokenFacts
from policy_engine.model.uid import EntityUid

__all__ = ["Client", "Identity", "Principal", "Tags", "User"]

Tags = Mapping[str, tuple[str, ...]]
"""Configured claims by name; Cedar sees each as a tag of type `Set<String>`."""


_NO_TAGS: Tags = MappingProxyType({})
_NOTHING_DECLARED: TypedAttributes = MappingProxyType({})


def _no_tags() -> Tags:
    return _NO_TAGS


def _nothing_declared() -> TypedAttributes:
    return _NOTHING_DECLARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A machine: a service, a workload, an agent on its own behalf.

    Attributes:
        issuer: the configured name of the issuer that vouches for it.
        client_id: its id at that issuer.
        category: `service`, `ai_agent` or `workload`.
        groups: names of `ClientGroup`s, without the issuer's part.
        roles: names of `ClientRole`s, without the issuer's part.
        attributes: other configured claims, and what the registry says.
        typed_attributes: those of both that the configuration declares, with the types that it declares.
        sender_constrained: whether its token is bound to a key.
        evidence: why it was taken for a machine; for the audit record, never for a decision.
    """

    issuer: str
    client_id: str
    category: str = "service"
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    attributes: Tags = field(default_factory=_no_tags, hash=False)
    typed_attributes: TypedAttributes = field(default_factory=_nothing_declared, hash=False)
    sender_constrained: bool = False
    evidence: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Take what was given over, so that nobody can change it later."""
        _settle(self)

    @property
    def uid(self) -> EntityUid:
        """`Client::"<issuer>/<client_id>"`."""
        return EntityUid("Client", f"{self.issuer}/{self.client_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A human, perhaps with a machine that acts for them.

    Attributes:
        issuer: the configured name of the issuer that vouches for them.
        subject: their stable id at that issuer.
        actor: the machine that holds the token on their behalf, if any.
        email: only if the issuer says that it verified it.
        groups: names of `Group`s, without the issuer's part.
        roles: names of `Role`s, without the issuer's part.
        attributes: other configured claims.
        typed_attributes: claims that the configuration declares, with the types that it declares.
        sender_constrained: whether the token is bound to a key.
        evidence: why they were taken for a human; for the audit record, never for a decision.
    """

    issuer: str
    subject: str
    actor: Client | None = None
    email: str | None = None
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    attributes: Tags = field(default_factory=_no_tags, hash=False)
    typed_attributes: TypedAttributes = field(default_factory=_nothing_declared, hash=False)
    sender_constrained: bool = False
    evidence: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Take what was given over, so that nobody can change it later."""
        _settle(self)

    @property
    def uid(self) -> EntityUid:
        """`User::"<issuer>/<subject>"`."""
        return EntityUid("User", f"{self.issuer}/{self.subject}")


Principal = User | Client


def _settle(principal: Principal) -> None:
    """Copy what could be changed from outside: stage 4 knows a principal again by the object that it is."""
    settled: dict[str, object] = {"groups": frozenset(principal.groups), "roles": frozenset(principal.roles)}
    if principal.attributes is not _NO_TAGS:
        settled["attributes"] = _copied(principal.attributes)
    if principal.typed_attributes is not _NOTHING_DECLARED:
        settled["typed_attributes"] = _copied(principal.typed_attributes)
    for name, value in settled.items():
        object.__setattr__(principal, name, value)


def _copied(attributes: Mapping[str, object]) -> Mapping[str, object]:
    copies = ((name, tuple(it) if isinstance(it, list) else it) for name, it in attributes.items())
    return MappingProxyType(dict(copies))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What stage 2 makes of a token: who it speaks for, and the facts that policies may read."""

    principal: Principal
    token: TokenFacts

    @property
    def kind(self) -> str:
        """`user`, `client` or `delegated`."""
        match self.principal:
            case User(actor=None):
                return "user"
            case User():
                return "delegated"
            case Client():
                return "client"
            case _:
                assert_never(self.principal)
