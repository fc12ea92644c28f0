"""Issuers of workloads, cloud accounts and registries: whom their tokens speak for, and what fools nobody."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import pytest

from policy_engine import PolicyEngine
from policy_engine.errors import ConfigError, MappingError
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import IssuerMapping, KnownClient, Mapper, example_token, load_profile
from policy_engine.model import Client, User, VerifiedToken

LISTED: Final = KnownClient(grants=frozenset({"workload"}))
ABSENT: Final = object()
"""In a row: the claim is taken out."""

Kind = Literal["client", "user"]
Claims = dict[str, Any]
Outcome = Client | User | tuple[str, str | None]

REGISTRIES: Final = ("adfs", "pingfederate", "salesforce", "teleport", "vault")
WORKLOADS: Final = ("aws-sts", "github-actions", "gitlab-ci", "kubernetes", "spiffe")
BOTH_KINDS: Final = ("cognito", "google", *REGISTRIES)

AWS: Final = "https://sts.amazonaws.com/"
SSO: Final = (
    "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"
)
K8S: Final = "kubernetes.io"
ACCOUNT: Final = {"name": "batch", "uid": "u-1"}

UNDETERMINED: Final = ("ambiguous_principal", "undetermined")
CONFLICT: Final = ("ambiguous_principal", "conflict")
FOREIGN: Final = ("ambiguous_principal", "foreign_marker")
IS_CLIENT: Final = ("ambiguous_principal", "subject_is_client")
MACHINES_ONLY: Final = ("ambiguous_principal", "mixed_grant_client")
WRONG_TYPE: Final = ("invalid_claim", "claim_type")
NO_ID: Final = ("invalid_claim", "sub_form")
OTHER_CLASS: Final = ("invalid_token_type", "token_class")
OTHER_TYP: Final = ("invalid_token_type", "typ")
OTHER_TENANT: Final = ("unknown_issuer", "other_tenant")
UNLISTED: Final = ("unregistered_client", None)
ACTOR: Final = ("invalid_actor", "act_form")


def flags_of(profile: str) -> dict[str, Any]:
    """What an operator with the tokens of a profile's examples sets."""
    examples = load_profile(profile).examples
    return {name: value for example in examples.values() for name, value in example.flags.items()}


def token(profile: str, kind: Kind, changes: Mapping[str, Any] = MappingProxyType({})) -> VerifiedToken:
    """The profile's own example with claims changed, and header parameters named `header.…`."""
    loaded = load_profile(profile)
    header, claims = example_token(
        loaded,
        kind,
        id=loaded.examples[kind].id,
        client="an-application",
        issuer="https://issuer.example",
        audience="https://mcp.example.com",
        now=1_790_000_000,
        lifetime=600,
        jti="j-1",
        flags=flags_of(profile),
    )
    for name, value in changes.items():
        part, key = (header, name.removeprefix("header.")) if name.startswith("header.") else (claims, name)
        part[key] = value
        if value is ABSENT:
            del part[key]
    return VerifiedToken(issuer="idp", header=header, claims=claims)


def mapper(
    profile: str,
    *,
    flags: Mapping[str, Any] | None = None,
    clients: Mapping[str, KnownClient] | None = None,
    prefixes: Mapping[str, KnownClient] = MappingProxyType({}),
) -> Mapper:
    """A mapper whose operator lists the machine of the profile's example, unless told otherwise."""
    loaded = load_profile(profile)
    own = {loaded.examples["client"].id: LISTED}
    return Mapper(
        [
            IssuerMapping(
                name="idp",
                profile=loaded,
                flags=flags_of(profile) if flags is None else flags,
                clients=own if clients is None else clients,
                prefixes=prefixes,
            )
        ]
    )


def outcome(by: Mapper, of: VerifiedToken) -> Outcome:
    """The principal, or the code and the detail of the refusal."""
    try:
        return by.map(of).principal
    except MappingError as error:
        return error.code, error.detail


