"""Who somebody's twins are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from policy_engine.model import (
    AuthorizationRequest,
    Client,
    DeclaredAttributes,
    Identity,
    Principal,
    TokenFacts,
    TypedAttributes,
    User,
)

__all__ = ["Relation", "Twin", "identity_of", "twins_of"]


class Relation(StrEnum):
    """In what a twin differs."""

    other_kind = "other_kind"
    """The machine for the person, or the person for the machine, with the same name."""
    through_agent = "through_agent"
    """The same person, for whom a machine acts."""
    without_agent = "without_agent"
    """The same person, for whom none does."""


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody's twin."""

    relation: Relation
    identity: Identity


def twins_of(
    identity: Identity, agents: Sequence[Client], issuers: Sequence[str], declared: DeclaredAttributes
) -> Iterator[Twin]:
    """Everybody who differs from somebody in one thing.

    Groups, roles and tags keep their names, and the token its scopes; declared attributes are those that
    both kinds are declared to have, with the same type.

    Args:
        identity: who asks.
        agents: machines that act for people; each of them does.
        issuers: issuers, besides their own, that tell of the other kind.
        declared: attributes that the operator declared.
    """
    principal = identity.principal
    match principal:
        case User(actor=None):
            for agent in agents:
                yield Twin(Relation.through_agent, _with(identity, replace(principal, actor=agent)))
        case User(actor=actor):
            yield Twin(Relation.without_agent, _with(identity, replace(principal, actor=None)))
            if actor is not None:
                yield Twin(Relation.other_kind, _with(identity, actor))
        case Client():
            pass
        case _:
            assert_never(principal)
    for issuer in dict.fromkeys((principal.issuer, *issuers)):
        yield Twin(Relation.other_kind, _with(identity, _other_kind(principal, issuer, declared)))


def identity_of(request: AuthorizationRequest) -> Identity:
    """Who asked a question, as far as policies see them."""
    token = request.context["token"]
    amr = token.get("amr")
    return Identity(
        principal=request.principal,
        token=TokenFacts(
            scopes=tuple(token.get("scopes", ())),
            grant=token.get("grant"),
            client_id=token.get("client_id"),
            acr=token.get("acr"),
            amr=None if amr is None else tuple(amr),
            issued_at=_seconds(token.get("issued_at")),
            expires_at=_seconds(token.get("expires_at")),
        ),
    )


def _with(identity: Identity, principal: Principal) -> Identity:
    return Identity(principal=principal, token=identity.token)


def _other_kind(principal: Principal, issuer: str, declared: DeclaredAttributes) -> Principal:
    common: dict[str, Any] = {
        "issuer": issuer,
        "groups": principal.groups,
        "roles": principal.roles,
        "attributes": principal.attributes,
    }
    match principal:
        case User(subject=subject):
            typed = _shared(principal.typed_attributes, declared["User"], declared["Client"])
            return Client(client_id=subject, typed_attributes=typed, **common)
        case Client(client_id=client_id):
            typed = _shared(principal.typed_attributes, declared["Client"], declared["User"])
            return User(subject=client_id, typed_attributes=typed, **common)
        case _:
            assert_never(principal)


def _shared(
    held: TypedAttributes, here: Mapping[str, object], there: Mapping[str, object]
) -> TypedAttributes:
    return {name: value for name, value in held.items() if name in there and here[name] == there[name]}


def _seconds(moment: Any) -> float | None:  # noqa: ANN401 -- Cedar JSON
    return None if moment is None else datetime.fromisoformat(moment["__extn"]["arg"]).timestamp()
