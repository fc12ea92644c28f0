"""Before any rule is asked: the class of a token, and the form of its ids."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import MappingError
from policy_engine.mapper import KnownClient, Mapper
from policy_engine.model import User, VerifiedToken
from tests.plugins.samples import samples

BOT = {"bot": KnownClient(grants=frozenset({"client_credentials"}))}


def refusal(mapper: Mapper, header: dict[str, Any], claims: dict[str, Any]) -> tuple[str, str | None]:
    """Code and detail of the refusal of a token."""
    with pytest.raises(MappingError) as refused:
        mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims))
    return refused.value.code, refused.value.detail


PERSON = {"sub": "alice", "client_id": "web", "auth_time": 1}

HEADERS: list[tuple[dict[str, Any], str | None]] = [
    ({"typ": "at+jwt"}, None),
    ({"typ": "AT+JWT"}, None),
    ({"typ": "application/at+jwt"}, None),
    ({"typ": "application/at+JWT"}, None),
    ({}, "typ"),
    ({"typ": None}, "typ"),
    ({"typ": ["at+jwt"]}, "typ"),
    ({"typ": "JWT"}, "typ"),
    ({"typ": "at+jwt "}, "typ"),
    ({"typ": "text/at+jwt"}, "typ"),
    ({"typ": "oauth-id-jag+jwt"}, "token_class"),
    ({"typ": "application/logout+jwt"}, "token_class"),
    ({"typ": "client-authentication+jwt"}, "token_class"),
]


@pytest.mark.parametrize(("header", "detail"), HEADERS, ids=[repr(row[0]) for row in HEADERS])
def test_only_the_header_types_of_the_profile_are_access_tokens(
    header: dict[str, Any], detail: str | None, mapper_for: Callable[..., Mapper]
) -> None:
    """Compared as media types are: in any case, with or without `application/`."""
    mapper = mapper_for("rfc9068")
    if detail is None:
        assert mapper.map(VerifiedToken(issuer="idp", header=header, claims=PERSON)).kind == "user"
    else:
        assert refusal(mapper, header, PERSON) == ("invalid_token_type", detail)


@pytest.mark.parametrize("typ", [None, 1, "", "at+jwt"])
def test_an_issuer_without_header_types_has_none(typ: object, mapper_for: Callable[..., Mapper]) -> None:
    """`null` in a header isn't the absence of a type."""
    claims = {"sub": "alice", "cid": "web", "uid": "u1"}

    assert refusal(mapper_for("okta"), {"typ": typ}, claims) == ("invalid_token_type", "typ")


@pytest.mark.parametrize("mark", ["nonce", "at_hash", "c_hash", "s_hash", "events"])
def test_an_id_token_is_no_access_token(mark: str, mapper_for: Callable[..., Mapper]) -> None:
    """Its issuer signed it for the application, which may be anyone; RFC 9068's header type settles it."""
    claims = {"sub": "alice", "cid": "web", "uid": "u1"}

    assert refusal(mapper_for("okta"), {}, {**claims, mark: None}) == ("invalid_token_type", "token_class")
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={**PERSON, mark: "x"})
    assert mapper_for("rfc9068").map(token).kind == "user"


def test_a_profile_may_say_that_access_tokens_bear_these_marks(
    mapper_for: Callable[..., Mapper], write_profile: Callable[..., Path]
) -> None:
    """Some issuers have one class of token only."""
    mapper = mapper_for(write_profile(typ="[JWT]", id_tokens_allowed="true"))
    claims = {"sub": "alice", "client_id": "web", "kind": "person", "at_hash": "x"}

    assert mapper.map(VerifiedToken(issuer="idp", header={"typ": "JWT"}, claims=claims)).kind == "user"


@settings(max_examples=samples(300))
@given(subject=st.text(max_size=260))
def test_a_subject_is_taken_exactly_or_not_at_all(subject: str, mapper_for: Callable[..., Mapper]) -> None:
    """1 to 255 printable ASCII characters without outer blanks; nothing is stripped or folded."""
    fits = (
        0 < len(subject) <= 255
        and all(" " <= char <= "~" for char in subject)
        and not subject.startswith(" ")
        and not subject.endswith(" ")
    )
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={**PERSON, "sub": subject})
    mapper = mapper_for("rfc9068")
    try:
        principal = mapper.map(token).principal
    except MappingError as error:
        assert error.detail in ({"lookalike_subject", "conflict"} if fits else {"sub_form"})
    else:
        assert fits
        assert isinstance(principal, User)
        assert principal.subject == subject


