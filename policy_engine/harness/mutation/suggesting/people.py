"""Who could ask: those of the cases, and those who differ from them in what policies look at."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from policy_engine.harness.mutation.suggesting.literals import Interesting
from policy_engine.model import AuthorizationRequest, Client, EntityUid, Identity, Principal, TokenFacts, User

__all__ = ["identities_of", "identity_of"]

_MOST, _MOST_KNOWN = 80, 20
"""How many are asked, and how many of them are from cases."""

_AGENT, _ANOTHER = "agent", "somebody-else"
_GROUPS = {
    "Group": (User, "groups"),
    "Role": (User, "roles"),
    "ClientGroup": (Client, "groups"),
    "ClientRole": (Client, "roles"),
}


def identity_of(request: AuthorizationRequest) -> Identity:
    """Who asked a question, as far as policies see them."""
    token = request.context["token"]
    facts = TokenFacts(
        scopes=tuple(token.get("scopes", ())),
        grant=token.get("grant"),
        client_id=token.get("client_id"),
        acr=token.get("acr"),
        amr=None if token.get("amr") is None else tuple(token["amr"]),
    )
    return Identity(principal=request.principal, token=facts)


def identities_of(
    known: Iterable[Identity], named: Interesting, agents: Sequence[Client], issuers: Iterable[str]
) -> list[Identity]:
    """Everybody who is worth asking, those first who are in the cases already.

    Args:
        known: who asks in cases.
        named: what policies name.
        agents: machines that act for people.
        issuers: names of all issuers; somebody of each is asked.
    """
    scopes = _scopes(named)
    facts = TokenFacts(scopes=tuple(scopes))
    literal = [principal for uid in named.entities for principal in _and_another(uid)]
    acting = [*agents, *(each for each in literal if isinstance(each, Client))]
    strangers = [
        kind
        for name in issuers
        for kind in (User(issuer=name, subject=_ANOTHER), Client(issuer=name, client_id=_ANOTHER))
    ]
    seen: dict[str, Identity] = {}
    found = list(islice(_alike(known, seen), _MOST_KNOWN))
    found += list(_alike((twin for each in found for twin in _other_kind(each)), seen))
    found += _alike((Identity(principal=each, token=facts) for each in (*literal, *strangers)), seen)
    steps: tuple[Callable[[Identity], Iterable[Identity]], ...] = (
        lambda identity: _with_scopes(identity, scopes),
        lambda identity: _of_groups(identity, named.entities),
        lambda identity: _acted_for(identity, acting),
        _other_kind,
        lambda identity: _with_scopes(identity, scopes),
    )
    for step in steps:
        found += list(_alike((other for identity in found for other in step(identity)), seen))
    return found


def _alike(identities: Iterable[Identity], seen: dict[str, Identity]) -> Iterator[Identity]:
    for identity in identities:
        principal = identity.principal
        actor = principal.actor if isinstance(principal, User) else None
        shown = repr(
            (
                principal.uid,
                sorted(principal.groups),
                sorted(principal.roles),
                principal.attributes,
                principal.typed_attributes,
                actor and actor.uid,
                identity.token,
            )
        )
        if len(seen) < _MOST and shown not in seen:
            seen[shown] = identity
            yield identity


def _scopes(named: Interesting) -> list[str]:
    found: dict[str, None] = {}
    for path, values in named.values.items():
        if path[-1:] == ("scopes",):
            for value in values:
                found.update(
                    (each, None)
                    for each in (value if isinstance(value, list) else [value])
                    if isinstance(each, str)
                )
    return list(found)


def _with_scopes(identity: Identity, scopes: list[str]) -> Iterator[Identity]:
    held = identity.token.scopes
    more = dict.fromkeys((*held, *scopes))
    fewer = [scope for scope in held if scope not in scopes]
    for each in (tuple(more), tuple(fewer), *((*fewer, scope) for scope in scopes)):
        yield replace(identity, token=replace(identity.token, scopes=each))


def _of_groups(identity: Identity, named: list[EntityUid]) -> Iterator[Identity]:
    principal = identity.principal
    for uid in named:
        kind, member = _GROUPS.get(uid.type, (None, ""))
        issuer, _, name = uid.id.partition("/")
        if kind is not None and isinstance(principal, kind) and principal.issuer == issuer:
            held: frozenset[str] = getattr(principal, member)
            changed: Any = {member: held ^ {name}}
            yield replace(identity, principal=replace(principal, **changed))


def _acted_for(identity: Identity, agents: list[Client]) -> Iterator[Identity]:
    principal = identity.principal
    if not isinstance(principal, User):
        return
    if principal.actor is not None:
        yield replace(identity, principal=replace(principal, actor=None))
    for agent in (*agents, Client(issuer=principal.issuer, client_id=_AGENT)):
        yield replace(identity, principal=replace(principal, actor=agent))


def _other_kind(identity: Identity) -> Iterator[Identity]:
    match identity.principal:
        case User(issuer=issuer, subject=subject, groups=groups):
            yield replace(identity, principal=Client(issuer=issuer, client_id=subject, groups=groups))
        case Client(issuer=issuer, client_id=client_id, groups=groups):
            yield replace(identity, principal=User(issuer=issuer, subject=client_id, groups=groups))


def _and_another(uid: EntityUid) -> Iterator[Principal]:
    """The principal of a name, and one with another of the same issuer."""
    for each in (uid, EntityUid(uid.type, f"{uid.id.partition('/')[0]}/{_ANOTHER}")):
        principal = _principal(each)
        if principal is not None:
            yield principal


def _principal(uid: EntityUid) -> Principal | None:
    issuer, slash, name = uid.id.partition("/")
    if not slash:
        return None
    if uid.type == "User":
        return User(issuer=issuer, subject=name)
    return Client(issuer=issuer, client_id=name) if uid.type == "Client" else None
