"""The catalogue of identity providers' tokens, signed for real, through `engine.identify`."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine import PolicyEngine, User
from policy_engine.errors import MappingError, PolicyEngineError
from policy_engine.jose import SigningKey, sign

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "idp_tokens.json").read_text()
)
NOW = 1790000100

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
        "ISS": {("unknown_issuer", None)},
        "JSON_DUP": {("malformed_token", "duplicate_member")},
        "LOOKALIKE_SUBJECT": {("ambiguous_principal", "lookalike_subject")},
        # a lone surrogate is no text at all, and is refused as JSON
        "SUB_FORM": {("invalid_claim", "sub_form"), ("malformed_token", "lone_surrogate")},
        "TIME": {("expired_token", None), ("invalid_claim", "missing_claim")},
        "TOKEN_CLASS": {("invalid_token_type", "token_class")},
        "UNDETERMINED": {("ambiguous_principal", "undetermined")},
    }
)
"""What the catalogue calls a refusal, and what we call it."""


@pytest.fixture(scope="module")
def keys() -> dict[str, SigningKey]:
    """A key for each algorithm of the catalogue."""
    return {algorithm: SigningKey.generate(algorithm) for algorithm in ("RS256", "ES256")}


def signed(vector: dict[str, Any], keys: Mapping[str, SigningKey]) -> str:
    """The token, signed with a key of the algorithm that its header names."""
    header = dict(vector["header"])
    key = keys[header.pop("alg")]
    typ = header.pop("typ", None)
    header.pop("kid", None)
    raw = vector.get("raw_payload")
    payload = raw.encode() if raw else json.dumps(vector["payload"]).encode()
    return sign(payload, key, typ=typ, header=header)


def engine_for(vector: dict[str, Any], keys: Mapping[str, SigningKey]) -> PolicyEngine:
    """An engine that trusts the one issuer of the vector's configuration, and its machines."""
    config = dict(vector["config"])
    iss, clients = config.pop("iss"), config.pop("clients")
    # A client with both kinds of grants is refused when it is loaded; that has a test of its own.
    apart = {
        name: {"grants": grants}
        for name, grants in clients.items()
        if not {"client_credentials", "authorization_code"} <= set(grants)
    }
    audience = vector["expected_aud"]
    return PolicyEngine(
        policies='@id("p") @kinds("both") permit (principal, action, resource);',
        servers={"mcp": {"resource": "https://mcp.example.com/mcp", "audiences": {"idp": audience}}},
        issuers={
            "idp": {
                "issuer": iss,
                "profile": vector["profile"],
                "keys": {"jwks": {"keys": [key.public_jwk() for key in keys.values()]}},
                "flags": config,
                "clients": apart,
            }
        },
        now=lambda: NOW,
    )


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_token_of_the_catalogue_is_who_it_is_stated_to_be(
    vector: dict[str, Any], keys: dict[str, SigningKey]
) -> None:
    """Outcome, principal, actor and code as stated, for every token of the profiles that are shipped."""
    engine = engine_for(vector, keys)
    token = signed(vector, keys)

    if vector["expected"] == "refuse":
        with pytest.raises(PolicyEngineError) as caught:
            engine.identify(token)
        assert (caught.value.code, caught.value.detail) in OUR_CODES[vector["expected_code"]]
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


def test_the_catalogue_covers_every_shipped_profile() -> None:
    """75 tokens, six profiles, every outcome."""
    assert len(VECTORS) == 75
    assert {vector["profile"] for vector in VECTORS} == {
        "auth0",
        "entra",
        "keycloak",
        "okta",
        "policy-engine",
        "rfc9068",
    }
    assert {vector["expected"] for vector in VECTORS} == {"human", "machine", "delegated", "refuse"}