MACHINES: Final[list[tuple[str, Client]]] = [
    ("adfs", Client(issuer="idp", client_id="S-1-5-21-1-2-3-2001")),
    (
        "aws-sts",
        Client(
            issuer="idp",
            client_id="arn:aws:iam::123456789012:role/DataJob",
            category="workload",
            attributes={"account": ("123456789012",), "org": ("o-abc1234567",), "region": ("eu-west-1",)},
        ),
    ),
    ("cognito", Client(issuer="idp", client_id="3m2machine1client2id3abcde")),
    (
        "github-actions",
        Client(
            issuer="idp",
            client_id="repository_id:74",
            category="workload",
            attributes={
                "repository": ("acme/deploy",),
                "repository_id": ("74",),
                "repository_owner": ("acme",),
                "repository_owner_id": ("65",),
                "repository_visibility": ("private",),
                "ref": ("refs/heads/main",),
                "ref_type": ("branch",),
                "environment": ("production",),
                "event_name": ("push",),
                "workflow_ref": ("acme/deploy/.github/workflows/deploy.yml@refs/heads/main",),
                "job_workflow_ref": ("acme/deploy/.github/workflows/deploy.yml@refs/heads/main",),
                "runner_environment": ("github-hosted",),
                "actor": ("octocat",),
            },
        ),
    ),
    (
        "gitlab-ci",
        Client(
            issuer="idp",
            client_id="project_id:20",
            category="workload",
            attributes={
                "project_id": ("20",),
                "project_path": ("acme/app",),
                "project_visibility": ("private",),
                "namespace_id": ("72",),
                "namespace_path": ("acme",),
                "ref": ("main",),
                "ref_type": ("branch",),
                "ref_protected": ("true",),
                "environment": ("production",),
                "environment_protected": ("true",),
                "pipeline_source": ("push",),
                "runner_environment": ("self-hosted",),
                "user_login": ("alice",),
            },
        ),
    ),
    (
        "google",
        Client(
            issuer="idp",
            client_id="104000000000000000001",
            attributes={"service_account": ("mcp-bot@acme-prod.iam.gserviceaccount.com",)},
        ),
    ),
    (
        "kubernetes",
        Client(
            issuer="idp",
            client_id="system:serviceaccount:prod:batch",
            category="workload",
            attributes={
                "namespace": ("prod",),
                "service_account": ("batch",),
                "service_account_uid": ("9b1c2f9e-0000-4000-8000-000000000001",),
                "pod": ("batch-0",),
                "node": ("node-1",),
            },
        ),
    ),
    ("pingfederate", Client(issuer="idp", client_id="batch-job")),
    ("salesforce", Client(issuer="idp", client_id="uid:005xx000001RunAs")),
    (
        "spiffe",
        Client(
            issuer="idp",
            client_id="spiffe://prod.example.org/ns/prod/sa/batch",
            category="workload",
            attributes={"trust_domain": ("prod.example.org",), "path": ("/ns/prod/sa/batch",)},
        ),
    ),
    ("teleport", Client(issuer="idp", client_id="bot-ci")),
    (
        "vault",
        Client(
            issuer="idp",
            client_id="a2cd0000-0000-4000-8000-000000000002",
            attributes={"namespace": ("root",)},
        ),
    ),
]

PEOPLE: Final[list[tuple[str, User]]] = [
    ("adfs", User(issuer="idp", subject="S-1-5-21-1-2-3-1001")),
    ("cognito", User(issuer="idp", subject="d1e2f3a4-0000-4000-8000-000000000001")),
    (
        "google",
        User(issuer="idp", subject="110000000000000000007", attributes={"hosted_domain": ("acme.example",)}),
    ),
    ("pingfederate", User(issuer="idp", subject="7c9e0000-0000-4000-8000-000000000001")),
    ("salesforce", User(issuer="idp", subject="uid:005xx000001Alice")),
    ("teleport", User(issuer="idp", subject="alice")),
    (
        "vault",
        User(
            issuer="idp",
            subject="a2cd0000-0000-4000-8000-000000000001",
            attributes={"namespace": ("root",)},
        ),
    ),
]

Row = tuple[str, Kind, str, Claims, Outcome]

