"""The desk where mutants are judged: stages 1 and 2 as configured for a token, without its signature."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from policy_engine import Client, User
from policy_engine.config import Audiences, config_from_values, issuer_mappings, verified_issuers
from policy_engine.mapper import Mapper, load_profile, profile_names
from policy_engine.model import Identity, VerifiedToken
from policy_engine.model.claims import MACHINE_GRANTS
from policy_engine.tokens.admission import check_audience, check_times
from policy_engine.tokens.claims import (
    check_claim_types,
    check_required_claims,
    check_type,
    named_audiences,
)
from policy_engine.tokens.issuers import IssuerIndex
from tests.plugins.catalogue import NOW, VECTORS, Vector, configuration, example_vectors
from tests.plugins.mutants import Mutant, Mutator

__all__ = ["POLICY", "TOKENS", "Desk", "desk_for", "mutator"]

POLICY = '@id("p") @kinds("both") permit (principal, action, resource);'
LEEWAY = 30

TOKENS: Mapping[str, Vector] = MappingProxyType(
    {vector["id"]: vector for vector in (*VECTORS, *example_vectors()) if "raw_payload" not in vector}
)
"""The catalogue's tokens and all profiles' examples, less those of which no strict parser makes claims."""


class Desk:
    """One issuer as configured for a token.

    Attributes:
        machines: the ids that the operator listed as machines.
    """

    def __init__(self, vector: Vector, flags: Mapping[str, Any]) -> None:
        values = {"version": 1, "policies": [], **configuration(vector, {"keys": []}, flags=flags)}
        loaded = config_from_values(values, policy_text=POLICY)
        (self.issuer,) = verified_issuers(loaded, lambda: NOW, {}, with_keys=False)
        (self.mapping,) = issuer_mappings(loaded)
        self.index = IssuerIndex([self.issuer])
        self.mapper = Mapper([self.mapping])
        self.audiences = Audiences.of_server(loaded.config.servers["mcp"], loaded.config.issuers)
        self.acceptable = self.audiences.any_kind["idp"]
        clients = values["issuers"]["idp"]["clients"].items()
        listed = self.mapping.profile.listed
        self.machines = {
            *(name for name, client in clients if not MACHINE_GRANTS.isdisjoint(client["grants"])),
            *(() if listed is None else flags.get(listed.client, ())),
        }

    def identify(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Identity:
        """What `PolicyEngine.identify` does once a signature holds."""
        rules = self.issuer.rules
        self.index.find(claims)
        check_type(header, rules)
        check_required_claims(claims, rules)
        check_claim_types(claims)
        audiences = named_audiences(claims, rules)
        check_audience(claims, self.acceptable, rules)
        check_times(claims, NOW, LEEWAY, rules)
        token = VerifiedToken(issuer="idp", header=header, claims=claims, audiences=audiences)
        identity = self.mapper.map(token)
        self.audiences.require(token, identity.principal)
        return identity

    def contradiction(self, identity: Identity) -> str | None:
        """What an identity has against what the operator listed."""
        listed = self.machines | self.mapping.clients.keys()  # type: ignore[attr-defined] # a mapping, from values
        match identity.principal:
            case Client(client_id=client_id) if client_id not in self.machines:
                return "a machine that isn't listed as one"
            case User(subject=subject) if subject in listed:
                return "a person with the id of a listed client"
            case User(actor=None) if identity.token.client_id in self.machines:
                return None if self.mapping.profile.hidden_exchange else "a person, by a machine's own client"
            case User(actor=Client(client_id=actor)) if actor not in listed:
                return "an actor that isn't listed"
        return None


@cache
def _desk(vector_id: str, flags: tuple[tuple[str, Any], ...]) -> Desk:
    return Desk(TOKENS[vector_id], dict(flags))


def desk_for(mutant: Mutant) -> Desk:
    """Where a mutant is judged; made once for each token and each setting of the flags."""
    frozen = (
        (name, tuple(value) if isinstance(value, list) else value) for name, value in mutant.flags.items()
    )
    return _desk(mutant.origin["id"], tuple(sorted(frozen)))


def mutator(seed: int) -> Mutator:
    """Mutants of all tokens, and of all Boolean flags.

    Most tokens that must be refused are so for one reason, and another change makes little of them: those of
    which the truth is known come three times as often.
    """
    weighted = [
        vector for vector in TOKENS.values() for _ in range(1 if vector["kind"] == "ambiguous" else 3)
    ]
    switches = {
        name: [flag for flag, declared in load_profile(name).flags.items() if declared.type == "boolean"]
        for name in profile_names()
    }
    return Mutator(weighted, seed, switches)
