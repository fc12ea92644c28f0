"""Tokens and configurations that a hostile review got through, each with what stops it now."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import (
    AttributeSource,
    ClaimSources,
    IssuerMapping,
    KnownClient,
    Mapper,
    Sources,
    example_token,
    load_profile,
    rehearsed_profile,
)
from policy_engine.mapper.decoders import DECODERS
from policy_engine.model import AttributeType, Client, Identity, TokenFacts, VerifiedToken

CC = KnownClient(grants=frozenset({"client_credentials"}))
PEOPLE = KnownClient(grants=frozenset({"authorization_code"}))
EXCHANGER = KnownClient(grants=frozenset({"client_credentials", "token-exchange"}))
ASSERTING = KnownClient(
    grants=frozenset({"authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"})
)
WORKLOAD = KnownClient(grants=frozenset({"workload"}))

NONE: Mapping[str, Any] = MappingProxyType({})


def identify(
    profile: str,
    claims: Mapping[str, Any],
    clients: Mapping[str, KnownClient] = NONE,
    flags: Mapping[str, object] = NONE,
    *,
    typ: str | None = "JWT",
    introspected: bool = False,
    foreign_marks: bool = True,
) -> Identity:
    """Whom a token speaks for."""
    mapping = IssuerMapping(
        name="idp",
        profile=load_profile(profile),
        clients=dict(clients),
        flags=flags,
        foreign_marks=foreign_marks,
    )
    header = {} if typ is None else {"typ": typ}
    token = VerifiedToken(issuer="idp", header=header, claims=claims, introspected=introspected)
    return Mapper([mapping]).map(token)


def found(*args: Any, **more: Any) -> str:
    """Whom a token speaks for as one word, or the detail of its refusal."""
    try:
        identity = identify(*args, **more)
    except MappingError as error:
        return str(error.detail or error.code)
    return f"{identity.kind} {identity.principal.uid.id}"


def dex_subject(user_id: str, conn_id: str) -> str:
    """As Dex writes it."""
    return DECODERS["dex_subject"].encode({"user_id": user_id, "conn_id": conn_id})


JOB = dex_subject("repo:acme/app:ref:refs/heads/main", "ci")
LOCAL = dex_subject("alice", "local")
STAFF = dex_subject("alice", "staff")


@pytest.mark.parametrize(
    ("subject", "flags", "expected"),
    [
        (JOB, {}, "undetermined"),
        (JOB, {"human_connectors": ["staff"]}, "undetermined"),
        (dex_subject("system:serviceaccount:prod:robot", "kubernetes"), {}, "undetermined"),
        (STAFF, {}, "undetermined"),
        (STAFF, {"human_connectors": ["staff"]}, f"user idp/{STAFF}"),
        (LOCAL, {}, f"user idp/{LOCAL}"),
        (LOCAL, {"human_connectors": ["staff"]}, f"user idp/{LOCAL}"),
    ],
)
def test_a_connector_makes_nobody_a_person(subject: str, flags: dict[str, Any], expected: str) -> None:
    """A CI job's token that Dex exchanged came through one, too; people's are named by the operator."""
    assert found("dex", {"sub": subject, "aud": "portal"}, {}, flags, typ=None) == expected


ENTRA = {
    "iss": "https://login.microsoftonline.com/t/v2.0",
    "sub": "s",
    "oid": "o",
    "ver": "2.0",
    "azp": "app",
    "scp": "mcp.use",
    "idtyp": "user",
}
WRITTEN = {"facets_written": True}


@pytest.mark.parametrize(
    ("claims", "flags", "expected"),
    [
        ({}, {}, "user idp/o"),  # as the profile says, this may be an agent's user account
        ({}, WRITTEN, "undetermined"),
        ({"xms_sub_fct": "1 13"}, WRITTEN, "agent_user"),
        ({"xms_sub_fct": "1 13"}, {}, "agent_user"),
        ({"xms_sub_fct": "1"}, WRITTEN, "user idp/o"),
        ({"xms_sub_fct": ""}, WRITTEN, "user idp/o"),
    ],
)
def test_where_facets_are_written_a_person_has_them(
    claims: dict[str, Any], flags: dict[str, Any], expected: str
) -> None:
    """Without them, an agent's user account at Entra looks as a person does."""
    assert found("entra", ENTRA | claims, {}, flags) == expected
    assert "agents' user accounts are taken for people" in " ".join(
        load_profile("entra").documentation.relies_on.split()
    )