HOSTILE: Final[list[Row]] = [
    ("cognito", "client", "a machine with a person's name", {"username": "alice"}, CONFLICT),
    ("cognito", "client", "a machine with an empty name", {"username": ""}, CONFLICT),
    ("cognito", "client", "a machine with a null name", {"username": None}, WRONG_TYPE),
    ("cognito", "client", "a person's id without a name", {"sub": "d1e2f3a4-0000"}, UNDETERMINED),
    ("cognito", "client", "another app client's id", {"client_id": "x"}, UNDETERMINED),
    ("cognito", "client", "no app client", {"client_id": ABSENT}, UNDETERMINED),
    ("cognito", "client", "a refreshed person's class", {"token_use": "refresh"}, OTHER_CLASS),
    ("cognito", "client", "no class", {"token_use": ABSENT}, OTHER_CLASS),
    ("cognito", "client", "the class in an array", {"token_use": ["access"]}, WRONG_TYPE),
    ("cognito", "user", "a person's ID token", {"token_use": "id"}, OTHER_CLASS),
    ("cognito", "user", "a person without a name", {"username": ABSENT}, UNDETERMINED),
    ("cognito", "user", "a person with an empty name", {"username": ""}, UNDETERMINED),
    ("cognito", "user", "a machine's id", {"sub": "3m2machine1client2id3abcde"}, IS_CLIENT),
    ("cognito", "user", "the application's id", {"sub": "an-application"}, CONFLICT),
    ("cognito", "user", "a machine's grant", {"gty": "client_credentials"}, FOREIGN),
    ("cognito", "user", "a header that Cognito doesn't write", {"header.typ": "JWT"}, OTHER_TYP),
    ("google", "client", "an address that isn't verified", {"email_verified": False}, UNDETERMINED),
    ("google", "client", "no word of verification", {"email_verified": ABSENT}, UNDETERMINED),
    ("google", "client", "verified in a string", {"email_verified": "true"}, WRONG_TYPE),
    ("google", "client", "verified by a number", {"email_verified": 1}, WRONG_TYPE),
    ("google", "client", "no address", {"email": ABSENT}, UNDETERMINED),
    ("google", "client", "a domain alone", {"email": "x.iam.gserviceaccount.com"}, UNDETERMINED),
    ("google", "client", "two addresses", {"email": "a@evil.example@x.gserviceaccount.com"}, UNDETERMINED),
    ("google", "client", "a list", {"email": ["bot@x.iam.gserviceaccount.com"]}, WRONG_TYPE),
    ("google", "client", "an absolute name", {"email": "bot@x.iam.gserviceaccount.com."}, UNDETERMINED),
    ("google", "client", "another account's number", {"sub": "104000000000000000009"}, UNLISTED),
    ("google", "user", "a machine's number", {"sub": "104000000000000000001"}, IS_CLIENT),
    ("google", "user", "no organisation", {"hd": ABSENT}, OTHER_TENANT),
    ("google", "user", "another organisation", {"hd": "evil.example"}, OTHER_TENANT),
    ("google", "user", "a part of its name", {"hd": "sub.acme.example"}, OTHER_TENANT),
    ("google", "user", "two organisations", {"hd": ["acme.example"]}, OTHER_TENANT),
    ("google", "user", "an address with a blank", {"email": "alice@acme.example "}, UNDETERMINED),
    ("github-actions", "client", "the same names by another id", {"repository_id": "666"}, UNLISTED),
    ("github-actions", "client", "a longer id", {"repository_id": "0074"}, UNLISTED),
    ("github-actions", "client", "an id with a prefix", {"repository_id": "repository_id:74"}, UNLISTED),
    ("github-actions", "client", "an id with a blank", {"repository_id": "74 "}, NO_ID),
    ("github-actions", "client", "an id that is a number", {"repository_id": 74}, WRONG_TYPE),
    ("github-actions", "client", "no id", {"repository_id": ABSENT}, UNDETERMINED),
    ("github-actions", "client", "another owner", {"repository_owner_id": "666"}, OTHER_TENANT),
    ("github-actions", "client", "an owner by name", {"repository_owner_id": "acme"}, OTHER_TENANT),
    ("github-actions", "client", "an owner who is a number", {"repository_owner_id": 65}, OTHER_TENANT),
    ("github-actions", "client", "two owners", {"repository_owner_id": ["65", "666"]}, OTHER_TENANT),
    ("github-actions", "client", "no owner", {"repository_owner_id": ABSENT}, OTHER_TENANT),
    ("github-actions", "client", "no run", {"run_id": ABSENT}, UNDETERMINED),
    ("github-actions", "client", "an empty event", {"event_name": ""}, UNDETERMINED),
    ("github-actions", "client", "an ID token of somebody", {"nonce": "n"}, OTHER_CLASS),
    ("github-actions", "client", "on behalf of its actor", {"act": {"sub": "octocat"}}, ACTOR),
    ("github-actions", "client", "a person's mark", {"idtyp": "user"}, FOREIGN),
    ("gitlab-ci", "client", "a person's subject", {"sub": "42"}, UNDETERMINED),
    ("gitlab-ci", "client", "a subject that has it further on", {"sub": "x:project_path:a"}, UNDETERMINED),
    ("gitlab-ci", "client", "a subject that says no project", {"sub": "project_path:"}, UNDETERMINED),
    ("gitlab-ci", "client", "a subject in capitals", {"sub": "PROJECT_PATH:acme/app"}, UNDETERMINED),
    ("gitlab-ci", "client", "somebody who signed in", {"auth_time": 1_790_000_000}, OTHER_CLASS),
    ("gitlab-ci", "client", "an ID token of somebody", {"nonce": "n"}, OTHER_CLASS),
    ("gitlab-ci", "client", "an old subject of somebody", {"sub_legacy": "x"}, OTHER_CLASS),
    ("gitlab-ci", "client", "no job", {"job_id": ABSENT}, UNDETERMINED),
    ("gitlab-ci", "client", "an empty pipeline", {"pipeline_id": ""}, UNDETERMINED),
    ("gitlab-ci", "client", "a fork", {"project_id": "667", "job_project_id": "20"}, UNLISTED),
    ("gitlab-ci", "client", "another group", {"namespace_id": "666"}, OTHER_TENANT),
    ("gitlab-ci", "client", "a number", {"project_id": 20}, WRONG_TYPE),
    ("gitlab-ci", "client", "a protected ref that is a boolean", {"ref_protected": True}, WRONG_TYPE),
    ("kubernetes", "client", "another namespace", {"sub": "system:serviceaccount:dev:batch"}, UNDETERMINED),
    ("kubernetes", "client", "a longer name", {"sub": "system:serviceaccount:prod:batch:x"}, UNDETERMINED),
    ("kubernetes", "client", "capitals", {"sub": "System:ServiceAccount:prod:batch"}, UNDETERMINED),
    ("kubernetes", "client", "a person", {"sub": "alice"}, UNDETERMINED),
    ("kubernetes", "client", "the spelling alone", {K8S: ABSENT}, UNDETERMINED),
    ("kubernetes", "client", "text for an object", {K8S: "prod"}, WRONG_TYPE),
    ("kubernetes", "client", "null for an object", {K8S: None}, WRONG_TYPE),
    ("kubernetes", "client", "no account", {K8S: {"namespace": "prod"}}, UNDETERMINED),
    (
        "kubernetes",
        "client",
        "namespaces in an array",
        {K8S: {"namespace": ["prod"], "serviceaccount": ACCOUNT}},
        WRONG_TYPE,
    ),
    (
        "kubernetes",
        "client",
        "no name",
        {"sub": "system:serviceaccount::batch", K8S: {"namespace": "", "serviceaccount": ACCOUNT}},
        UNDETERMINED,
    ),
    ("kubernetes", "client", "a Secret's", {"kubernetes.io/serviceaccount/namespace": "prod"}, OTHER_CLASS),
    (
        "kubernetes",
        "client",
        "an account that nobody listed",
        {
            "sub": "system:serviceaccount:dev:batch",
            K8S: {"namespace": "dev", "serviceaccount": ACCOUNT},
        },
        UNLISTED,
    ),
    ("spiffe", "client", "a longer domain", {"sub": "spiffe://prod.example.org.evil/ns/a"}, UNDETERMINED),
    ("spiffe", "client", "a domain in front", {"sub": "spiffe://x.prod.example.org/ns/a"}, UNDETERMINED),
    ("spiffe", "client", "a user part", {"sub": "spiffe://prod.example.org@evil.example/ns/a"}, NO_ID),
    ("spiffe", "client", "a port", {"sub": "spiffe://prod.example.org:443/ns/prod/sa/batch"}, NO_ID),
    ("spiffe", "client", "another scheme", {"sub": "https://prod.example.org/ns/prod/sa/batch"}, NO_ID),
    ("spiffe", "client", "capitals", {"sub": "SPIFFE://prod.example.org/ns/prod/sa/batch"}, NO_ID),
    ("spiffe", "client", "a way up", {"sub": "spiffe://prod.example.org/ns/dev/../prod/sa/batch"}, NO_ID),
    ("spiffe", "client", "an empty part", {"sub": "spiffe://prod.example.org//ns/prod/sa/batch"}, NO_ID),
    ("spiffe", "client", "an open end", {"sub": "spiffe://prod.example.org/ns/prod/sa/batch/"}, NO_ID),
    ("spiffe", "client", "an escape", {"sub": "spiffe://prod.example.org/ns/prod/sa/%62atch"}, NO_ID),
    ("spiffe", "client", "a query", {"sub": "spiffe://prod.example.org/ns/prod/sa/batch?x=1"}, NO_ID),
    ("spiffe", "client", "the domain itself", {"sub": "spiffe://prod.example.org"}, NO_ID),
    ("spiffe", "client", "no subject", {"sub": ABSENT}, UNDETERMINED),
    ("spiffe", "client", "another workload", {"sub": "spiffe://prod.example.org/ns/prod/sa/x"}, UNLISTED),
    ("spiffe", "client", "another class", {"header.typ": "at+jwt"}, OTHER_TYP),
    ("aws-sts", "client", "another role", {"sub": "arn:aws:iam::123456789012:role/X"}, UNDETERMINED),
    ("aws-sts", "client", "another account", {"sub": "arn:aws:iam::666:role/DataJob"}, UNDETERMINED),
    ("aws-sts", "client", "its session", {"sub": "arn:aws:sts::1:assumed-role/DataJob/s"}, UNDETERMINED),
    ("aws-sts", "client", "a person's role", {"sub": SSO}, CONFLICT),
    ("aws-sts", "client", "root", {"sub": "arn:aws:iam::123456789012:root"}, CONFLICT),
    ("aws-sts", "client", "a person's session", {AWS: {"identity_store_user_id": "p"}}, CONFLICT),
    ("aws-sts", "client", "a null person's", {AWS: {"identity_store_user_id": None}}, WRONG_TYPE),
    ("aws-sts", "client", "text for an object", {AWS: "123456789012"}, WRONG_TYPE),
    ("aws-sts", "client", "a person's mark", {"sub_profile": "user"}, FOREIGN),
    ("vault", "client", "an entity's alias", {"sub": "bob", "username": "bob"}, UNDETERMINED),
    ("vault", "user", "a template's mark", {"gty": "client_credentials"}, FOREIGN),
    ("vault", "client", "a template's mark", {"idtyp": "user"}, FOREIGN),
    ("vault", "user", "an ID token", {"nonce": "n"}, OTHER_CLASS),
    ("vault", "user", "no entity", {"sub": ABSENT}, UNDETERMINED),
    ("teleport", "client", "a name like a bot's", {"sub": "bot-mallory"}, UNDETERMINED),
    ("teleport", "user", "a name in capitals", {"sub": "Alice"}, UNDETERMINED),
    ("teleport", "user", "a name with a blank", {"sub": "alice "}, NO_ID),
    ("teleport", "user", "another name beside it", {"sub": "mallory", "username": "alice"}, UNDETERMINED),
    ("salesforce", "client", "another user", {"sub": "uid:005xx000001Other"}, UNDETERMINED),
    ("salesforce", "client", "an id without its type", {"sub": "005xx000001RunAs"}, UNDETERMINED),
    ("salesforce", "user", "another class", {"header.tty": "id"}, OTHER_CLASS),
    ("salesforce", "user", "no class", {"header.tty": ABSENT}, OTHER_CLASS),
    ("salesforce", "user", "classes", {"header.tty": ["sfdc-core-token"]}, WRONG_TYPE),
    ("salesforce", "user", "a listed machine's app", {"client_id": "uid:005xx000001RunAs"}, MACHINES_ONLY),
    ("adfs", "user", "no rule that names anybody", {"sub": ABSENT}, UNDETERMINED),
    ("adfs", "client", "the application for a subject", {"sub": "an-application"}, UNDETERMINED),
    ("adfs", "user", "a login", {"sub": "alice@corp.example"}, UNDETERMINED),
    ("adfs", "user", "subjects", {"sub": ["S-1-5-21-1-2-3-1001"]}, WRONG_TYPE),
    ("pingfederate", "client", "a client's id", {"sub": "portal", "client_id": "portal"}, UNDETERMINED),
    ("pingfederate", "user", "a machine's grant", {"grant_type": "client_credentials"}, FOREIGN),
    ("pingfederate", "user", "an empty subject", {"sub": ""}, NO_ID),
    ("pingfederate", "client", "for a person", {"act": {"sub": "batch-job"}}, ACTOR),
]


