"""The principal of a witness just as the witness says it, whether or not anybody has such a token."""

from collections.abc import Mapping, Sequence
from typing import Any

from policy_engine.model import Client, EntityUid, Identity, Principal, TokenFacts, User
from policy_engine.review.witness.realising.issuers import KnownIssuer
from policy_engine.review.witness.realising.values import seconds_of
from policy_engine.review.witness.realising.wanted import Somebody, Wanted

__all__ = ["identity_as_said"]

_GROUPS = {"User": ("Group", "Role"), "Client": ("ClientGroup", "ClientRole")}
_BUILT_IN = frozenset({"issuer", "subject", "client_id", "category", "email"})


def identity_as_said(wanted: Wanted, issuers: Sequence[KnownIssuer]) -> Identity:
    """Whom the engine would have to be told of, for the witness to come about."""
    return Identity(principal=_principal(wanted.principal, wanted.actor, issuers), token=_facts(wanted.token))


def _principal(who: Somebody, actor: Somebody | None, issuers: Sequence[KnownIssuer]) -> Principal:
    groups, roles = (_names(who, type_) for type_ in _GROUPS[who.uid.type])
    common: dict[str, Any] = {
        "issuer": _issuer(who, issuers),
        "groups": groups,
        "roles": roles,
        "attributes": {name: tuple(values) for name, values in who.tags.items()},
        "typed_attributes": {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in who.attributes.items()
            if name not in _BUILT_IN
        },
    }
    own_name = who.name or who.uid.id or "somebody"
    if who.uid.type == "Client":
        category = who.attributes.get("category")
        return Client(client_id=own_name, category=category or "service", **common)
    acting = None if actor is None else _principal(actor, None, issuers)
    email = who.attributes.get("email")
    return User(subject=own_name, actor=acting if isinstance(acting, Client) else None, email=email, **common)


def _issuer(who: Somebody, issuers: Sequence[KnownIssuer]) -> str:
    if who.name:
        return who.issuer
    return next((issuer.name for issuer in issuers if issuer.has(who.kind)), who.issuer)


def _names(who: Somebody, type_: str) -> frozenset[str]:
    """Groups of a type, by the names that they have at the principal's issuer."""
    prefix = f"{who.issuer}/"
    return frozenset(uid.id.removeprefix(prefix) for uid in who.above if _is_own(uid, type_, prefix))


def _is_own(uid: EntityUid, type_: str, prefix: str) -> bool:
    return uid.type == type_ and uid.id.startswith(prefix)


def _facts(token: Mapping[str, Any]) -> TokenFacts:
    scopes, amr = token.get("scopes"), token.get("amr")
    return TokenFacts(
        scopes=tuple(scopes) if isinstance(scopes, list) else (),
        grant=token.get("grant"),
        client_id=token.get("client_id"),
        acr=token.get("acr"),
        amr=tuple(amr) if isinstance(amr, list) else None,
        issued_at=seconds_of(token.get("issued_at")),
        expires_at=seconds_of(token.get("expires_at")),
    )