def test_what_a_machine_wrote_itself_tells_policies_nothing() -> None:
    """A machine of Clerk chooses its scopes, and how surely it signed in; ids and times are Clerk's."""
    chosen = {"scope": "admin:all", "acr": "high", "amr": ["mfa"], "groups": ["deployers"]}
    claims = {"sub": "mch_1", "iat": 10, "exp": 20, "jti": "mt_1", **chosen}

    assert identify("clerk", claims, {"mch_1": CC}) == Identity(
        principal=Client(
            issuer="idp",
            client_id="mch_1",
            category="service",
            evidence=("client: @machine holds", "user: does not hold"),
        ),
        token=TokenFacts(
            scopes=(),
            grant="client_credentials",
            client_id="mch_1",
            acr=None,
            amr=None,
            issued_at=10,
            expires_at=20,
            jti="mt_1",
        ),
    )
    person = identify("clerk", {"sub": "user_1", "scope": "read", "acr": "1", "iat": 10, "exp": 20})
    assert (person.token.scopes, person.token.acr) == (("read",), "1")


@pytest.mark.parametrize(
    "sources",
    [
        Sources(groups="groups"),
        Sources(roles="roles"),
        Sources(tags={"team": "team"}),
        Sources(attributes={"tier": AttributeSource(claim="tier", type=AttributeType.STRING)}),
    ],
)
def test_no_claim_that_a_machine_wrote_itself_can_be_configured(sources: Sources) -> None:
    """Neither groups nor anything else; of people, whose tokens Clerk fills, they can."""
    profile = load_profile("clerk")

    with pytest.raises(ConfigError) as refused:
        Mapper([IssuerMapping(name="idp", profile=profile, claims=ClaimSources(client=sources))])

    assert refused.value.problem == "with profile `clerk`, a client writes the claims of its token itself"
    Mapper([IssuerMapping(name="idp", profile=profile, claims=ClaimSources(user=sources))])


ACCOUNT = {"sub": "b4c1f0de-1", "client_id": "ci-bot", "azp": "ci-bot", "acr": "1", "typ": "Bearer"}
MARKS: list[dict[str, str]] = [
    {"jti": "trrtcc:7f2c"},
    {"jti": "x", "preferred_username": "service-account-ci-bot"},
    {"jti": "x", "clientHost": "10.0.0.1"},
    {"jti": "x", "clientAddress": "10.0.0.1"},
]


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: min(mark, key=lambda name: name == "jti"))
@pytest.mark.parametrize("profile", ["rfc9068", "curity", "logto", "hydra"])
def test_a_service_account_of_keycloak_is_no_person_elsewhere(profile: str, mark: dict[str, str]) -> None:
    """Its tokens have another subject than the client's id, and an `acr`: read generically, a person's."""
    typ = "JWT" if profile == "hydra" else "at+jwt"

    assert found(profile, ACCOUNT | mark, {"ci-bot": PEOPLE}, typ=typ) == "conflict"
    assert found(profile, {**ACCOUNT, "jti": "x"}, {"ci-bot": PEOPLE}, typ=typ) == "user idp/b4c1f0de-1"


@pytest.mark.parametrize(
    ("clients", "expected"),
    [
        ({}, "undetermined"),
        ({"swap": CC}, "mixed_grant_client"),
        ({"swap": EXCHANGER}, "delegated idp/x"),
        ({"swap": PEOPLE}, "user idp/x"),
    ],
)
def test_an_exchanged_token_of_keycloak_comes_through_a_listed_client(
    clients: dict[str, KnownClient], expected: str
) -> None:
    """What was exchanged may have been another issuer's token, a machine's too."""
    claims = {"sub": "x", "typ": "Bearer", "azp": "swap", "sid": "s", "jti": "onrtte:1"}

    assert found("keycloak", claims, clients, {"cc_refresh_disabled": True}) == expected


@pytest.mark.parametrize("foreign_marks", [True, False])
def test_an_issuers_own_mark_is_never_ignored_as_a_foreign_one(foreign_marks: bool) -> None:  # noqa: FBT001
    """Auth0 writes `sub_profile` whether or not the operator set the flag."""
    agent = {"sub": "agents|deploy", "azp": "abc", "sub_profile": "ai_agent"}

    assert found("auth0", agent, foreign_marks=foreign_marks) == "foreign_marker"
    elsewhere = found("auth0", {**agent, "sub_profile": "user", "idtyp": "app"}, foreign_marks=foreign_marks)
    assert elsewhere == ("foreign_marker" if foreign_marks else "user idp/agents|deploy")