@pytest.mark.parametrize(("profile", "machine"), MACHINES, ids=[name for name, _ in MACHINES])
def test_a_machine_is_who_it_is_with_what_policies_may_read(profile: str, machine: Client) -> None:
    """The whole entity: id, category and tags."""
    assert outcome(mapper(profile), token(profile, "client")) == machine


@pytest.mark.parametrize(("profile", "person"), PEOPLE, ids=[name for name, _ in PEOPLE])
def test_a_person_is_who_they_are(profile: str, person: User) -> None:
    """The whole entity; nothing is read of them that the profile or the operator doesn't name."""
    assert outcome(mapper(profile), token(profile, "user")) == person


@pytest.mark.parametrize("row", HOSTILE, ids=[f"{row[0]}: {row[2]} ({row[1]})" for row in HOSTILE])
def test_a_look_alike_is_refused(row: Row) -> None:
    """The code and the detail, though everything else in the token is right."""
    profile, kind, _, changes, expected = row

    assert outcome(mapper(profile), token(profile, kind, changes)) == expected


def test_every_profile_has_its_hostile_tokens() -> None:
    """Three of each at least."""
    counts = {name: sum(row[0] == name for row in HOSTILE) for name in (*WORKLOADS, *BOTH_KINDS)}

    assert {name: count for name, count in counts.items() if count < 3} == {}


