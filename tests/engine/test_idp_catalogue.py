"""The catalogue of identity providers' tokens, signed for real, through `engine.identify`."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine import Client, PolicyEngine, User
from policy_engine.errors import MappingError, PolicyEngineError
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import profile_names
from tests.plugins.catalogue import NAMED, NOW, VECTORS, Vector, claims_of, configuration

OUR_CODES: Mapping[str, set[tuple[str, str | None]]] = MappingProxyType(
    {
        "ACT_ACTOR": {("invalid_actor", "act_actor")},
        "ACT_DEPTH": {("invalid_actor", "act_depth")},
        "ACT_SUBJECT": {("invalid_actor", "act_subject")},
        "AGENT_USER": {("ambiguous_principal", "agent_user")},
        "AUD": {("invalid_audience", None), ("invalid_audience", "audience_form")},
        "CLAIM_TYPE": {("invalid_claim", "claim_type")},
        "CONFLICT": {("ambiguous_principal", "conflict")},
        "FOREIGN_MARKER": {("ambiguous_principal", "foreign_marker")},
        # an issuer that tenants share is the right one, and the tenant isn't
        "ISS": {("unknown_issuer", None), ("unknown_issuer", "other_tenant")},
        "JSON_DUP": {("malformed_token", "duplicate_member")},
        "LOOKALIKE_SUBJECT": {("ambiguous_principal", "lookalike_subject")},
        "MIXED_GRANT_CLIENT": {("ambiguous_principal", "mixed_grant_client")},
        # a lone surrogate is no text at all, and is refused as JSON
        "SUB_FORM": {("invalid_claim", "sub_form"), ("malformed_token", "lone_surrogate")},
        "TIME": {("expired_token", None), ("invalid_claim", "missing_claim")},
        "TOKEN_CLASS": {("invalid_token_type", "token_class")},
        "UNDETERMINED": {("ambiguous_principal", "undetermined")},
        "UNREGISTERED_CLIENT": {("unregistered_client", None)},
    }
)
"""What the catalogue calls a refusal, and what we call it."""

EARLIER: Mapping[tuple[str, str], tuple[str, str | None]] = MappingProxyType(
    {("zitadel-machine", "registry-only"): ("invalid_audience", "multiple_audiences")}
)
"""Tokens that stage 1 already refuses under a profile, for something else."""


@pytest.fixture(scope="module")
def keys() -> dict[str, SigningKey]:
    """A key for each algorithm of the catalogue."""
    algorithms = sorted({vector["header"]["alg"] for vector in VECTORS})
    return {algorithm: SigningKey.generate(algorithm) for algorithm in algorithms}


def signed(vector: Vector, keys: Mapping[str, SigningKey]) -> str:
    """The token, signed with a key of the algorithm that its header names."""
    header = dict(vector["header"])
    key = keys[header.pop("alg")]
    typ = header.pop("typ", None)
    header.pop("kid", None)
    raw = vector.get("raw_payload")
    payload = raw.encode() if raw else json.dumps(vector["payload"]).encode()
    return sign(payload, key, typ=typ, header=header)


def engine_for(vector: Vector, keys: Mapping[str, SigningKey], profile: str) -> PolicyEngine:
    """An engine that trusts the one issuer of the vector's configuration, and its machines."""
    return PolicyEngine(
        policies='@id("p") @kinds("both") permit (principal, action, resource);',
        now=lambda: NOW,
        **configuration(vector, {"keys": [key.public_jwk() for key in keys.values()]}, profile=profile),
    )


def check(vector: Vector, profile: str, keys: Mapping[str, SigningKey]) -> None:
    """Outcome, principal, actor and code, each as stated."""
    engine, token = engine_for(vector, keys, profile), signed(vector, keys)
    if vector["expected"] == "refuse":
        with pytest.raises(PolicyEngineError) as caught:
            engine.identify(token)
        earlier = EARLIER.get((vector["id"], profile))
        refusals = OUR_CODES[vector["expected_code"]] if earlier is None else {earlier}
        assert (caught.value.code, caught.value.detail) in refusals
        if isinstance(caught.value, MappingError):
            assert caught.value.evidence
        return
    principal = engine.identify(token)
    stated = vector["expected_principal"]
    actor = principal.actor if isinstance(principal, User) else None
    assert (principal.uid.type, principal.uid.id) == (stated["type"], f"idp/{stated['local']}")
    assert (actor is not None) == (vector["expected"] == "delegated")
    if actor is not None:
        assert actor.uid.id == f"idp/{stated['actor']['local']}"


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_token_of_the_catalogue_is_who_it_is_stated_to_be(
    vector: Vector, keys: dict[str, SigningKey]
) -> None:
    """Outcome, principal, actor and code as stated, for every token."""
    check(vector, vector["profile"], keys)


@pytest.mark.parametrize("name", NAMED)
def test_a_product_without_marks_is_judged_the_same_by_its_own_profile(
    name: str, keys: dict[str, SigningKey]
) -> None:
    """What `registry-only` says, the profile that has the product's name says, too."""
    (vector,) = (vector for vector in VECTORS if vector["id"] == name)

    check(vector, NAMED[name], keys)


def test_the_catalogue_covers_the_shipped_profiles() -> None:
    """158 tokens, every outcome, and each profile that the catalogue knows is shipped."""
    stated = {vector["profile"] for vector in VECTORS} | set(NAMED.values())

    assert len(VECTORS) == 158
    assert stated <= set(profile_names())
    assert set(profile_names()) - stated == {"curity", "pingfederate"}
    assert {vector["expected"] for vector in VECTORS} == {"human", "machine", "delegated", "refuse"}


MACHINES = [vector for vector in VECTORS if vector["expected"] == "machine"]


def has_its_clients_id(claims: Mapping[str, Any]) -> bool:
    """A machine's subject is its client."""
    return "sub" in claims and claims["sub"] in [
        claims.get(name) for name in ("client_id", "azp", "cid", "appid")
    ]


def has_gty(claims: Mapping[str, Any]) -> bool:
    """A machine's token says its grant."""
    return str(claims.get("gty")) in {"client-credentials", "client_credentials", "['client_credentials']"}


def has_a_mark(claims: Mapping[str, Any]) -> bool:
    """A machine bears one of the marks that are known; who doesn't is a person."""
    return (
        has_gty(claims)
        or claims.get("idtyp") == "app"
        or claims.get("sub_type") == "client"
        or claims.get("grant_type") == "client_credentials"
        or str(claims.get("sub")).endswith("@clients")
        or str(claims.get("preferred_username")).startswith("service-account-")
        or str(claims.get("email")).endswith("gserviceaccount.com")
    )


@pytest.mark.parametrize("rule", [has_its_clients_id, has_gty, has_a_mark])
def test_naive_rules_let_in_most_machines_as_people(rule: Callable[[Mapping[str, Any]], bool]) -> None:
    """Each takes more than half of the catalogue's machines for people."""
    taken_for_people = [vector["id"] for vector in MACHINES if not rule(claims_of(vector))]

    assert len(taken_for_people) > len(MACHINES) / 2


def test_no_machine_is_let_in_as_a_person(keys: dict[str, SigningKey]) -> None:
    """What the naive rules misjudge is judged right, each and every one."""
    principals = [
        engine_for(vector, keys, vector["profile"]).identify(signed(vector, keys)) for vector in MACHINES
    ]

    assert [type(principal) for principal in principals] == [Client] * len(MACHINES)