def test_a_client_with_assertions_brings_no_people_at_hydra() -> None:
    """Listed with the JWT bearer grant, its subjects are whoever an assertion names."""
    claims = {"sub": "workload-7", "client_id": "portal", "jti": "1"}

    assert found("hydra", claims, {"portal": ASSERTING}) == "undetermined"
    assert found("hydra", claims, {"portal": PEOPLE}) == "user idp/workload-7"


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("alice", "conflict"),
        (["bot"], "conflict"),
        (None, "conflict"),
        ("bot", "client idp/bot"),
        ("service-account-bot", "client idp/bot"),
        ("", "client idp/bot"),
    ],
)
def test_an_answer_with_somebody_elses_name_is_no_machines(username: object, expected: str) -> None:
    """`username` is who authorized the token (RFC 7662 section 2.2); in a signed token it means nothing."""
    claims = {"sub": "bot", "client_id": "bot", "jti": "1", "username": username}
    clients = {"bot": CC}

    assert found("rfc9068", claims, clients, typ=None, introspected=True) == expected
    assert found("rfc9068", claims, clients, typ="at+jwt") == "client idp/bot"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"drn": "DS"}, "user idp/U2alice"),
        ({}, "token_class"),
        ({"drn": "DSR"}, "token_class"),
    ],
)
def test_a_session_of_descope_says_that_it_is_one(claims: dict[str, Any], expected: str) -> None:
    """A token without `drn` is neither a session's nor a refresh token."""
    assert found("descope", {"sub": "U2alice", "amr": ["pwd"], **claims}) == expected


PREFIXES: list[tuple[str, str, bool]] = [
    ("kubernetes", "system:serviceaccount:prod:", True),
    ("kubernetes", "system:serviceaccount:prod-", False),
    ("kubernetes", "system:serviceaccount:prod.", False),
    ("kubernetes", "system:serviceaccount:prod", False),
    ("aws-sts", "arn:aws:iam::123456789012:role/", True),
    ("aws-sts", "arn:aws:iam::123456789012:", False),
    ("aws-sts", "arn:aws:iam::123456789012:role/ci-", False),
    ("spiffe", "spiffe://prod.example.org/ns/prod/", True),
    ("spiffe", "spiffe://prod.example.org/ns/prod-", False),
    ("spiffe", "spiffe:", False),
    ("github-actions", "repository_id:", True),
    ("github-actions", "repository_id:7", False),
    ("gitlab-ci", "project_id:", True),
]


@pytest.mark.parametrize(("profile", "prefix", "fits"), PREFIXES, ids=[row[1] for row in PREFIXES])
def test_a_prefix_ends_where_names_of_its_issuer_end(
    profile: str,
    prefix: str,
    fits: bool,  # noqa: FBT001 -- an answer
) -> None:
    """`prod-` begins `prod-of-somebody-else`, and an account's colon begins users as well as roles."""
    flags = {"owners": ["65"], "namespaces": ["72"], "trust_domain": "prod.example.org"}
    loaded = load_profile(profile)
    own = {name: value for name, value in flags.items() if name in loaded.flags}
    mapping = IssuerMapping(name="idp", profile=loaded, flags=own, prefixes={prefix: WORKLOAD})
    if fits:
        Mapper([mapping])
        return

    with pytest.raises(ConfigError) as refused:
        Mapper([mapping])

    assert refused.value.remedy == (
        f"end it with `{loaded.prefix_separator}`, which ends a name at this issuer"
    )


@pytest.mark.parametrize(
    ("profile", "flags"),
    [
        ("github-actions", {"owners": []}),
        ("github-actions", {"owners": ["65", ""]}),
        ("gitlab-ci", {"namespaces": []}),
        ("google", {"hosted_domains": []}),
        ("oracle", {"tenant": ""}),
        ("spiffe", {"trust_domain": ""}),
    ],
)
def test_a_flag_that_names_no_tenant_is_refused(profile: str, flags: dict[str, Any]) -> None:
    """Whoever writes an empty list means nobody, and would get everybody."""
    with pytest.raises(ConfigError) as refused:
        Mapper([IssuerMapping(name="idp", profile=load_profile(profile), flags=flags)])

    assert refused.value.problem == f"flag `{min(flags)}` of issuer `idp` is there and names nobody"


@pytest.mark.parametrize("value", ["a\u202eb", "\u2066", ["a", "b\u2069"]])
def test_an_attribute_reads_as_it_is_compared(value: object) -> None:
    """Controls that turn text round would show an author another value than Cedar compares."""
    sources = Sources(attributes={"team": AttributeSource(claim="team", type=AttributeType.STRINGS)})
    mapping = IssuerMapping(name="idp", profile=load_profile("rfc9068"), claims=ClaimSources(user=sources))
    claims = {"sub": "alice", "client_id": "web", "acr": "1", "jti": "1", "team": value}

    with pytest.raises(MappingError) as refused:
        Mapper([mapping]).map(VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims))

    assert (refused.value.code, refused.value.detail) == ("invalid_claim", "claim_type")