def _reversed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _reversed(value[name]) for name in reversed(list(value))}
    return value


def _kinds() -> Iterator[tuple[str, Kind]]:
    for profile in (*WORKLOADS, *BOTH_KINDS):
        yield profile, "client"
        if profile in BOTH_KINDS:
            yield profile, "user"


@pytest.mark.parametrize(("profile", "kind"), list(_kinds()))
def test_order_and_foreign_claims_change_nothing(profile: str, kind: Kind) -> None:
    """Members from last to first, among them some that mean something at other issuers."""
    plain = token(profile, kind)
    noise = {
        "acr": "1",
        "amr": ["pwd"],
        "name": "spiffe://prod.example.org/x",
        "https://x/gty": "client-credentials",
        "preferred_username": "service-account-x",
        "sid": "s",
        "uid": "u",
    }
    turned = VerifiedToken(
        issuer="idp", header=_reversed(plain.header), claims=_reversed({**plain.claims, **noise})
    )

    assert outcome(mapper(profile), turned) == outcome(mapper(profile), plain)


@pytest.mark.parametrize("profile", WORKLOADS)
def test_issuers_of_workloads_have_no_people(profile: str) -> None:
    """No rule for people, so no flag and no claim makes one; and their machines may be listed by prefix."""
    loaded = load_profile(profile)

    assert (loaded.machines_only, loaded.user, loaded.user_id) == (True, None, None)


