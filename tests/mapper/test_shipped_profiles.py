"""Corners of the shipped profiles that the catalogue doesn't reach, one row each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper import KnownClient, Mapper
from policy_engine.model import Client, VerifiedToken

CC = KnownClient(grants=frozenset({"client_credentials"}))

BASES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = MappingProxyType(
    {
        "policy-engine": ({"typ": "at+jwt"}, {"sub": "bot", "client_id": "bot"}),
        "rfc9068": ({"typ": "at+jwt"}, {"sub": "bot", "client_id": "bot"}),
        "auth0": ({"typ": "JWT"}, {"azp": "bot"}),
        "okta": ({}, {"cid": "bot"}),
        "entra": (
            {"typ": "JWT"},
            {"iss": "https://login.x/t/v2.0", "ver": "2.0", "azp": "bot", "oid": "o", "sub": "s"},
        ),
        "keycloak": ({"typ": "JWT"}, {"sub": "u", "azp": "bot", "typ": "Bearer"}),
    }
)

ACCOUNT = {
    "client_id": "bot",
    "clientHost": "h",
    "clientAddress": "a",
    "preferred_username": "service-account-bot",
}
MARKS = {"gty": "client_credentials", "sub_profile": "service"}
OFF = {"cc_refresh_disabled": True}
OLD = {"legacy": True, "cc_refresh_disabled": True}
OPT_IN = {"agent_subject_claims": True}
LEGACY_APP = {"allow_legacy_oid_sub": True}

Row = tuple[str, str, dict[str, bool], dict[str, Any], str]

ROWS: list[Row] = [
    ("policy-engine", "all marks", {}, MARKS, "client"),
    ("policy-engine", "an agent's", {}, {**MARKS, "sub_profile": "ai_agent"}, "client"),
    ("policy-engine", "a person's profile", {}, {**MARKS, "sub_profile": "user"}, "conflict"),
    ("policy-engine", "no grant", {}, {"sub_profile": "service"}, "conflict"),
    ("policy-engine", "no profile", {}, {"gty": "client_credentials"}, "conflict"),
    ("policy-engine", "no marks", {}, {}, "conflict"),
    ("policy-engine", "nothing at all", {}, {"sub": "alice"}, "undetermined"),
    ("policy-engine", "a person signed in", {}, {"sub": "alice", "auth_time": 1}, "undetermined"),
    ("policy-engine", "an actor", {}, {**MARKS, "act": {"sub": "bot"}}, "act_form"),
    ("rfc9068", "how a person signed in", {}, {"sub": "alice", "amr": ["pwd"]}, "user"),
    ("rfc9068", "how surely", {}, {"sub": "alice", "acr": "2"}, "user"),
    ("rfc9068", "nothing of either", {}, {"sub": "alice", "acr": "", "amr": []}, "undetermined"),
    ("rfc9068", "both", {}, {"acr": "2"}, "conflict"),
    ("auth0", "a machine", {}, {"sub": "bot@clients"}, "client"),
    ("auth0", "its grant", {}, {"sub": "bot@clients", "gty": "client-credentials"}, "client"),
    ("auth0", "a person's grant", {}, {"sub": "bot@clients", "gty": "password"}, "conflict"),
    ("auth0", "a machine's grant", {}, {"sub": "auth0|1", "gty": "client-credentials"}, "conflict"),
    ("auth0", "another spelling", {}, {"sub": "auth0|1", "gty": "client_credentials"}, "undetermined"),
    ("auth0", "a refreshed person", {}, {"sub": "auth0|1", "gty": "refresh_token"}, "user"),
    ("auth0", "another issuer's gty", {}, {"sub": "auth0|1", "https://x/gty": "client-credentials"}, "user"),
    ("auth0", "an agent, no opt-in", {}, {"sub": "agt_1", "sub_profile": "ai_agent"}, "undetermined"),
    ("auth0", "an agent", OPT_IN, {"sub": "agt_1", "sub_profile": "ai_agent"}, "client"),
    ("auth0", "a serving agent", OPT_IN, {"sub": "x", "sub_profile": "service ai_agent"}, "client"),
    (
        "auth0",
        "an agent said to be a person",
        OPT_IN,
        {"sub": "agt_1", "sub_profile": "user"},
        "undetermined",
    ),
    ("auth0", "a person said to be one", OPT_IN, {"sub": "auth0|1", "sub_profile": "user"}, "user"),
    ("auth0", "half and half", OPT_IN, {"sub": "auth0|1", "sub_profile": "user service"}, "conflict"),
    ("auth0", "an unknown profile", OPT_IN, {"sub": "auth0|1", "sub_profile": "robot"}, "undetermined"),
    ("auth0", "an empty profile", OPT_IN, {"sub": "auth0|1", "sub_profile": ""}, "undetermined"),
    ("okta", "a login like the client", {}, {"sub": "bot", "uid": "u1"}, "conflict"),
    ("okta", "a null person", {}, {"sub": "bot", "uid": None}, "claim_type"),
    ("okta", "no evidence", {}, {"sub": "alice@x"}, "undetermined"),
    ("entra", "an application", {}, {"idtyp": "app"}, "client"),
    ("entra", "an application in a group", {}, {"idtyp": "app", "roles": ["r"], "scp": "/"}, "client"),
    ("entra", "a person", {}, {"scp": "a b"}, "user"),
    ("entra", "a person without scope", {}, {"idtyp": "user"}, "undetermined"),
    ("entra", "a blank scope", {}, {"idtyp": "user", "scp": " "}, "undetermined"),
    ("entra", "the root scope", {}, {"scp": "/"}, "undetermined"),
    ("entra", "a device", {}, {"idtyp": "device"}, "undetermined"),
    ("entra", "an application with scope", {}, {"idtyp": "app", "scp": "a"}, "conflict"),
    ("entra", "a person like an application", {}, {"scp": "a", "sub": "o"}, "conflict"),
    ("entra", "scopes in an array", {}, {"scp": ["a"]}, "claim_type"),
    ("entra", "roles alone", {}, {"roles": ["r"], "sub": "o"}, "undetermined"),
    ("entra", "roles alone, opted in", LEGACY_APP, {"roles": ["r"], "sub": "o"}, "client"),
    ("entra", "a root scope, opted in", LEGACY_APP, {"roles": ["r"], "sub": "o", "scp": "/"}, "undetermined"),
    ("entra", "no roles, opted in", LEGACY_APP, {"roles": [], "sub": "o"}, "undetermined"),
    ("entra", "another subject, opted in", LEGACY_APP, {"roles": ["r"]}, "undetermined"),
    ("entra", "another version's issuer", {}, {"scp": "a", "iss": "https://sts.x/t/"}, "conflict"),
    (
        "entra",
        "an old token of a new issuer",
        {},
        {"scp": "a", "ver": "1.0", "appid": "bot"},
        "conflict",
    ),
    ("entra", "an agent's account", {}, {"scp": "a", "xms_sub_fct": "9 13 3"}, "agent_user"),
    ("entra", "no agent's account", {}, {"scp": "a", "xms_sub_fct": "113 31"}, "user"),
    ("keycloak", "a machine", {}, {"jti": "trrtcc:1"}, "client"),
    ("keycloak", "a machine with a session", {}, {"jti": "onrtcc:1", "sid": "s"}, "client"),
    ("keycloak", "a person's password", {}, {"jti": "onrtro:1"}, "user"),
    ("keycloak", "a person's device", {}, {"jti": "ofltdg:1"}, "user"),
    ("keycloak", "a person's telephone", {}, {"jti": "onrtci:1"}, "user"),
    ("keycloak", "an unknown session", {}, {"jti": "xxrtac:1"}, "undetermined"),
    ("keycloak", "an unknown grant", {}, {"jti": "onrtag:1"}, "undetermined"),
    ("keycloak", "no context", {}, {"jti": "1", "sid": "s"}, "undetermined"),
    ("keycloak", "no context, known to be old", OLD, {"jti": "1", "sid": "s"}, "user"),
    ("keycloak", "an old machine", OLD, {"jti": "1", **ACCOUNT}, "client"),
    (
        "keycloak",
        "an old person named like a machine",
        OLD,
        {"jti": "1", "sid": "s", "preferred_username": "service-account-x"},
        "undetermined",
    ),
    ("keycloak", "old, without your word", {"legacy": True}, {"jti": "1", "sid": "s"}, "undetermined"),
    (
        "keycloak",
        "contexts of the future, said to be old",
        {"legacy": True},
        {"jti": "trrtcc:1"},
        "undetermined",
    ),
    ("keycloak", "a refreshed machine", {}, {"jti": "trrtrt:1", **ACCOUNT}, "client"),
    ("keycloak", "one with a session", {}, {"jti": "onrtrt:1", "sid": "s", **ACCOUNT}, "undetermined"),
    (
        "keycloak",
        "one with a name",
        {},
        {"jti": "trrtrt:1", **ACCOUNT, "preferred_username": "x"},
        "undetermined",
    ),
    (
        "keycloak",
        "one for another client",
        {},
        {"jti": "trrtrt:1", **ACCOUNT, "client_id": "x"},
        "undetermined",
    ),
    ("keycloak", "one that was exchanged", {}, {"jti": "trrtte:1", **ACCOUNT}, "undetermined"),
    ("keycloak", "a refreshed person", OFF, {"jti": "onrtrt:1", "sid": "s"}, "user"),
    ("keycloak", "exchanged by a machine", OFF, {"jti": "onrtte:1", "sid": "s"}, "mixed_grant_client"),
    ("keycloak", "refreshed, without your word", {}, {"jti": "onrtrt:1", "sid": "s"}, "undetermined"),
    ("keycloak", "refreshed, without a session", OFF, {"jti": "onrtrt:1", "sid": ""}, "undetermined"),
    (
        "keycloak",
        "refreshed, with a host",
        OFF,
        {"jti": "onrtrt:1", "sid": "s", "clientHost": "h"},
        "undetermined",
    ),
    ("keycloak", "a person with a host", {}, {"jti": "onrtac:1", "clientHost": "h"}, "conflict"),
    ("keycloak", "a person with an address", {}, {"jti": "onrtac:1", "clientAddress": "a"}, "conflict"),
    ("keycloak", "bound by DPoP", {}, {"jti": "onrtac:1", "typ": "DPoP"}, "user"),
    ("keycloak", "a refresh token", {}, {"jti": "onrtac:1", "typ": "Refresh"}, "token_class"),
    ("keycloak", "an impersonated person", {}, {"jti": "onrtac:1", "act": {"sub": "admin"}}, "act_form"),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[1]}" for row in ROWS])
def test_a_corner_of_a_profile(row: Row, mapper_for: Callable[..., Mapper]) -> None:
    """The kind, or the detail of the refusal."""
    profile, _, flags, claims, expected = row
    header, base = BASES[profile]
    token = VerifiedToken(issuer="idp", header=header, claims={**base, **claims})
    # Where a person is expected, the client is an application that nobody listed.
    mapper = mapper_for(profile, {} if expected == "user" else {"bot": CC}, flags)
    try:
        found: str | None = mapper.map(token).kind
    except MappingError as error:
        found = error.detail

    assert found == expected


def test_a_token_without_a_payload_type_is_not_a_bearers(mapper_for: Callable[..., Mapper]) -> None:
    """Keycloak's header says `JWT` for every class of token; only the payload tells."""
    claims = {"sub": "u", "azp": "bot", "jti": "onrtac:1"}

    with pytest.raises(MappingError) as refused:
        mapper_for("keycloak").map(VerifiedToken(issuer="idp", header={"typ": "JWT"}, claims=claims))

    assert (refused.value.code, refused.value.detail) == ("invalid_token_type", "token_class")


def test_an_agent_at_entra_is_a_machine_of_its_own_category(mapper_for: Callable[..., Mapper]) -> None:
    """The subject's facet 11 says agent; `oid` and `sub` differ, and prove nothing."""
    header, base = BASES["entra"]
    claims = {**base, "idtyp": "app", "xms_sub_fct": "9 3 11"}
    token = VerifiedToken(issuer="idp", header=header, claims=claims)

    assert mapper_for("entra", {"bot": CC}).map(token).principal == Client(
        issuer="idp", client_id="bot", category="ai_agent"
    )
