"""Who asks without a token: a principal as a file describes it, as stdio servers and unit tests have them."""

from typing import Any

from policy_engine.config import check_listed, declared_attributes, listed_attributes
from policy_engine.harness.scenarios.files import FactsFile, PrincipalFile
from policy_engine.harness.scenarios.named import uid_of
from policy_engine.harness.scenarios.spot import Spot
from policy_engine.harness.world import World
from policy_engine.model import Client, Identity, Principal, TokenFacts, User

__all__ = ["read_entity"]


def read_entity(entry: PrincipalFile, spot: Spot, world: World) -> Identity:
    """The principal that a file gives without a token.

    Raises:
        ConfigError: it can't be one.
    """
    uid, issuer, id_ = uid_of(entry.entity or "", spot / "entity", world)
    unfit = ("email", "through_entity") if uid.type == "Client" else ("category",)
    for key in unfit:
        if getattr(entry, key) is not None:
            raise (spot / key).error(f"a `{uid.type}` has no `{key}`", "take it out")
    declared = declared_attributes(world.loaded.config)[uid.type]
    attributes = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry.attributes.items()
    }
    for problem in check_listed((*spot.path, "attributes"), attributes, declared):
        raise spot.document.error(*problem)
    tags, typed = listed_attributes(attributes, declared)
    common: dict[str, Any] = {
        "issuer": issuer,
        "groups": frozenset(entry.groups),
        "roles": frozenset(entry.roles),
        "attributes": tags,
        "typed_attributes": typed,
    }
    principal: Principal
    if uid.type == "Client":
        principal = Client(client_id=id_, category=entry.category or "service", **common)
    else:
        actor = None if entry.through_entity is None else _actor(entry.through_entity, spot, world)
        principal = User(subject=id_, actor=actor, email=entry.email, **common)
    return Identity(principal=principal, token=_facts(entry.facts or FactsFile()))


def _actor(text: str, spot: Spot, world: World) -> Client:
    uid, issuer, id_ = uid_of(text, spot / "through_entity", world)
    if uid.type != "Client":
        raise (spot / "through_entity").error("only a machine acts for a person", "name a `Client`")
    return Client(issuer=issuer, client_id=id_)


def _facts(facts: FactsFile) -> TokenFacts:
    return TokenFacts(
        scopes=facts.scopes,
        grant=facts.grant,
        client_id=facts.client_id,
        acr=facts.acr,
        amr=facts.amr or None,
        issued_at=facts.issued_at,
        expires_at=facts.expires_at,
    )