@pytest.mark.parametrize("profile", ["google", "cognito"])
def test_machines_beside_people_are_not_listed_by_prefix(profile: str) -> None:
    """Where people's tokens come from the same issuer, each machine is listed."""
    with pytest.raises(ConfigError, match="aren't all of machines"):
        mapper(profile, prefixes={"1/": LISTED})


DOMAINS: Final = [
    ("bot@acme.iam.gserviceaccount.com", "client"),
    ("bot@IAM.GServiceAccount.com", "client"),
    ("123-compute@developer.gserviceaccount.com", "client"),
    ("acme@appspot.gserviceaccount.com", "client"),
    ("bot@notgserviceaccount.com", "user"),
    ("bot@gserviceaccount.com.evil.example", "user"),
    ("iam.gserviceaccount.com@evil.example", "user"),
    ("bot@gserviceaccount.co", "user"),
]


@pytest.mark.parametrize(("email", "kind"), DOMAINS)
def test_google_gives_out_what_is_below_its_own_label(email: str, kind: Kind) -> None:
    """A domain is compared label by label, without regard to case."""
    claims = {"email": email, "sub": "1", "azp": ABSENT}
    machine = Client(issuer="idp", client_id="1", attributes={"service_account": (email,)})
    person = User(issuer="idp", subject="1")
    clients = {"1": LISTED} if kind == "client" else {}

    found = outcome(mapper("google", flags={}, clients=clients), token("google", "client", claims))

    assert found == (machine if kind == "client" else person)


def test_google_admits_every_domain_until_told_otherwise() -> None:
    """Without `hosted_domains`, a person of no organisation is a person."""
    person = token("google", "user", {"hd": ABSENT, "email": "mallory@evil.example"})

    assert outcome(mapper("google", flags={}), person) == User(issuer="idp", subject="110000000000000000007")


def test_google_asks_machines_for_no_organisation() -> None:
    """Service accounts have no `hd`; the flag is about people."""
    machine = token("google", "client")

    assert "hd" not in machine.claims
    assert isinstance(outcome(mapper("google", flags={"hosted_domains": ["acme.example"]}), machine), Client)


def account(namespace: str) -> VerifiedToken:
    """A service account `other` of a namespace."""
    changes = {
        "sub": f"system:serviceaccount:{namespace}:other",
        K8S: {"namespace": namespace, "serviceaccount": {"name": "other", "uid": "u-2"}},
    }
    return token("kubernetes", "client", changes)


def test_a_namespace_is_admitted_to_its_last_letter() -> None:
    """By its prefix, with what the operator says of all in it; a namespace with a longer name is another."""
    team = KnownClient(grants=frozenset({"workload"}), groups=frozenset({"prod"}))
    by = mapper("kubernetes", clients={}, prefixes={"system:serviceaccount:prod:": team})

    assert outcome(by, account("prod")) == Client(
        issuer="idp",
        client_id="system:serviceaccount:prod:other",
        category="workload",
        groups=frozenset({"prod"}),
        attributes={"namespace": ("prod",), "service_account": ("other",), "service_account_uid": ("u-2",)},
    )
    assert [outcome(by, account(name)) for name in ("prod-2", "prod2", "pro", "kube-prod")] == [UNLISTED] * 4


def test_a_path_is_admitted_to_its_last_slash() -> None:
    """A SPIFFE id that only begins like the path is another workload."""
    by = mapper("spiffe", clients={}, prefixes={"spiffe://prod.example.org/ns/prod/": LISTED})
    domain = "spiffe://prod.example.org"

    def found(path: str) -> Outcome:
        return outcome(by, token("spiffe", "client", {"sub": domain + path}))

    assert found("/ns/prod/sa/other") == Client(
        issuer="idp",
        client_id=f"{domain}/ns/prod/sa/other",
        category="workload",
        attributes={"trust_domain": ("prod.example.org",), "path": ("/ns/prod/sa/other",)},
    )
    assert [found(path) for path in ("/ns/prod2/sa/other", "/ns/prod", "/x/ns/prod/sa/a")] == [UNLISTED] * 3
    assert found("/ns/prod/../dev/sa/other") == NO_ID


@pytest.mark.parametrize(
    ("profile", "prefix", "flag", "claim"),
    [
        ("github-actions", "repository_id:", "owners", "repository_id"),
        ("gitlab-ci", "project_id:", "namespaces", "project_id"),
    ],
)
def test_everything_of_an_owner_needs_the_owner(profile: str, prefix: str, flag: str, claim: str) -> None:
    """Where the whole world shares an issuer, a prefix is refused until it is said whose."""
    any_of_ours = token(profile, "client", {claim: "99"})
    by = mapper(profile, clients={}, prefixes={prefix: LISTED})
    found = outcome(by, any_of_ours)

    assert isinstance(found, Client)
    assert (found.client_id, found.category) == (f"{prefix}99", "workload")
    with pytest.raises(ConfigError, match=f"many tenants share this issuer.*`{flag}`"):
        mapper(profile, flags={}, clients={}, prefixes={prefix: LISTED})


