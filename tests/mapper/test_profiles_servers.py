"""Profiles of authorization servers and login services, one row a token that somebody might try.

Each row changes the example of its profile; what must come of it is the whole principal, or code and detail.
"""

from collections.abc import Callable, Mapping
from string import Template
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper import KnownClient, Mapper, example_token, load_profile, rehearse
from policy_engine.model import Client, Identity, User, VerifiedToken

CC = KnownClient(grants=frozenset({"client_credentials"}))
PEOPLE = KnownClient(grants=frozenset({"authorization_code", "refresh_token"}))
DELEGATE = KnownClient(grants=frozenset({"token-exchange"}))

PROFILES = (
    *("clerk", "curity", "descope", "duende", "hydra", "logto", "openiddict"),
    *("pingam", "pingone", "spring", "stytch", "toolhive", "workos"),
)

CODES: Mapping[str | None, str] = MappingProxyType(
    {
        "act_actor": "invalid_actor",
        "act_form": "invalid_actor",
        "act_subject": "invalid_actor",
        "claim_type": "invalid_claim",
        "conflict": "ambiguous_principal",
        "foreign_marker": "ambiguous_principal",
        "lookalike_subject": "ambiguous_principal",
        "missing_claim": "invalid_claim",
        "mixed_grant_client": "ambiguous_principal",
        "sub_form": "invalid_claim",
        "subject_is_client": "ambiguous_principal",
        "token_class": "invalid_token_type",
        "typ": "invalid_token_type",
        "undetermined": "ambiguous_principal",
    }
)

GONE = ...
JWT_BEARER = {"jwt_bearer_enabled": True}
LOGIN = {"auth_time": 1, "idp": "local", "amr": ["pwd"]}
M2M = {"sub": "m2m-client-live-1"}
DELEGATED = {"client_id": GONE, "tsid": GONE, "act": {"iss": "https://issuer.example", "sub": "delegate"}}
FINER = {"tsid": GONE, "act": {"sub": "delegate/1"}}
ELSEWHERE = {"tsid": GONE, "act": {"iss": "https://elsewhere.example", "sub": "delegate"}}

Change = dict[str, Any]
Row = tuple[str, str, str, Change, str]
"""Profile, name, kind of the example, what is other in it, what comes of it."""

