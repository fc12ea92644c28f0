"""Whom an operator lists: one by one, in flags, by the beginning of ids; what is refused as it loads."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import IssuerMapping, KnownClient, Mapper, load_profile
from policy_engine.model import Client, Identity, User, VerifiedToken

WORKLOAD = KnownClient(grants=frozenset({"workload"}))
APP = KnownClient(grants=frozenset({"authorization_code"}))
PROD = "system:serviceaccount:prod:"


def kubernetes(namespace: str, name: str) -> VerifiedToken:
    """A service account's token."""
    account = {"namespace": namespace, "serviceaccount": {"name": name, "uid": "u-1"}}
    claims = {"sub": f"system:serviceaccount:{namespace}:{name}", "kubernetes.io": account}
    return VerifiedToken(issuer="idp", header={}, claims=claims)


def mapper_with(
    profile: str,
    prefixes: Mapping[str, KnownClient] | None = None,
    clients: Mapping[str, KnownClient] | None = None,
    **flags: Any,
) -> Mapper:
    """One issuer, `idp`."""
    return Mapper(
        [
            IssuerMapping(
                name="idp",
                profile=load_profile(profile),
                prefixes=prefixes or {},
                clients=clients or {},
                flags=flags,
            )
        ]
    )


def test_a_prefix_lists_a_namespace() -> None:
    """Every account of the namespace, and of no other, gets what is said of the prefix."""
    mapper = mapper_with(
        "kubernetes", {PROD: KnownClient(grants=WORKLOAD.grants, groups=frozenset({"prod"}))}
    )

    found = mapper.map(kubernetes("prod", "batch")).principal

    assert isinstance(found, Client)
    assert (found.uid.id, set(found.groups), found.category) == (f"idp/{PROD}batch", {"prod"}, "workload")
    for namespace in ("production", "dev", "prod2"):
        with pytest.raises(MappingError) as caught:
            mapper.map(kubernetes(namespace, "batch"))
        assert caught.value.code == "unregistered_client"


def test_what_is_said_of_one_stands_before_what_is_said_of_many() -> None:
    """An id of its own, else the longest prefix."""
    wide = KnownClient(grants=WORKLOAD.grants, groups=frozenset({"wide"}))
    narrow = KnownClient(grants=WORKLOAD.grants, groups=frozenset({"narrow"}))
    own = KnownClient(grants=WORKLOAD.grants, groups=frozenset({"own"}))
    mapper = mapper_with("kubernetes", {"system:serviceaccount:": wide, PROD: narrow}, {f"{PROD}batch": own})

    groups = {
        (namespace, name): mapper.map(kubernetes(namespace, name)).principal.groups
        for namespace, name in (("prod", "batch"), ("prod", "web"), ("dev", "batch"))
    }

    assert groups == {("prod", "batch"): {"own"}, ("prod", "web"): {"narrow"}, ("dev", "batch"): {"wide"}}


@given(namespace=st.text(st.sampled_from("prod-x"), min_size=1, max_size=6))
def test_a_prefix_is_of_whole_names(namespace: str) -> None:
    """However a namespace is named, the prefix of another doesn't admit it."""
    mapper = mapper_with("kubernetes", {PROD: WORKLOAD})

    try:
        found: Identity | None = mapper.map(kubernetes(namespace, "batch"))
    except MappingError:
        found = None

    assert (found is not None) == (namespace == "prod")


REFUSED: dict[str, tuple[str, dict[str, KnownClient], dict[str, Any], str]] = {
    "an issuer of people, too": ("keycloak", {"svc-": WORKLOAD}, {}, "aren't all of machines"),
    "half a name": ("kubernetes", {"system:serviceaccount:prod": WORKLOAD}, {}, "ends within a name"),
    "people's grants": ("kubernetes", {PROD: APP}, {}, "a grant that isn't a machine's"),
    "a grant of both kinds": (
        "kubernetes",
        {PROD: KnownClient(grants=frozenset({"workload", "password"}))},
        {},
        "can't be told from those for people",
    ),
    "exchange": (
        "kubernetes",
        {PROD: KnownClient(grants=frozenset({"workload", "token-exchange"}))},
        {},
        "a grant that isn't a machine's",
    ),
    "everybody at a shared issuer": (
        "github-actions",
        {"repository_id:": WORKLOAD},
        {},
        "all of them would be let in",
    ),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED.keys())
def test_a_prefix_that_would_admit_too_much_is_refused(
    row: tuple[str, dict[str, KnownClient], dict[str, Any], str],
) -> None:
    """When it loads, not when a stranger comes."""
    profile, prefixes, flags, problem = row

    with pytest.raises(ConfigError) as caught:
        mapper_with(profile, prefixes, **flags)

    assert problem in caught.value.problem
    assert caught.value.remedy