@pytest.mark.parametrize("profile", ["github-actions", "gitlab-ci"])
def test_a_listed_number_needs_no_owner(profile: str) -> None:
    """Numbers belong to one repository for ever, whoever owns it."""
    found = outcome(mapper(profile, flags={}), token(profile, "client"))

    assert isinstance(found, Client)
    assert outcome(mapper(profile, flags={}, clients={}), token(profile, "client")) == UNLISTED


@pytest.mark.parametrize("pod", [ABSENT, {"name": "p"}, {"name": "", "uid": "u"}])
def test_pods_only_refuses_what_somebody_asked_for(pod: object) -> None:
    """Without the flag, a token that is bound to nothing is the account's all the same."""
    body: Claims = {"namespace": "prod", "serviceaccount": ACCOUNT}
    if pod is not ABSENT:
        body["pod"] = pod
    by_hand = token("kubernetes", "client", {K8S: body})
    bound = token("kubernetes", "client")

    assert outcome(mapper("kubernetes", flags={"pods_only": True}), by_hand) == UNDETERMINED
    assert isinstance(outcome(mapper("kubernetes", flags={"pods_only": True}), bound), Client)


def test_a_trust_domain_must_be_said() -> None:
    """Without it, whoever's key it is would vouch for everybody's workloads."""
    with pytest.raises(ConfigError, match="doesn't set `trust_domain`"):
        mapper("spiffe", flags={})


def test_a_path_that_says_user_is_a_workloads() -> None:
    """What a path says is the administrator's naming, and names no person."""
    who = "spiffe://prod.example.org/user/alice"
    found = outcome(mapper("spiffe", clients={who: LISTED}), token("spiffe", "client", {"sub": who}))

    assert found == Client(
        issuer="idp",
        client_id=who,
        category="workload",
        attributes={"trust_domain": ("prod.example.org",), "path": ("/user/alice",)},
    )


@pytest.mark.parametrize("profile", REGISTRIES)
def test_in_a_registry_the_list_alone_decides(profile: str) -> None:
    """The same token is a machine's, a person's or nobody's, as its subject is listed."""
    machine, person = token(profile, "client"), token(profile, "user")
    ids = {"machine_subjects": [machine.claims["sub"]], "human_subjects": [person.claims["sub"]]}
    swapped = {"machine_subjects": ids["human_subjects"], "human_subjects": ids["machine_subjects"]}
    straight, crossed = mapper(profile, flags=ids, clients={}), mapper(profile, flags=swapped, clients={})

    assert [straight.map(one).kind for one in (machine, person)] == ["client", "user"]
    assert [crossed.map(one).kind for one in (machine, person)] == ["user", "client"]
    assert [outcome(mapper(profile, flags={}, clients={}), one) for one in (machine, person)] == [
        UNDETERMINED
    ] * 2


@pytest.mark.parametrize("profile", REGISTRIES)
def test_in_a_registry_nobody_is_both(profile: str) -> None:
    """A subject on both lists is a mistake, and which is meant can't be guessed."""
    with pytest.raises(ConfigError, match="both as a machine and as a person"):
        mapper(profile, flags={"machine_subjects": ["x"], "human_subjects": ["x"]})


@pytest.mark.parametrize("profile", REGISTRIES)
def test_in_a_registry_an_application_of_people_is_no_machine(profile: str) -> None:
    """Only a machine's grant lists a machine."""
    machine = token(profile, "client")
    app = KnownClient(grants=frozenset({"authorization_code"}))

    assert outcome(mapper(profile, flags={}, clients={machine.claims["sub"]: app}), machine) == UNDETERMINED


def test_cognito_reads_the_app_client_for_the_audience_where_there_is_none() -> None:
    """Without a resource, no `aud` is written; `client_id` then says for whom a token is."""
    assert load_profile("cognito").audience == ("aud", "client_id")