# `$machine` is listed with client credentials, `$app` as an application of people, `delegate` for exchange.
ROWS: list[Row] = [
    ("hydra", "a login named like a machine", "user", {"sub": "$machine"}, "subject_is_client"),
    ("hydra", "a login named like its application", "user", {"sub": "$app"}, "mixed_grant_client"),
    ("hydra", "an application that nobody listed", "user", {"client_id": "other"}, "undetermined"),
    ("hydra", "a machine's client for a person", "user", {"client_id": "$machine"}, "undetermined"),
    ("hydra", "a client that only exchanges", "user", {"client_id": "delegate"}, "undetermined"),
    ("hydra", "a person, with assertions about", "user", {"flags": JWT_BEARER}, "undetermined"),
    ("hydra", "a machine, with assertions about", "client", {"flags": JWT_BEARER}, "machine"),
    ("hydra", "a machine at a person's application", "client", {"client_id": "$app"}, "subject_is_client"),
    ("hydra", "a mark that stayed in `ext`", "user", {"ext": {"gty": "client_credentials"}}, "person"),
    ("hydra", "an ID token", "user", {"at_hash": "x"}, "token_class"),
    ("hydra", "a claim that says nothing here", "client", {"auth_time": 1, "amr": ["pwd"]}, "machine"),
    ("spring", "a login named like a machine", "user", {"sub": "$machine"}, "subject_is_client"),
    ("spring", "a login named like its application", "user", {"sub": "$app"}, "mixed_grant_client"),
    ("spring", "the default audience", "user", {"client_id": GONE, "aud": "$app"}, "person"),
    ("spring", "the default audience in an array", "user", {"client_id": GONE, "aud": ["$app"]}, "person"),
    ("spring", "a machine's default audience", "client", {"client_id": GONE, "aud": "$machine"}, "machine"),
    ("spring", "a resource alone", "user", {"client_id": GONE}, "undetermined"),
    ("spring", "a machine's resource alone", "client", {"client_id": GONE}, "undetermined"),
    ("spring", "two audiences", "user", {"client_id": GONE, "aud": ["$app", "x"]}, "claim_type"),
    ("spring", "neither client nor audience", "user", {"client_id": GONE, "aud": GONE}, "missing_claim"),
    ("spring", "an ID token", "user", {"azp": "$app"}, "token_class"),
    ("spring", "an ID token with its session", "user", {"sid": "s"}, "token_class"),
    ("spring", "somebody acts for a machine", "client", {"act": {"sub": "delegate"}}, "act_subject"),
    ("spring", "a stranger acts", "user", {"act": {"sub": "stranger"}}, "act_actor"),
    ("spring", "the person acts", "user", {"act": {"sub": "$person"}}, "act_actor"),
    ("openiddict", "no consent", "user", {"oi_au_id": GONE}, "undetermined"),
    ("openiddict", "an empty consent", "user", {"oi_au_id": ""}, "undetermined"),
    ("openiddict", "a list of consents", "user", {"oi_au_id": ["a"]}, "claim_type"),
    ("openiddict", "a machine with consent", "client", {"oi_au_id": "a"}, "conflict"),
    ("openiddict", "a service of its own name", "client", {"sub": "svc", "oi_au_id": "a"}, "undetermined"),
    ("openiddict", "an application that nobody listed", "user", {"client_id": "other"}, "undetermined"),
    ("openiddict", "a user id like a machine", "user", {"sub": "$machine"}, "subject_is_client"),
    ("duende", "the client's id as a static claim", "client", {"sub": "$machine"}, "machine"),
    ("duende", "a person's id as a static claim", "client", {"sub": "$person"}, "undetermined"),
    ("duende", "a client that logged in", "client", LOGIN, "conflict"),
    ("duende", "a named client that logged in", "client", {"sub": "$machine", **LOGIN}, "conflict"),
    ("duende", "a login without method", "user", {"amr": GONE}, "undetermined"),
    ("duende", "a login with no method in it", "user", {"amr": []}, "undetermined"),
    ("duende", "a login without provider", "user", {"idp": GONE}, "undetermined"),
    ("duende", "a login without time", "user", {"auth_time": GONE}, "undetermined"),
    ("duende", "a login of nobody", "user", {"sub": GONE}, "conflict"),
    ("duende", "a time in words", "user", {"auth_time": "now"}, "claim_type"),
    ("duende", "one method, no list", "user", {"amr": "pwd"}, "claim_type"),
    ("duende", "a listed machine's login", "user", {"client_id": "$machine"}, "mixed_grant_client"),
    ("pingone", "a mapped subject", "client", {"sub": "svc"}, "undetermined"),
    ("pingone", "a mapped subject, a person's", "client", {"sub": "$person"}, "undetermined"),
    ("pingone", "the client mapped as subject", "client", {"sub": "$machine"}, "undetermined"),
    ("pingone", "the same, in a session", "client", {"sub": "$machine", "sid": "s"}, "conflict"),
    ("pingone", "a machine under a policy", "client", {"acr": "Single_Factor"}, "undetermined"),
    ("pingone", "a machine that logged in", "client", {"auth_time": 1}, "undetermined"),
    ("pingone", "a session of nobody", "user", {"sub": GONE}, "undetermined"),
    ("pingone", "a person without session", "user", {"sid": GONE}, "undetermined"),
    ("pingone", "an empty session", "user", {"sid": ""}, "undetermined"),
    ("pingone", "a numbered session", "user", {"sid": 7}, "claim_type"),
    ("pingam", "a user named like a client", "user", {"sub": "(usr!$machine)"}, "subject_is_client"),
    ("pingam", "a user spelt like a machine", "user", {"sub": "(usr!svc@clients)"}, "svc@clients"),
    ("pingam", "no grant at all", "user", {"grant_type": GONE}, "person"),
    ("pingam", "a machine without grant", "client", {"grant_type": GONE}, "machine"),
    ("pingam", "a machine's grant for a user", "user", {"grant_type": "client_credentials"}, "conflict"),
    ("pingam", "a user's grant for a machine", "client", {"grant_type": "password"}, "conflict"),
    ("pingam", "a grant of assertions", "user", {"grant_type": "jwt-bearer"}, "undetermined"),
    ("pingam", "a list of grants", "user", {"grant_type": ["authorization_code"]}, "claim_type"),
    ("pingam", "the bare name of older versions", "client", {"sub": "das-batch"}, "undetermined"),
    ("pingam", "another type", "user", {"sub": "(grp!staff)"}, "undetermined"),
    ("pingam", "an open parenthesis", "user", {"sub": "(usr!bjensen"}, "undetermined"),
    ("pingam", "an empty name", "user", {"sub": "(usr!)"}, "sub_form"),
    ("pingam", "the same client", "client", {"client_id": "$machine"}, "machine"),
    ("pingam", "another client", "client", {"client_id": "$app"}, "conflict"),
    ("pingam", "an ID token", "user", {"tokenName": "id_token"}, "token_class"),
    ("pingam", "a token without name", "user", {"tokenName": GONE}, "token_class"),
    ("workos", "a machine with consent", "client", {"sid": "c"}, "conflict"),
    ("workos", "a machine for another", "client", {"client_id": "client_2"}, "conflict"),
    ("workos", "a person without consent", "user", {"sid": GONE}, "undetermined"),
    ("workos", "an empty consent", "user", {"sid": ""}, "undetermined"),
    ("workos", "a person who is a client", "user", {"client_id": "$person"}, "conflict"),
    ("workos", "a client of any other name", "client", {"sub": "bot", "client_id": "bot"}, "undetermined"),
    ("workos", "no client", "user", {"client_id": GONE}, "missing_claim"),
    ("stytch", "a machine's own id twice", "client", {"client_id": "$machine"}, "machine"),
    ("stytch", "an app that a machine chose", "client", {"client_id": "connected-app-live-1"}, "conflict"),
    ("stytch", "a member", "user", {"sub": "member-live-1"}, "member-live-1"),
    ("stytch", "a member at a machine", "user", {"client_id": "m2m-client-live-1"}, "undetermined"),
    ("stytch", "a person at nobody's app", "user", {"client_id": GONE}, "undetermined"),
    ("stytch", "a session", "user", {"https://stytch.com/session": {}}, "token_class"),
    ("stytch", "a session of a machine", "client", {"https://stytch.com/session": {}}, "token_class"),
    ("stytch", "an organization", "user", {"sub": "organization-live-1"}, "undetermined"),
    ("stytch", "a machine at an app", "user", M2M, "conflict"),
    ("clerk", "a session of a machine", "client", {"sid": "sess_1"}, "conflict"),
    ("clerk", "an address of a machine", "client", {"email": "alice@example.com"}, "conflict"),
    ("clerk", "an application of a machine", "client", {"client_id": "$app"}, "conflict"),
    ("clerk", "a person with a machine's token id", "user", {"jti": "mt_1"}, "conflict"),
    ("clerk", "a person without application", "user", {"client_id": GONE}, "person"),
    ("clerk", "an impersonated person", "user", {"act": {"sub": "user_2yBob"}}, "act_form"),
    ("clerk", "a person in capitals", "user", {"sub": "USER_2yAlice"}, "undetermined"),
    ("clerk", "a prefix alone", "client", {"sub": "mch_"}, "undetermined"),
    ("descope", "a key that is bound to a user", "user", {"amr": ["accesskey"]}, "conflict"),
    ("descope", "a key and a password", "user", {"amr": ["pwd", "accesskey"]}, "conflict"),
    ("descope", "a key that signed in", "client", {"amr": ["pwd"]}, "conflict"),
    ("descope", "a key that says nothing of it", "client", {"amr": GONE}, "machine"),
    ("descope", "a user who signed in nowhere", "user", {"amr": GONE}, "undetermined"),
    ("descope", "a way that isn't documented", "user", {"amr": ["magic"]}, "undetermined"),
    ("descope", "a way in no list", "user", {"amr": "pwd"}, "claim_type"),
    ("descope", "a refresh token", "user", {"drn": "DSR"}, "token_class"),
    ("descope", "a tenant", "user", {"sub": "T2aTenant"}, "undetermined"),
    ("logto", "an application that nobody listed", "user", {"client_id": "other"}, "undetermined"),
    ("logto", "a user id like a machine", "user", {"sub": "$machine"}, "subject_is_client"),
    ("logto", "an application by itself", "user", {"sub": "$app"}, "mixed_grant_client"),
    ("logto", "a scripted claim", "user", {"gty": "client_credentials"}, "foreign_marker"),
    ("logto", "an impersonated person", "user", {"act": {"sub": "delegate"}}, "act_form"),
    ("curity", "a delegation alone", "user", {"auth_time": GONE, "acr": GONE}, "undetermined"),
    ("curity", "how a person signed in", "user", {"auth_time": GONE, "acr": GONE, "amr": ["pwd"]}, "person"),
    ("curity", "nothing of it", "user", {"auth_time": GONE, "acr": "", "amr": []}, "undetermined"),
    ("curity", "a machine that signed in", "client", {"auth_time": 1}, "conflict"),
    ("curity", "a user named like a machine", "user", {"sub": "$machine"}, "subject_is_client"),
    ("curity", "an ID token", "user", {"purpose": "id"}, "token_class"),
    ("curity", "a procedure's actor", "user", {"act": {"sub": "delegate"}}, "act_form"),
    ("toolhive", "a machine in a session", "client", {"tsid": "t"}, "conflict"),
    ("toolhive", "a machine with a name", "client", {"name": "Alice"}, "conflict"),
    ("toolhive", "a machine with an address", "client", {"email": "alice@example.com"}, "conflict"),
    ("toolhive", "a person without session", "user", {"tsid": GONE}, "undetermined"),
    ("toolhive", "an empty session", "user", {"tsid": ""}, "undetermined"),
    ("toolhive", "sessions", "user", {"tsid": ["t"]}, "claim_type"),
    ("toolhive", "another issuer's subject", "user", {"sub": "https://x#y"}, "undetermined"),
    ("toolhive", "the same, delegated", "user", {**DELEGATED, "sub": "https://x#y"}, "undetermined"),
    ("toolhive", "somebody acts for a machine", "client", {"act": {"sub": "delegate"}}, "act_subject"),
    ("toolhive", "a finer actor that nobody listed", "user", FINER, "act_actor"),
    ("toolhive", "another server's actor", "user", ELSEWHERE, "act_form"),
    ("toolhive", "delegated, and in a session", "user", {"act": {"sub": "delegate"}}, "conflict"),
    ("toolhive", "an empty actor", "user", {"tsid": GONE, "act": {}}, "act_form"),
    ("toolhive", "a login named like a machine", "user", {"sub": "$machine"}, "subject_is_client"),
]

