"""Profiles of products that mark machines each in its own way, and of those that don't mark them at all."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import KnownClient, Mapper
from policy_engine.mapper.decoders import DECODERS
from policy_engine.model import User, VerifiedToken

CLIENTS: Mapping[str, KnownClient] = MappingProxyType(
    {
        "bot": KnownClient(grants=frozenset({"client_credentials"})),
        "portal": KnownClient(grants=frozenset({"authorization_code", "refresh_token"})),
        "agent": KnownClient(grants=frozenset({"client_credentials", "token-exchange"})),
    }
)

IN_CLAIMS = {"gty_in_claims": True}
TENANT = {"tenant": "idcs-acme"}
LISTED = {"machine_subjects": ["sa-1"], "human_subjects": ["alice"]}
LOOKS = {"sid": "s", "amr": ["mfa"], "auth_time": 1, "email": "alice", "username": "alice", "uid": "alice"}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

BOT, SA_1 = ("Client", "idp/bot", None), ("Client", "idp/sa-1", None)
ALICE, U1 = ("User", "idp/alice", None), ("User", "idp/u-1", None)


def dex(user_id: str, conn_id: str = "") -> str:
    """A subject as Dex writes it."""
    return DECODERS["dex_subject"].encode({"user_id": user_id, "conn_id": conn_id})


# Profile, what is special about the token, flags, header, claims, and what comes of it: type, id and actor,
# or code and detail.
Row = tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any], tuple[str | None, ...]]

UNDETERMINED = ("ambiguous_principal", "undetermined")
CONFLICT = ("ambiguous_principal", "conflict")
CLAIM_TYPE = ("invalid_claim", "claim_type")
SUB_FORM = ("invalid_claim", "sub_form")
TOKEN_CLASS = ("invalid_token_type", "token_class")
OTHER_TENANT = ("unknown_issuer", "other_tenant")
UNLISTED = ("unregistered_client", "None")
LISTED_CLIENT = ("ambiguous_principal", "subject_is_client")
MIXED_GRANTS = ("ambiguous_principal", "mixed_grant_client")
FOREIGN = ("ambiguous_principal", "foreign_marker")
MISSING = ("invalid_claim", "missing_claim")
WRONG_ACTOR = ("invalid_actor", "act_actor")


def fusionauth(
    what: str, gty: Any, claims: dict[str, Any], expected: Any, flags: dict[str, Any] | None = None
) -> Row:
    """A row whose header has `gty`, or none."""
    header = {"typ": "JWT"} if gty is None else {"typ": "JWT", "gty": gty}
    return ("fusionauth", what, flags or {}, header, claims, expected)


def jwt(profile: str, what: str, claims: dict[str, Any], expected: Any, **flags: Any) -> Row:
    """A row with an ordinary header."""
    return (profile, what, flags, {"typ": "JWT"}, claims, expected)


CF = "cloudflare-access"
APP = {"type": "app"}
CF_USER = {**APP, "sub": "u-1", "email": "a@example.com"}
KINDE = {"azp": "bot", "gty": ["client_credentials"]}
AT = {"tok_type": "AT", "client_id": "bot", "tenant": "idcs-acme"}
AT_CLIENT = {**AT, "sub": "bot", "sub_type": "client"}
AT_USER = {**AT, "client_id": "portal", "sub": "a@example.com", "sub_type": "user", "user_id": "u-1"}
SERVICE = {"sub": "bot", "client_id": "bot", "sub_profile": "service"}
PERSON = {"sub": "alice", "client_id": "portal", "sub_profile": "user"}


def profiled(what: str, claims: dict[str, Any], expected: Any) -> Row:
    """A row of an access token as RFC 9068 has it."""
    return ("entity-profiles", what, {}, {"typ": "at+jwt"}, claims, expected)


def untyped(what: str, claims: dict[str, Any], expected: Any) -> Row:
    """A row of Dex, whose header says nothing, and through two of whose connectors people alone come."""
    return ("dex", what, {"human_connectors": ["ldap", "saml"]}, {}, claims, expected)


ROWS: list[Row] = [
    fusionauth("an entity", ["client_credentials"], {"sub": "bot"}, BOT),
    fusionauth("an unlisted entity", ["client_credentials"], {"sub": "e-2"}, UNLISTED),
    fusionauth("a password", ["password", "refresh_token"], {"sub": "u-1"}, U1),
    fusionauth("a device", [DEVICE], {"sub": "u-1"}, U1),
    fusionauth("an empty list", [], {"sub": "bot"}, UNDETERMINED),
    fusionauth("no list", None, {"sub": "bot"}, UNDETERMINED),
    fusionauth("two grants of machines", ["client_credentials"] * 2, {"sub": "bot"}, UNDETERMINED),
    fusionauth("both grants", ["client_credentials", "authorization_code"], {"sub": "bot"}, CONFLICT),
    fusionauth("both grants, turned", ["authorization_code", "client_credentials"], {"sub": "bot"}, CONFLICT),
    fusionauth("a refresh of nothing", ["refresh_token"], {"sub": "u-1"}, UNDETERMINED),
    fusionauth("an unknown grant", ["authorization_code", "magic"], {"sub": "u-1"}, UNDETERMINED),
    fusionauth("another spelling", ["client-credentials"], {"sub": "bot"}, UNDETERMINED),
    fusionauth("a number in it", ["client_credentials", 1], {"sub": "bot"}, CLAIM_TYPE),
    fusionauth("a person whose id is an entity's", ["password"], {"sub": "bot"}, LISTED_CLIENT),
    fusionauth("the claim of a lambda", None, {"sub": "bot", "gty": ["client_credentials"]}, UNDETERMINED),
    fusionauth("1.60: an entity", None, {"sub": "bot", "gty": ["client_credentials"]}, BOT, IN_CLAIMS),
    fusionauth("1.60: a person", None, {"sub": "u-1", "gty": ["authorization_code"]}, U1, IN_CLAIMS),
    fusionauth("1.60: the old place", ["client_credentials"], {"sub": "bot"}, UNDETERMINED, IN_CLAIMS),
    fusionauth(
        "1.60: both places",
        ["authorization_code"],
        {"sub": "bot", "gty": ["client_credentials"]},
        CONFLICT,
        IN_CLAIMS,
    ),
    fusionauth("1.60: a text", None, {"sub": "bot", "gty": "client_credentials"}, CLAIM_TYPE, IN_CLAIMS),
    jwt("kinde", "a machine", KINDE, BOT),
    jwt("kinde", "a person", {"azp": "portal", "sub": "kp_1"}, ("User", "idp/kp_1", None)),
    jwt("kinde", "a machine with a subject", {**KINDE, "sub": "bot"}, CONFLICT),
    jwt("kinde", "a machine as a person", {**KINDE, "sub": "kp_1"}, CONFLICT),
    jwt("kinde", "an empty subject", {**KINDE, "sub": ""}, SUB_FORM),
    jwt("kinde", "a null subject", {**KINDE, "sub": None}, CLAIM_TYPE),
    jwt("kinde", "two grants", {"azp": "bot", "gty": ["client_credentials", "password"]}, UNDETERMINED),
    jwt("kinde", "no grant", {"azp": "bot"}, UNDETERMINED),
    jwt("kinde", "an empty list of grants", {"azp": "bot", "gty": []}, UNDETERMINED),
    jwt(
        "kinde", "a person with a grant", {"azp": "portal", "sub": "kp_1", "gty": ["password"]}, UNDETERMINED
    ),
    jwt("kinde", "another subject", {"azp": "portal", "sub": "alice"}, UNDETERMINED),
    jwt("kinde", "a bare prefix", {"azp": "portal", "sub": "kp_"}, UNDETERMINED),
    jwt("kinde", "no client", {"gty": ["client_credentials"]}, MISSING),
    untyped("a machine", {"sub": dex("bot"), "aud": "bot"}, BOT),
    untyped("a machine among peers", {"sub": dex("bot"), "aud": ["bot", "mcp"], "azp": "bot"}, BOT),
    untyped(
        "a person", {"sub": dex("1", "ldap"), "aud": "portal"}, ("User", f"idp/{dex('1', 'ldap')}", None)
    ),
    untyped(
        "the same elsewhere",
        {"sub": dex("1", "saml"), "aud": "portal"},
        ("User", f"idp/{dex('1', 'saml')}", None),
    ),
    untyped(
        "a person called as a machine",
        {"sub": dex("bot", "ldap"), "aud": "portal", "preferred_username": "bot"},
        ("User", f"idp/{dex('bot', 'ldap')}", None),
    ),
    untyped(
        "a machine called as a person",
        {"sub": dex("bot"), "aud": "bot", "email": "a@example.com", "email_verified": True},
        BOT,
    ),
    untyped("another client's id", {"sub": dex("bot"), "aud": "portal"}, UNDETERMINED),
    untyped(
        "another client's id, by azp",
        {"sub": dex("bot"), "aud": ["bot", "portal"], "azp": "portal"},
        UNDETERMINED,
    ),
    untyped("several audiences, nobody's", {"sub": dex("bot"), "aud": ["bot", "portal"]}, CLAIM_TYPE),
    untyped("no audience", {"sub": dex("bot"), "aud": []}, CLAIM_TYPE),
    untyped("padded", {"sub": dex("bot") + "=", "aud": "bot"}, SUB_FORM),
    untyped("a person without an id", {"sub": "EgRsZGFw", "aud": "portal"}, SUB_FORM),
    untyped("no text", {"sub": 7, "aud": "portal"}, CLAIM_TYPE),
    untyped("no subject", {"aud": "bot"}, UNDETERMINED),
    untyped("no client", {"sub": dex("bot")}, MISSING),
    ("dex", "a type", {}, {"typ": "JWT"}, {"sub": dex("bot"), "aud": "bot"}, ("invalid_token_type", "typ")),
    jwt(CF, "a service token", {**APP, "common_name": "bot", "sub": ""}, BOT),
    jwt(CF, "an unlisted one", {**APP, "common_name": "x.access", "sub": ""}, UNLISTED),
    jwt(CF, "a person", CF_USER, U1),
    jwt(CF, "what the provider says", {**CF_USER, "custom": {"common_name": "bot"}}, U1),
    jwt(CF, "a certificate", {**CF_USER, "common_name": "bot"}, CONFLICT),
    jwt(CF, "a certificate and an email", {**CF_USER, "common_name": "bot", "sub": ""}, CONFLICT),
    jwt(CF, "an empty certificate", {**CF_USER, "common_name": ""}, SUB_FORM),
    jwt(CF, "no subject at all", {**APP, "common_name": "bot"}, UNDETERMINED),
    jwt(CF, "a blank subject", {**APP, "common_name": "bot", "sub": " "}, SUB_FORM),
    jwt(CF, "nobody", {**APP, "sub": ""}, UNDETERMINED),
    jwt(CF, "an email alone", {**APP, "sub": "", "email": "a@example.com"}, UNDETERMINED),
    jwt(CF, "a subject alone", {**APP, "sub": "u-1"}, UNDETERMINED),
    jwt(CF, "an empty email", {**APP, "sub": "u-1", "email": ""}, UNDETERMINED),
    jwt(CF, "a session", {"type": "org", "sub": "u-1", "email": "a@example.com"}, TOKEN_CLASS),
    jwt(CF, "no type", {"common_name": "bot", "sub": ""}, TOKEN_CLASS),
    jwt("oracle", "a client", AT_CLIENT, BOT, **TENANT),
    jwt("oracle", "a person", AT_USER, U1, **TENANT),
    jwt("oracle", "a person's login like a client", {**AT_USER, "sub": "bot"}, U1, **TENANT),
    jwt("oracle", "somebody's client", {**AT_CLIENT, "user_id": "u-1"}, CONFLICT, **TENANT),
    jwt("oracle", "nobody's person", {**AT, "sub": "alice", "sub_type": "user"}, UNDETERMINED, **TENANT),
    jwt("oracle", "another client's id", {**AT, "sub": "x", "sub_type": "client"}, UNDETERMINED, **TENANT),
    jwt("oracle", "another type", {**AT, "sub": "bot", "sub_type": "Client"}, UNDETERMINED, **TENANT),
    jwt("oracle", "no type", {**AT, "sub": "bot"}, UNDETERMINED, **TENANT),
    jwt("oracle", "another tenant", {**AT_CLIENT, "tenant": "idcs-evil"}, OTHER_TENANT, **TENANT),
    jwt("oracle", "another case of the tenant", {**AT_CLIENT, "tenant": "IDCS-ACME"}, OTHER_TENANT, **TENANT),
    jwt("oracle", "several tenants", {**AT_CLIENT, "tenant": ["idcs-acme"]}, OTHER_TENANT, **TENANT),
    jwt(
        "oracle",
        "no tenant",
        {name: value for name, value in AT_CLIENT.items() if name != "tenant"},
        OTHER_TENANT,
        **TENANT,
    ),
    jwt("oracle", "an identity token", {**AT_USER, "tok_type": "IT"}, TOKEN_CLASS, **TENANT),
    jwt(
        "oracle",
        "no class",
        {name: value for name, value in AT_CLIENT.items() if name != "tok_type"},
        TOKEN_CLASS,
        **TENANT,
    ),
    profiled("a service", SERVICE, BOT),
    profiled("in other letters", {**SERVICE, "sub_profile": "AI_Agent  Service"}, BOT),
    profiled("its grant", {**SERVICE, "gty": "client_credentials"}, BOT),
    profiled("a person's grant", {**SERVICE, "gty": "password"}, CONFLICT),
    profiled("a person", {**PERSON, "sub_profile": "USER"}, ALICE),
    profiled(
        "a person through an agent",
        {**PERSON, "client_id": "agent", "client_profile": "ai_agent", "act": {"sub": "agent"}},
        ("User", "idp/alice", "idp/agent"),
    ),
    profiled("a person through nobody", {**PERSON, "client_id": "agent", "act": {"sub": "x"}}, WRONG_ACTOR),
    profiled(
        "a service through an agent", {**SERVICE, "act": {"sub": "agent"}}, ("invalid_actor", "act_subject")
    ),
    profiled("a service that another asks for", {**SERVICE, "client_id": "agent"}, UNDETERMINED),
    profiled("a person who is a client", {**PERSON, "sub": "bot", "client_id": "bot"}, CONFLICT),
    profiled("a person and a service", {**PERSON, "sub_profile": "user service"}, UNDETERMINED),
    profiled("a person, twice", {**PERSON, "sub_profile": "user user"}, UNDETERMINED),
    profiled("nothing", {**SERVICE, "sub_profile": " "}, UNDETERMINED),
    profiled("a robot", {**SERVICE, "sub_profile": "service robot"}, UNDETERMINED),
    profiled("no profile", {"sub": "bot", "client_id": "bot", "client_profile": "service"}, UNDETERMINED),
    profiled("a long s", {**SERVICE, "sub_profile": "\u017fervice"}, CLAIM_TYPE),
    *(
        row
        for name in ("registry-only", "zitadel", "authentik")
        for row in (
            jwt(name, "a listed machine", {"sub": "sa-1", "azp": "app"}, SA_1, **LISTED),
            jwt(name, "a machine among the clients", {"sub": "bot", "azp": "app"}, BOT, **LISTED),
            jwt(name, "a listed person", {"sub": "alice", "azp": "portal"}, ALICE, **LISTED),
            jwt(name, "somebody through a machine", {"sub": "mallory", "azp": "bot"}, UNDETERMINED, **LISTED),
            jwt(name, "a person through a machine", {"sub": "alice", "azp": "bot"}, MIXED_GRANTS, **LISTED),
            jwt(
                name,
                "an application as the subject",
                {"sub": "portal", "azp": "portal"},
                UNDETERMINED,
                **LISTED,
            ),
            jwt(name, "in other letters", {"sub": "Alice", "azp": "portal"}, UNDETERMINED, **LISTED),
            jwt(
                name,
                "all of it but a listed subject",
                {**LOOKS, "sub": "mallory", "azp": "portal"},
                UNDETERMINED,
                **LISTED,
            ),
            jwt(
                name,
                "a machine's grant",
                {"sub": "alice", "azp": "portal", "gty": "client_credentials"},
                FOREIGN,
                **LISTED,
            ),
            jwt(name, "a list of subjects", {"sub": ["alice"], "azp": "portal"}, CLAIM_TYPE, **LISTED),
            jwt(name, "nobody listed", {"sub": "alice", "azp": "portal"}, UNDETERMINED),
        )
    ),
    jwt("registry-only", "no subject", {"client_id": "bot"}, UNDETERMINED, **LISTED),
    jwt("registry-only", "no client", {"sub": "alice"}, ALICE, **LISTED),
    jwt(
        "registry-only",
        "an actor",
        {"sub": "alice", "act": {"sub": "sa-1"}},
        ("invalid_actor", "act_form"),
        **LISTED,
    ),
    jwt(
        "zitadel",
        "an actor",
        {"sub": "alice", "azp": "portal", "act": {"sub": "sa-1"}},
        ("User", "idp/alice", "idp/sa-1"),
        **LISTED,
    ),
    jwt(
        "zitadel",
        "a person as an actor",
        {"sub": "alice", "azp": "portal", "act": {"sub": "admin"}},
        WRONG_ACTOR,
        **LISTED,
    ),
    ("zitadel", "no type", LISTED, {}, {"sub": "sa-1", "azp": "app"}, SA_1),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[1]}" for row in ROWS])
def test_a_token_is_taken_for_what_its_issuer_says(row: Row, mapper_for: Callable[..., Mapper]) -> None:
    """Type, id and actor, or code and detail; nothing makes a person of a machine."""
    profile, _, flags, header, claims, expected = row
    mapper = mapper_for(profile, CLIENTS, flags)
    found: tuple[str | None, ...]
    try:
        principal = mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims)).principal
    except MappingError as error:
        found = (error.code, str(error.detail))
    else:
        actor = principal.actor if isinstance(principal, User) else None
        found = (principal.uid.type, principal.uid.id, None if actor is None else actor.uid.id)

    assert found == expected


def test_every_profile_has_hostile_rows() -> None:
    """Refusals are most of what a profile is for."""
    counts = {name: 0 for name, *_ in ROWS}
    for name, *_, expected in ROWS:
        counts[name] += len(expected) == 2

    assert sorted(counts) == [
        "authentik",
        "cloudflare-access",
        "dex",
        "entity-profiles",
        "fusionauth",
        "kinde",
        "oracle",
        "registry-only",
        "zitadel",
    ]
    assert min(counts.values()) >= 3


@pytest.mark.parametrize("name", ["registry-only", "zitadel", "authentik"])
def test_nobody_is_listed_as_both(name: str, mapper_for: Callable[..., Mapper]) -> None:
    """Whoever is a machine and a person would be one of them by accident."""
    both = {"machine_subjects": ["x"], "human_subjects": ["x"]}
    with pytest.raises(ConfigError) as in_flags:
        mapper_for(name, {}, both)
    with pytest.raises(ConfigError) as in_clients:
        mapper_for(name, CLIENTS, {"human_subjects": ["bot"]})

    assert [error.value.problem for error in (in_flags, in_clients)] == [
        "issuer `idp` lists `x` both as a machine and as a person",
        "issuer `idp` lists `bot` both as a machine and as a person",
    ]


def test_oracle_without_a_tenant_is_not_configured(mapper_for: Callable[..., Mapper]) -> None:
    """All its customers' tokens have one issuer, so an operator must say which of them they are."""
    with pytest.raises(ConfigError) as refused:
        mapper_for("oracle", CLIENTS)

    assert refused.value.problem == "issuer `idp` doesn't set `tenant`, which profile `oracle` needs"
