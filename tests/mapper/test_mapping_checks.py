"""The checks of stage 2 by name: an examination tells which of them refused a token."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper import MAPPING_CHECKS, ClaimSources, KnownClient, Mapper, Sources
from policy_engine.model import VerifiedToken

CLIENTS = {
    "bot": KnownClient(grants=frozenset({"client_credentials"})),
    "portal": KnownClient(grants=frozenset({"authorization_code"})),
}
PERSON = {"iss": "https://i.example", "sub": "alice", "client_id": "web", "auth_time": 1}
MACHINE = {"iss": "https://i.example", "sub": "bot", "client_id": "bot"}
KEYCLOAK = {"sub": "s", "azp": "web", "typ": "Bearer", "jti": "onrtac:1"}

Row = tuple[str, str, Mapping[str, Any], str, str | None]
"""Profile, check, claims, code and detail."""

REFUSED: dict[str, Row] = {
    "a token of another class": (
        "keycloak",
        "access_token",
        {**KEYCLOAK, "nonce": "n"},
        "invalid_token_type",
        "token_class",
    ),
    "another tenant's": (
        "oracle",
        "tenant",
        {"tok_type": "AT", "tenant": "theirs", "sub": "bot", "client_id": "bot", "sub_type": "client"},
        "unknown_issuer",
        "other_tenant",
    ),
    "no client": ("rfc9068", "ids", {"sub": "alice"}, "invalid_claim", "missing_claim"),
    "an odd id": ("rfc9068", "ids", {**PERSON, "sub": " "}, "invalid_claim", "sub_form"),
    "a number in a rule": ("rfc9068", "rule_claims", {**PERSON, "acr": 1}, "invalid_claim", "claim_type"),
    "an odd actor": ("rfc9068", "act", {**PERSON, "act": "bot"}, "invalid_actor", "act_form"),
    "a refusal of the profile": (
        "keycloak",
        "refusals",
        {**KEYCLOAK, "typ": "ID"},
        "invalid_token_type",
        "token_class",
    ),
    "a mark that isn't one": (
        "policy-engine",
        "refusals",
        {**MACHINE, "gty": "password"},
        "ambiguous_principal",
        "conflict",
    ),
    "an unknown mark": (
        "auth0",
        "marks",
        {"sub": "auth0|1", "azp": "web", "gty": "x"},
        "ambiguous_principal",
        "undetermined",
    ),
    "no evidence": (
        "rfc9068",
        "kind",
        {"sub": "alice", "client_id": "web"},
        "ambiguous_principal",
        "undetermined",
    ),
    "evidence for both": (
        "rfc9068",
        "kind",
        {**MACHINE, "auth_time": 1},
        "ambiguous_principal",
        "conflict",
    ),
    "a foreign mark": (
        "rfc9068",
        "contradictions",
        {**PERSON, "idtyp": "app"},
        "ambiguous_principal",
        "foreign_marker",
    ),
    "a machine that isn't listed": (
        "rfc9068",
        "admission",
        {"sub": "x", "client_id": "x"},
        "unregistered_client",
        None,
    ),
    "a person who is a client": (
        "rfc9068",
        "admission",
        {**PERSON, "sub": "bot"},
        "ambiguous_principal",
        "subject_is_client",
    ),
    "an actor that isn't listed": (
        "rfc9068",
        "actor",
        {**PERSON, "act": {"sub": "bob"}},
        "invalid_actor",
        "act_actor",
    ),
    "groups that aren't names": (
        "rfc9068",
        "configured_claims",
        {**PERSON, "groups": [1]},
        "invalid_claim",
        "claim_type",
    ),
    "scopes of no form": ("rfc9068", "token_facts", {**PERSON, "scope": 1}, "invalid_claim", "claim_type"),
}
FLAGS: Mapping[str, Mapping[str, str]] = {"oracle": {"tenant": "ours"}}
TYPES = {"oracle": "JWT", "rfc9068": "at+jwt", "policy-engine": "at+jwt", "keycloak": "JWT", "auth0": "JWT"}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_names_its_check(mapper_for: Callable[..., Mapper], row: Row) -> None:
    """One row of the table, and the error that `map` raises."""
    profile, check, claims, code, detail = row
    mapper = mapper_for(profile, CLIENTS, FLAGS.get(profile), ClaimSources(user=Sources(groups="groups")))
    token = VerifiedToken(issuer="idp", header={"typ": TYPES[profile]}, claims=claims)

    found = mapper.examine(token)

    assert found.error is not None
    assert (found.check, found.error.code, found.error.detail) == (check, code, detail)


def test_every_check_has_a_refusal_here() -> None:
    """And none is refused by a check that isn't in the table."""
    assert {row[1] for row in REFUSED.values()} == set(MAPPING_CHECKS)


def test_an_examination_and_map_have_one_verdict(
    vector: dict[str, Any], mapper_of: Callable[..., Mapper], token_of: Callable[..., VerifiedToken]
) -> None:
    """For every token of the catalogue."""
    mapper, token = mapper_of(vector), token_of(vector)

    found = mapper.examine(token)

    if found.error is None:
        assert found.check is None
        assert found.identity == mapper.map(token)
    else:
        assert found.identity is None
        assert found.check in MAPPING_CHECKS
        with pytest.raises(MappingError) as caught:
            mapper.map(token)
        assert (caught.value.code, caught.value.detail, caught.value.evidence) == (
            found.error.code,
            found.error.detail,
            found.error.evidence,
        )


@dataclass(frozen=True, kw_only=True)
class Unproven:
    """What nobody verified."""

    issuer: str = "idp"
    header: Mapping[str, Any] = field(default_factory=lambda: {"typ": "at+jwt"})
    claims: Mapping[str, Any] = field(default_factory=dict)
    sender_constrained: bool = False
    introspected: bool = False
    audiences: tuple[str, ...] = ()


def test_what_was_not_verified_may_be_examined(mapper_for: Callable[..., Mapper]) -> None:
    """The ids that were found are told, whatever came of the token."""
    mapper = mapper_for("rfc9068", CLIENTS)
    acting = mapper.examine(Unproven(claims={**PERSON, "act": {"sub": "bob"}}))
    good = mapper.examine(Unproven(claims=PERSON))

    assert (acting.client_id, acting.actor_id, acting.identity) == ("web", "bob", None)
    assert (good.client_id, good.actor_id, good.error) == ("web", None, None)
    assert good.identity == mapper.map(VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=PERSON))