Mapped = Callable[..., Identity]


def _ids(profile: str) -> dict[str, str]:
    examples = load_profile(profile).examples
    app = "connected-app-live-7" if profile == "stytch" else "app"
    return {"machine": examples["client"].id, "person": examples["user"].id, "app": app}


@pytest.fixture
def mapped(mapper_for: Callable[..., Mapper]) -> Mapped:
    """The identity of a profile's example, changed; clients and flags are the row's unless stated."""

    def run(
        profile: str, kind: str, change: Change, clients: dict[str, KnownClient] | None = None
    ) -> Identity:
        ids = _ids(profile)
        own = ids["machine"] if kind == "client" else ids["person"]
        header, claims = example_token(
            load_profile(profile),
            "client" if kind == "client" else "user",
            id=own,
            client=ids["app"],
            issuer="https://issuer.example",
            audience="https://mcp.example.com",
            now=1_790_000_000,
            lifetime=600,
            jti="1",
        )
        change = dict(change)
        flags = change.pop("flags", {})
        claims.update({name: _filled(value, ids) for name, value in change.items()})
        claims = {name: value for name, value in claims.items() if value is not GONE}
        listed = (
            {ids["machine"]: CC, ids["app"]: PEOPLE, "delegate": DELEGATE} if clients is None else clients
        )
        token = VerifiedToken(issuer="idp", header=header, claims=claims)
        return mapper_for(profile, listed, flags).map(token)

    return run


