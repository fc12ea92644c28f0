"""Claims by which the mapper comes to say of somebody what a witness says: its reading, turned round."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from policy_engine.config import KindClaims
from policy_engine.evaluator import StaticEntities
from policy_engine.mapper import ClaimPath, Root
from policy_engine.model import EntityUid
from policy_engine.review.witness.realising.wanted import Somebody

__all__ = ["Claims", "claims_saying", "names_above"]

_GROUPS = {"user": ("Group", "Role"), "client": ("ClientGroup", "ClientRole")}


@dataclass(slots=True)
class Claims:
    """What is laid over the example of an issuer's profile.

    Attributes:
        example: the claims of that; what lies deeper in them stays.
        header: members of the header.
        claims: claims; None takes one out.
    """

    example: Mapping[str, Any]
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)

    def put(self, written: str, value: Any) -> None:  # noqa: ANN401 -- JSON
        """Write a value where a configured path reads it; what is decoded of others can't be written."""
        path = ClaimPath.parse(written)
        if path.root is Root.DECODED:
            return
        first, *rest = path.names
        target = self.header if path.root is Root.HEADER else self.claims
        if not rest:
            target[first] = value
            return
        whole = target.get(first, deepcopy(self.example.get(first, {})))
        inner = target[first] = whole if isinstance(whole, dict) else {}
        for name in rest[:-1]:
            deeper = inner.get(name)
            inner[name] = deeper if isinstance(deeper, dict) else {}
            inner = inner[name]
        inner[rest[-1]] = value


def claims_saying(
    who: Somebody, issuer: str, sources: KindClaims, static: StaticEntities, example: Mapping[str, Any]
) -> Claims:
    """Claims of groups, roles, email, tags and attributes, as far as claims are read for them.

    Args:
        who: what is to be said, and of whom.
        issuer: the name of who says it.
        sources: which claims are read.
        static: what the operator says of groups.
        example: the claims that these are laid over.
    """
    found = Claims(example)
    for claim, type_ in zip((sources.groups, sources.roles), _GROUPS[who.kind], strict=True):
        names = names_above(who.above, type_, issuer, static)
        if claim is not None and names:
            found.put(claim, names)
    email = who.attributes.get("email")
    if sources.email is not None and isinstance(email, str):
        found.put(sources.email, email)
        found.claims["email_verified"] = True
    for name, claim in sources.tags.items():
        if name in who.tags:
            found.put(claim, list(who.tags[name]))
    for name, claim in sources.attributes.items():
        if name in who.attributes:
            found.put(claim, who.attributes[name])
    return found


def names_above(above: Iterable[EntityUid], type_: str, issuer: str, static: StaticEntities) -> list[str]:
    """Names of groups of one issuer by which somebody is in all of these, sorted.

    What others of them are in needn't be said. What belongs to another issuer is come to through a group of
    this one that the operator put into it.
    """
    prefix = f"{issuer}/"
    wanted = {uid for uid in above if uid.type == type_}
    own = {uid for uid in wanted if uid.id.startswith(prefix)}
    through = {uid for uid in static.uids if uid.type == type_ and uid.id.startswith(prefix)}
    reached = {each for uid in own for each in static.above(uid)}
    direct = own - reached
    for other in sorted(wanted - own - reached):
        way = min((uid for uid in through if other in static.above(uid)), default=None)
        if way is not None:
            direct.add(way)
    return sorted(uid.id.removeprefix(prefix) for uid in direct)