FORMS: Final = [
    ("adfs", "http://adfs.example.com/adfs/services/trust"),
    ("aws-sts", "https://abc123-def456.tokens.sts.global.api.aws"),
    ("cognito", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E"),
    ("github-actions", "https://token.actions.githubusercontent.com"),
    ("github-actions", "https://token.actions.githubusercontent.com/acme"),
    ("github-actions", "https://token.actions.acme.ghe.com"),
    ("github-actions", "https://github.acme.example/_services/token"),
    ("google", "https://accounts.google.com"),
    ("salesforce", "https://acme.my.salesforce.com"),
    ("vault", "https://vault.example.com:8200/v1/identity/oidc"),
]


@pytest.mark.parametrize(("profile", "iss"), FORMS)
def test_the_form_of_an_issuer_is_known(profile: str, iss: str) -> None:
    """Where a product has one: help for the operator, that decides nothing."""
    forms = load_profile(profile).issuer_forms

    assert [form.matches(iss) for form in forms].count(True) == 1


CONFIG: Final = """\
version: 1
servers:
  delivery:
    resource: https://mcp.example.com
    audiences: {pool: {client: [robot-app], user: [web-app]}}
issuers:
  cluster:
    issuer: https://oidc.k8s.example.com
    profile: kubernetes
    keys: {file: keys.json}
    clients: {"system:serviceaccount:prod:batch": {grants: [workload]}}
  mesh:
    issuer: spiffe://prod.example.org
    profile: spiffe
    keys: {file: keys.json}
    flags: {trust_domain: prod.example.org}
    clients: {"spiffe://prod.example.org/a": {grants: [workload]}}
  pool:
    issuer: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E
    profile: cognito
    keys: {file: keys.json}
    clients: {robot-app: {grants: [client_credentials]}, other-app: {grants: [client_credentials]}}
policies: none.cedar
"""
NOW: Final = 1_790_000_000
TIMES: Final = {"iat": NOW, "exp": NOW + 600, "jti": "j-1"}
POOL: Final = {
    "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E",
    "token_use": "access",
}
SVID: Final = {"sub": "spiffe://prod.example.org/a", "aud": ["https://mcp.example.com"], **TIMES}


@pytest.fixture(scope="module")
def key() -> SigningKey:
    """The key of all three issuers: what tells them apart is the token."""
    return SigningKey.generate("RS256")


@pytest.fixture(scope="module")
def decide(key: SigningKey, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[str, str]]:
    """What the whole engine says of a token: the code, with its detail, and the principal."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "policy-engine.yaml").write_text(CONFIG)
    (folder / "keys.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
    (folder / "none.cedar").write_text("// nobody may anything\n")
    engine = PolicyEngine.from_config(folder / "policy-engine.yaml", now=lambda: float(NOW))

    def ask(token: str) -> tuple[str, str]:
        found = engine.evaluate(token, {"jsonrpc": "2.0", "id": 1, "method": "ping"})
        return found.detail or found.code, "" if found.principal is None else str(found.principal.uid)

    return ask


def test_an_app_client_is_the_audience_where_cognito_writes_none(
    key: SigningKey, decide: Callable[[str], tuple[str, str]]
) -> None:
    """By kind, since `client_id` is in every token of the pool; an `aud` that is there counts instead."""

    def pool(**claims: object) -> tuple[str, str]:
        return decide(sign({**POOL, **TIMES, **claims}, key, typ=None))

    assert pool(sub="robot-app", client_id="robot-app") == ("no_permit", 'Client::"pool/robot-app"')
    assert pool(sub="p", client_id="web-app", username="alice") == ("no_permit", 'User::"pool/p"')
    assert pool(sub="other-app", client_id="other-app")[0] == "invalid_audience"
    assert pool(sub="p", client_id="robot-app", username="alice")[0] == "mixed_grant_client"
    assert pool(sub="robot-app", client_id="robot-app", aud="https://other.example")[0] == "invalid_audience"


def test_a_workload_without_an_issuer_is_found_by_its_trust_domain(
    key: SigningKey, decide: Callable[[str], tuple[str, str]]
) -> None:
    """And one that names an issuer only by that; another domain has none here."""
    assert decide(sign(SVID, key, typ="JWT")) == ("no_permit", 'Client::"mesh/spiffe://prod.example.org/a"')
    for changes in (
        {"sub": "spiffe://prod.example.org.evil/a"},
        {"sub": "spiffe://prod.example.org/../a"},
        {"sub": ["spiffe://prod.example.org/a"]},
        {"iss": "spiffe://evil.example"},
        {"iss": None},
    ):
        assert decide(sign({**SVID, **changes}, key, typ="JWT")) == ("unknown_issuer", "")


def test_a_member_that_is_there_twice_is_nobodys(
    key: SigningKey, decide: Callable[[str], tuple[str, str]]
) -> None:
    """Whichever of the two a reader takes, at whatever depth, and however it is spelt."""
    account = {"namespace": "prod", "serviceaccount": {"name": "batch", "uid": "u"}}
    claims = {
        "iss": "https://oidc.k8s.example.com",
        "sub": "system:serviceaccount:prod:batch",
        "aud": "https://mcp.example.com",
        K8S: account,
        **TIMES,
    }
    whole = json.dumps(claims)

    assert decide(sign(whole.encode(), key, typ=None))[0] == "no_permit"
    for once, twice in (
        ('"namespace": "prod"', '"namespace": "dev", "namespace": "prod"'),
        ('"namespace": "prod"', '"n\\u0061mespace": "dev", "namespace": "prod"'),
        ('"sub": ', '"sub": "alice", "sub": '),
    ):
        assert once in whole
        code, principal = decide(sign(whole.replace(once, twice).encode(), key, typ=None))
        assert (code, principal) == ("duplicate_member", "")