def _filled(value: object, ids: dict[str, str]) -> object:
    match value:
        case str(text):
            return Template(text).substitute(ids)
        case list(members):
            return [_filled(member, ids) for member in members]
        case dict(members):
            return {name: _filled(member, ids) for name, member in members.items()}
        case _:
            return value


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[1]}" for row in ROWS])
def test_a_token_that_somebody_might_try(row: Row, mapped: Mapped) -> None:
    """The whole principal, or code and detail of the refusal."""
    profile, _, kind, change, expected = row
    ids = _ids(profile)
    found: object
    try:
        found = mapped(profile, kind, change).principal
    except MappingError as error:
        assert (error.code, error.detail) == (CODES[expected], expected)
        return

    subject = ids["person"] if expected == "person" else expected
    whole = {"machine": Client(issuer="idp", client_id=ids["machine"])}
    assert found == whole.get(expected, User(issuer="idp", subject=subject))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_examples_are_taken_for_what_they_stand_for(profile: str, mapped: Mapped) -> None:
    """A machine and a person with nothing else to them, and each trap refused for its reason."""
    ids = _ids(profile)
    rehearse(load_profile(profile))

    assert load_profile(profile).refused
    assert mapped(profile, "client", {}).principal == Client(issuer="idp", client_id=ids["machine"])
    assert mapped(profile, "user", {}).principal == User(issuer="idp", subject=ids["person"])