@pytest.mark.parametrize(("length", "fits"), [(255, True), (256, False)])
def test_a_subject_has_up_to_255_characters(
    length: int,
    fits: bool,  # noqa: FBT001 -- an answer
    mapper_for: Callable[..., Mapper],
) -> None:
    """OpenID Connect Core section 2."""
    claims = {**PERSON, "sub": "a" * length}
    if fits:
        token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims)
        assert mapper_for("rfc9068").map(token).kind == "user"
    else:
        assert refusal(mapper_for("rfc9068"), {"typ": "at+jwt"}, claims) == ("invalid_claim", "sub_form")


IDS: list[tuple[str, str, dict[str, Any], tuple[str, str | None]]] = [
    ("rfc9068", "at+jwt", {"sub": "alice", "auth_time": 1}, ("invalid_claim", "missing_claim")),
    ("rfc9068", "at+jwt", {"client_id": "web", "auth_time": 1}, ("invalid_claim", "missing_claim")),
    ("rfc9068", "at+jwt", {**PERSON, "client_id": "w\n"}, ("invalid_claim", "sub_form")),
    ("auth0", "JWT", {"sub": "auth0|1", "client_id": "web"}, ("invalid_claim", "missing_claim")),
    ("auth0", "at+jwt", {"sub": "auth0|1", "azp": "web"}, ("invalid_claim", "missing_claim")),
    (
        "entra",
        "JWT",
        {"ver": "2.0", "appid": "a", "scp": "x", "oid": "o"},
        ("invalid_claim", "missing_claim"),
    ),
    (
        "entra",
        "JWT",
        {"ver": "3.0", "azp": "a", "scp": "x", "oid": "o"},
        ("ambiguous_principal", "undetermined"),
    ),
    ("entra", "JWT", {"azp": "a", "scp": "x", "oid": "o"}, ("ambiguous_principal", "undetermined")),
    ("entra", "JWT", {"ver": 2.0, "azp": "a", "scp": "x", "oid": "o"}, ("invalid_claim", "claim_type")),
    ("entra", "JWT", {"ver": "2.0", "azp": "a", "scp": "x"}, ("invalid_claim", "missing_claim")),
]


@pytest.mark.parametrize(
    ("profile", "typ", "claims", "expected"), IDS, ids=[f"{row[0]} {row[1]} {row[2]!r}" for row in IDS]
)
def test_no_other_claim_stands_in_for_an_id(
    profile: str,
    typ: str,
    claims: dict[str, Any],
    expected: tuple[str, str | None],
    mapper_for: Callable[..., Mapper],
) -> None:
    """`sub or client_id` is how machines become people; each id has one claim."""
    assert (
        refusal(mapper_for(profile), {"typ": typ}, {"iss": "https://x/v2.0", "aud": "a", **claims})
        == expected
    )


def test_people_may_come_without_a_client_where_the_profile_says_so(
    mapper_for: Callable[..., Mapper], write_profile: Callable[..., Path]
) -> None:
    """Machines never do."""
    mapper = mapper_for(write_profile(client_id="{claim: client_id, optional: true}"), BOT)
    identity = mapper.map(
        VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={"sub": "alice", "kind": "person"})
    )

    assert identity.principal == User(issuer="idp", subject="alice")
    assert identity.token.client_id is None
    assert refusal(mapper, {"typ": "at+jwt"}, {"sub": "bot", "kind": "app"}) == (
        "invalid_claim",
        "missing_claim",
    )


def test_the_client_may_be_chosen_by_an_absence(
    mapper_for: Callable[..., Mapper], write_profile: Callable[..., Path]
) -> None:
    """The word `absent` is a case like another."""
    mapper = mapper_for(write_profile(client_id="{by: ver, cases: {absent: client_id, '2': azp}}"))
    claims = {"sub": "alice", "kind": "person", "client_id": "one", "azp": "two"}

    for more, client_id in (({}, "one"), ({"ver": "2"}, "two")):
        token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={**claims, **more})
        assert mapper.map(token).token.client_id == client_id