def test_all_repositories_of_an_owner_can_be_listed() -> None:
    """Once the owner is pinned, a prefix means the owner's."""
    mapper = mapper_with("github-actions", {"repository_id:": WORKLOAD}, owners=["65"])
    token = load_profile("github-actions").examples["client"]
    claims = {
        **token.claims,
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "a",
        "iat": 1,
        "exp": 2,
    }
    claims |= {"repository_id": "74", "repository_owner_id": "65", "jti": "j"}
    ours = VerifiedToken(issuer="idp", header={"typ": "JWT"}, claims=claims)
    theirs = VerifiedToken(
        issuer="idp", header={"typ": "JWT"}, claims={**claims, "repository_owner_id": "66"}
    )

    assert mapper.map(ours).principal.uid.id == "idp/repository_id:74"
    with pytest.raises(MappingError) as caught:
        mapper.map(theirs)
    assert (caught.value.code, caught.value.detail) == ("unknown_issuer", "other_tenant")


def bare(subject: str) -> VerifiedToken:
    """A token without any mark."""
    return VerifiedToken(issuer="idp", header={"typ": "JWT"}, claims={"sub": subject})


def test_subjects_are_listed_in_flags() -> None:
    """A machine's, a person's, and a stranger's; a listed client is a machine, too."""
    mapper = mapper_with(
        "registry-only", clients={"robot": WORKLOAD}, machine_subjects=["bot"], human_subjects=["alice"]
    )

    assert mapper.map(bare("bot")).principal == Client(issuer="idp", client_id="bot")
    assert mapper.map(bare("robot")).principal == Client(issuer="idp", client_id="robot")
    assert mapper.map(bare("alice")).principal == User(issuer="idp", subject="alice")
    for subject in ("bob", "Alice", "alice ", "bot2"):
        with pytest.raises(MappingError):
            mapper.map(bare(subject))


@pytest.mark.parametrize(
    ("clients", "flags"),
    [
        ({}, {"machine_subjects": ["x"], "human_subjects": ["x"]}),
        ({"x": WORKLOAD}, {"human_subjects": ["x"]}),
        ({"x": APP}, {"human_subjects": ["x"]}),
    ],
)
def test_nobody_is_listed_twice(clients: dict[str, KnownClient], flags: dict[str, list[str]]) -> None:
    """A subject that is a person and a machine is refused when it loads."""
    with pytest.raises(ConfigError, match="both as a machine and as a person"):
        mapper_with("registry-only", None, clients, **flags)


@given(
    machines=st.lists(st.text("ab", min_size=1, max_size=3), max_size=4, unique=True),
    people=st.lists(st.text("ab", min_size=1, max_size=3), max_size=4, unique=True),
    subject=st.text("ab", min_size=1, max_size=3),
)
def test_lists_alone_decide(machines: list[str], people: list[str], subject: str) -> None:
    """Where nothing in a token tells its kind, exactly the lists do."""
    if set(machines) & set(people):
        return
    mapper = mapper_with("registry-only", machine_subjects=machines, human_subjects=people)
    try:
        kind = mapper.map(bare(subject)).principal.uid.type
    except MappingError as error:
        kind = str(error.detail)

    assert kind == ("Client" if subject in machines else "User" if subject in people else "undetermined")


def test_a_flag_that_a_profile_needs_is_asked_for() -> None:
    """With what it means."""
    with pytest.raises(ConfigError) as caught:
        mapper_with("oracle")

    assert caught.value.problem == "issuer `idp` doesn't set `tenant`, which profile `oracle` needs"
    assert caught.value.remedy.startswith("set it: ")


def test_a_mark_of_another_product_can_be_ignored() -> None:
    """Where the operator knows why it is there; by default it refuses."""
    claims = {"sub": "alice", "client_id": "web", "auth_time": 1, "idtyp": "app"}
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims)
    profile = load_profile("rfc9068")
    strict, lenient = (
        Mapper([IssuerMapping(name="idp", profile=profile, foreign_marks=marks)]) for marks in (True, False)
    )

    assert lenient.map(token).principal == User(issuer="idp", subject="alice")
    with pytest.raises(MappingError) as caught:
        strict.map(token)
    assert caught.value.detail == "foreign_marker"


class Store:
    """A registry whose content changes."""

    def __init__(self) -> None:
        self.known: dict[str, KnownClient] = {}

    def get(self, client_id: str, /) -> KnownClient | None:
        """Whatever is listed now."""
        return self.known.get(client_id)


def test_a_list_that_changes_is_asked_at_every_token() -> None:
    """A token is mapped once only where the list can't change; a client that was taken out is out."""
    store = Store()
    mapper = Mapper([IssuerMapping(name="idp", profile=load_profile("rfc9068"), clients=store)])
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={"sub": "bot", "client_id": "bot"})
    store.known["bot"] = KnownClient(grants=frozenset({"client_credentials"}))

    assert mapper.map(token).principal == Client(issuer="idp", client_id="bot")
    del store.known["bot"]
    with pytest.raises(MappingError):
        mapper.map(token)


def test_a_token_that_is_remembered_is_mapped_once() -> None:
    """The very same identity comes back, and another token of the same content has its own."""
    mapper = mapper_with("rfc9068", clients={"bot": KnownClient(grants=frozenset({"client_credentials"}))})
    claims = {"sub": "bot", "client_id": "bot"}
    one, other = (VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims) for _ in range(2))

    assert mapper.map(one) is mapper.map(one)
    assert mapper.map(one) == mapper.map(other)
    assert mapper.map(one) is not mapper.map(other)