@pytest.mark.parametrize("profile", PROFILES)
def test_no_machine_is_admitted_unlisted(profile: str, mapped: Mapped) -> None:
    """Whatever its token says; and none that is listed as an application of people."""
    machine = _ids(profile)["machine"]
    with pytest.raises(MappingError) as unlisted:
        mapped(profile, "client", {}, {})
    with pytest.raises(MappingError) as mixed:
        mapped(profile, "client", {}, {machine: PEOPLE})

    assert (unlisted.value.code, unlisted.value.detail) == ("unregistered_client", None)
    assert (mixed.value.code, mixed.value.detail) == ("ambiguous_principal", "mixed_grant_client")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("client", {"idtyp": "user"}),
        ("client", {"sub_profile": "user service"}),
        ("user", {"idtyp": "app"}),
        ("user", {"sub_type": "client"}),
        ("user", {"gty": ["client-credentials"]}),
    ],
    ids=["a user's type", "both", "an app's type", "a client's type", "a grant in an array"],
)
def test_marks_of_other_issuers_only_ever_refuse(
    profile: str, kind: str, mark: Change, mapped: Mapped
) -> None:
    """A mark that none of these servers writes, and that contradicts what they do write."""
    with pytest.raises(MappingError) as refused:
        mapped(profile, kind, mark)

    assert (refused.value.code, refused.value.detail) == ("ambiguous_principal", "foreign_marker")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("subject", "detail"),
    [
        (None, "claim_type"),
        (7, "claim_type"),
        (["alice"], "claim_type"),
        ({"id": "alice"}, "claim_type"),
        ("", "sub_form"),
        (" alice", "sub_form"),
        ("al\u0131ce", "sub_form"),
    ],
    ids=["null", "a number", "an array", "an object", "empty", "a blank before", "a letter outside ASCII"],
)
def test_a_subject_of_another_form_is_nobody(
    profile: str, subject: object, detail: str, mapped: Mapped
) -> None:
    """Nothing is stripped, folded or taken for absent."""
    with pytest.raises(MappingError) as refused:
        mapped(profile, "user", {"sub": subject})

    assert (refused.value.code, refused.value.detail) == ("invalid_claim", detail)


@pytest.mark.parametrize("profile", ["spring", "toolhive"])
def test_the_client_that_acts_stands_beside_the_person(profile: str, mapped: Mapped) -> None:
    """Who acts is listed for exchange; the history inside `act` decides nothing."""
    act = {"iss": "https://issuer.example", "sub": "delegate", "act": {"sub": "stranger"}}
    person = _ids(profile)["person"]

    changes = {"spring": {"act": act}, "toolhive": {"act": act, "tsid": GONE}}

    assert mapped(profile, "user", changes[profile]).principal == User(
        issuer="idp", subject=person, actor=Client(issuer="idp", client_id="delegate")
    )


def test_a_delegated_token_of_toolhive_names_no_client(mapped: Mapped) -> None:
    """Neither `client_id` nor `tsid`: the actor that the server wrote is the evidence."""
    identity = mapped("toolhive", "user", DELEGATED)

    assert identity.token.client_id is None
    assert identity.principal == User(
        issuer="idp",
        subject=_ids("toolhive")["person"],
        actor=Client(issuer="idp", client_id="delegate"),
    )


def test_the_key_to_upstream_tokens_goes_nowhere(mapped: Mapped) -> None:
    """`tsid` is asked whether it is there, and stands in no tag, no fact and no line of evidence."""
    assert "the-key" not in repr(mapped("toolhive", "user", {"tsid": "the-key"}))


@pytest.mark.parametrize(
    ("profile", "claim", "value"),
    [
        ("hydra", "scp", ["mcp", "x"]),
        ("spring", "scope", ["mcp", "x"]),
        ("duende", "scope", ["mcp", "x"]),
        ("pingam", "scope", ["mcp", "x"]),
        ("duende", "scope", "mcp x"),
        ("workos", "scope", "mcp x"),
    ],
)
def test_scopes_are_read_where_the_product_writes_them(
    profile: str, claim: str, value: object, mapped: Mapped
) -> None:
    """An array, or a text with spaces."""
    assert mapped(profile, "user", {claim: value}).token.scopes == ("mcp", "x")


@pytest.mark.parametrize(
    ("profile", "form"),
    [
        ("pingone", "https://auth.pingone.eu/7c1e/as"),
        ("pingam", "https://am.example.com/am/oauth2/realms/root/realms/alpha"),
        ("workos", "https://acme.authkit.app"),
        ("stytch", "stytch.com/project-test-0000"),
        ("clerk", "https://acme.clerk.accounts.dev"),
        ("descope", "https://api.descope.com/v1/apps/P2proj"),
        ("logto", "https://acme.logto.app/oidc"),
        ("curity", "https://curity.example.com/oauth/v2/oauth-anonymous"),
    ],
)
def test_the_urls_of_a_product_have_its_form(profile: str, form: str) -> None:
    """What an operator would write into `issuer`."""
    assert any(pattern.matches(form) for pattern in load_profile(profile).issuer_forms)
