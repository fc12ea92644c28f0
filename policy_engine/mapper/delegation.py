"""Who acts for the person that a token speaks for (RFC 8693 section 4.1).

Only the outermost actor counts; the nested ones are history, and the specification forbids deciding on them.
`may_act` is a permission for a later exchange at the issuer, and is none of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.errors import MappingError
from policy_engine.mapper.identifiers import is_id
from policy_engine.mapper.registry import KnownClient, Registry

__all__ = ["Actor", "acting_client", "read_actor"]

_ACT = "act"
_MAX_DEPTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whom `act` names, in the right form; whether they may act is another question.

    Attributes:
        client_id: the member that names the client, as the profile says.
        subject: `sub` of `act`.
    """

    client_id: str
    subject: str


def read_actor(claims: Mapping[str, Any], member: str | None) -> Actor | None:
    """Read `act`, if it is there.

    Args:
        claims: the token's claims.
        member: the member of `act` that names the client; None if the issuer doesn't write `act`.

    Raises:
        MappingError: it isn't as this issuer writes it (`invalid_actor`, with `act_form` or `act_depth`).
    """
    if _ACT not in claims:
        return None
    if member is None:
        raise _refusal("act_form", "`act` isn't a claim that this issuer writes")
    act = claims[_ACT]
    _check_chain(act)
    client_id, subject = act.get(member), act.get("sub")
    if not isinstance(client_id, str) or not isinstance(subject, str):
        raise _refusal("act_form", f"`act` needs strings in `sub` and `{member}`")
    if not is_id(client_id) or not is_id(subject):
        raise _refusal("act_form", "`act` names somebody in a form that ids don't have")
    if "iss" in act and act["iss"] != claims.get("iss"):
        raise _refusal("act_form", "`act` names somebody of another issuer")
    return Actor(client_id=client_id, subject=subject)


def acting_client(
    actor: Actor | None, *, subject: str | None, client_id: str | None, registry: Registry
) -> tuple[str, KnownClient] | None:
    """The listed client that acts for a person, and its id; None if they act themselves.

    Args:
        actor: whom `act` names, if it is there.
        subject: the person's id; None if the token is a machine's.
        client_id: the client that obtained the token.
        registry: the issuer's listed clients.

    Raises:
        MappingError: `act` names nobody who may act for this subject (`invalid_actor`, with `act_subject` or
            `act_actor`).
    """
    if actor is not None:
        if subject is None:
            raise _refusal("act_subject", "a machine's token names somebody who acts for it")
        known = registry.get(actor.client_id)
        if known is None or not known.may_act or subject in (actor.client_id, actor.subject):
            raise _refusal("act_actor", "`act` doesn't name a listed machine other than the subject")
        return actor.client_id, known
    # Where tokens don't show who acts, the client that obtained a person's token does, if it is listed with
    # `acts_for_users`, or with a grant that turns people's tokens into its own.
    if subject is None or client_id is None:
        return None
    known = registry.get(client_id)
    acts = known is not None and (known.acts_for_users or known.exchanges)
    return (client_id, known) if known is not None and acts else None


def _check_chain(act: Any) -> None:  # noqa: ANN401 -- any JSON
    depth = 0
    while True:
        if not isinstance(act, Mapping):
            raise _refusal("act_form", "`act` isn't an object")
        depth += 1
        if depth > _MAX_DEPTH:
            raise _refusal("act_depth", f"`act` nests deeper than {_MAX_DEPTH}")
        if _ACT not in act:
            return
        act = act[_ACT]


def _refusal(detail: str, note: str) -> MappingError:
    return MappingError("invalid_actor", note, detail=detail, evidence=(note,))
