"""Marks of machines and humans that didn't decide: they must agree, or be nobody's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper import KnownClient, Mapper
from policy_engine.model import VerifiedToken

BOT = {"bot": KnownClient(grants=frozenset({"client_credentials"}))}
PERSON = {"sub": "alice", "client_id": "web", "auth_time": 1}


def refusal(mapper: Mapper, header: dict[str, Any], claims: dict[str, Any]) -> tuple[str, str | None]:
    """Code and detail of the refusal of a token."""
    with pytest.raises(MappingError) as refused:
        mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims))
    return refused.value.code, refused.value.detail


LOOKALIKES = [
    "x@clients",
    "service-account-x",
    "system:serviceaccount:ns:x",
    "spiffe://x/y",
    "(age!x)",
    "(usr!x)",
    "x@y.iam.gserviceaccount.com",
    "mch_x",
    "m2m-client-x",
]


@pytest.mark.parametrize("subject", LOOKALIKES)
def test_a_person_who_is_spelt_like_a_machine_is_refused(
    subject: str, mapper_for: Callable[..., Mapper], write_profile: Callable[..., Path]
) -> None:
    """Unless the issuer's subjects say themselves what they are."""
    claims = {"sub": subject, "client_id": "web", "kind": "person"}
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims)

    assert refusal(mapper_for(write_profile()), {"typ": "at+jwt"}, claims) == (
        "ambiguous_principal",
        "lookalike_subject",
    )
    assert mapper_for(write_profile(typed_subject="true")).map(token).kind == "user"


FOREIGN: list[tuple[str, Any, str | None, str | None]] = [
    ("gty", "client_credentials", None, "foreign_marker"),
    ("gty", "client-credentials", None, "foreign_marker"),
    ("gty", ["authorization_code", "client_credentials"], "foreign_marker", "foreign_marker"),
    ("gty", "authorization_code", "foreign_marker", None),
    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "foreign_marker", None),
    ("idtyp", "app", None, "foreign_marker"),
    ("idtyp", "User", "foreign_marker", None),
    ("sub_type", "client", None, "foreign_marker"),
    ("sub_profile", "service ai_agent", None, "foreign_marker"),
    ("sub_profile", "user", "foreign_marker", None),
    ("idtyp", 1, None, None),
    ("idtyp", None, None, None),
    ("idtyp", ["x", 1], None, None),
    ("gty", {"client_credentials": True}, None, None),
    ("https://x.example/gty", "client_credentials", None, None),
]


@pytest.mark.parametrize(
    ("name", "value", "for_machine", "for_person"), FOREIGN, ids=[f"{row[0]}={row[1]!r}" for row in FOREIGN]
)
def test_a_mark_of_another_issuers_contradicts_or_is_ignored(
    name: str,
    value: object,
    for_machine: str | None,
    for_person: str | None,
    mapper_for: Callable[..., Mapper],
) -> None:
    """It never decides; where it reads as the other kind, it refuses."""
    mapper = mapper_for("rfc9068", BOT)
    machine = {"sub": "bot", "client_id": "bot", name: value}
    for claims, detail in ((machine, for_machine), ({**PERSON, name: value}, for_person)):
        if detail is None:
            token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims)
            assert mapper.map(token).kind == ("client" if claims is machine else "user")
        else:
            assert refusal(mapper, {"typ": "at+jwt"}, claims) == ("ambiguous_principal", detail)


NATIVE: list[tuple[dict[str, Any], str | None]] = [
    ({"kind": "app"}, "client"),
    ({"kind": "app", "mark": "machine"}, "client"),
    ({"kind": "app", "mark": "human"}, "conflict"),
    ({"kind": "app", "mark": "other"}, "undetermined"),
    ({"kind": "app", "mark": "absent"}, "undetermined"),
    ({"kind": "app", "marks": "m1 m2"}, "client"),
    ({"kind": "app", "marks": "m1 h1"}, "conflict"),
    ({"kind": "app", "marks": "m1 x"}, "undetermined"),
    ({"kind": "app", "marks": ""}, "undetermined"),
    ({"kind": "person", "mark": "human"}, "user"),
    ({"kind": "person"}, "conflict"),
    ({"kind": "other", "mark": "human"}, "undetermined"),
]


@pytest.mark.parametrize(("claims", "expected"), NATIVE, ids=[repr(row[0]) for row in NATIVE])
def test_a_mark_of_the_issuers_own_must_go_with_the_decision(
    claims: dict[str, Any],
    expected: str,
    mapper_for: Callable[..., Mapper],
    write_profile: Callable[..., Path],
) -> None:
    """A value that the issuer never writes leaves it open; one of the other kind contradicts."""
    path = write_profile(
        native=(
            "{mark: {client: [absent, machine], user: [human]}, "
            "marks: {client: [absent, m1, m2], user: [absent, h1]}}"
        ),
        types="{marks: spaces}",
    )
    mapper = mapper_for(path, BOT)
    ids = {"app": ("bot", "bot")}.get(claims["kind"], ("alice", "web"))
    full = {"sub": ids[0], "client_id": ids[1], **claims}
    if expected in ("client", "user"):
        token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=full)
        assert mapper.map(token).kind == expected
    else:
        assert refusal(mapper, {"typ": "at+jwt"}, full) == ("ambiguous_principal", expected)


def test_a_mark_in_the_header_does_not_vouch_for_the_claim_of_its_name(
    mapper_for: Callable[..., Mapper], write_profile: Callable[..., Path]
) -> None:
    """Where the header's `gty` is native, the payload's is still anybody's."""
    mapper = mapper_for(write_profile(native="{header.gty: {user: [absent, code]}}"))
    claims = {"sub": "alice", "client_id": "web", "kind": "person", "gty": "client_credentials"}

    assert refusal(mapper, {"typ": "at+jwt", "gty": "code"}, claims) == (
        "ambiguous_principal",
        "foreign_marker",
    )