CONFIG = """\
version: 1
servers:
  mcp: {resource: "https://mcp.example.com"}
issuers:
  corp:
    issuer: https://corp.example
    profile: %s
    flags: %s
%s
attributes: {Client: {tier: string}, User: {tier: string}}
policies: none.cedar
"""
PLACED: dict[str, tuple[str, str, str, str]] = {
    "an email of machines": (
        "rfc9068",
        "{}",
        "    claims: {user: {email: email},\n      client: {email: email}}",
        "10:16: an email is read of machines (take it out: only people have one)",
    ),
    "no claim": (
        "rfc9068",
        "{}",
        "    claims:\n      user:\n        groups: groups\n        roles: a b",
        "12:9: `a b` names no claim (write a claim's name or path)",
    ),
    "nothing that is decoded": (
        "dex",
        "{}",
        "    claims:\n      client: {tags: {a: decoded.subject.user_id,\n        b: decoded.subjct.conn_id}}",
        "11:9: `decoded.subjct.conn_id` names nothing that the profile decodes "
        "(what it decodes: `decoded.subject.conn_id`, `decoded.subject.user_id`)",
    ),
    "an attribute of no claim": (
        "rfc9068",
        "{}",
        "    claims:\n      user: {attributes: {\n        tier: decoded.a.b}}",
        "11:9: `decoded.a.b` names nothing that the profile decodes (what it decodes: nothing)",
    ),
    "groups of their own choice": (
        "clerk",
        "{}",
        "    claims:\n      user: {groups: groups}\n      client:\n        groups: groups",
        "12:9: with profile `clerk`, a client writes the claims of its token itself "
        "(take them out, and list groups, roles and attributes with each under `clients`)",
    ),
    "half a name": (
        "kubernetes",
        "{}",
        (
            "    client_prefixes:\n"
            '      "system:serviceaccount:prod:": {}\n'
            '      "system:serviceaccount:prod-": {}'
        ),
        "11:7: prefix `system:serviceaccount:prod-` of issuer `corp` ends within a name, "
        "so that it holds for longer names, too (end it with `:`, which ends a name at this issuer)",
    ),
    "nobody's tenant": (
        "google",
        "{hosted_domains: []}",
        "",
        "8:5: flag `hosted_domains` of issuer `corp` is there and names nobody "
        "(name your own: to leave it empty lets in everybody's, or nobody's)",
    ),
}


@pytest.mark.parametrize("row", PLACED.values(), ids=PLACED.keys())
def test_what_can_not_be_used_is_told_at_its_place(row: tuple[str, str, str, str], tmp_path: Path) -> None:
    """File, line and column of the very key."""
    profile, flags, more, expected = row
    (tmp_path / "none.cedar").touch()
    path = tmp_path / "policy-engine.yaml"
    path.write_text(CONFIG % (profile, flags, more), "utf-8")

    with pytest.raises(ConfigError) as refused:
        PolicyEngine.from_config(path)

    assert str(refused.value).removeprefix(f"{path}:") == expected


def test_an_example_that_is_contradicted_is_told_at_its_place(write_profile: Callable[..., Path]) -> None:
    """The line of the example, and of the trap."""
    good = "{header: {typ: at+jwt}, claims: {sub: $id, client_id: $id, kind: app, iss: i, aud: a, exp: $exp}}"
    person = good.replace("client_id: $id, kind: app", "client_id: $client, kind: person")
    trap = "{because: conflict, header: {typ: at+jwt}, claims: {sub: $id, client_id: $client, kind: app}}"

    def place(*examples: str) -> tuple[int | None, int | None]:
        client, user, *refused = examples
        text = f"\n  client: {client}\n  user: {user}\n  refused: [\n    {','.join(refused)}]"
        with pytest.raises(ConfigError) as caught:
            rehearsed_profile(write_profile(examples=text))
        assert str(caught.value.file).endswith("own.yaml")
        return caught.value.line, caught.value.column

    assert place(person, person) == (10, 3)
    assert place(good, good) == (11, 3)
    assert place(good, person.replace("exp: $exp", "x: x")) == (11, 3)
    assert place(good, person, trap) == (13, 5)


def test_an_example_whose_fields_can_not_be_encoded_is_an_error_of_the_caller() -> None:
    """An id that is no text of a subject's: told, and never a traceback."""
    with pytest.raises(ConfigError) as refused:
        example_token(
            load_profile("dex"),
            "client",
            id="",
            client="",
            issuer="https://dex.example.com",
            audience="https://mcp.example.com",
            now=1,
            lifetime=1,
            jti="j",
        )

    assert refused.value.problem.startswith("an example's fields can't be encoded by `dex_subject`")


def test_a_realm_of_keycloak_is_known_by_its_form() -> None:
    """For hints alone: it decides nothing."""
    (form,) = load_profile("keycloak").issuer_forms

    assert form.matches("https://sso.example.com/realms/corp")
    assert not form.matches("https://sso.example.com/corp")
