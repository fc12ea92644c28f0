"""What Cedar says has the last word, and it is always asked with the schema."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policy_engine.cedar import CedarError, CedarRequest, Schema
from policy_engine.model import EntityUid
from policy_engine.review.solving import Unknown, UnknownReason
from policy_engine.review.witness import Concrete, Court, Ruling

POLICIES = """
@id("people") permit (principal is User, action == Action::"ping", resource);
@id("machines") permit (principal is Client, action == Action::"ping", resource)
when { principal.category == "service" };
@id("not-lab") forbid (principal is Client, action == Action::"ping", resource == Server::"lab");
@id("big") forbid (principal, action == Action::"shop/look", resource)
when { context.arguments has count && context.arguments.count + 1 > 9 };
@id("grows") permit (principal, action == Action::"shop/look", resource)
unless { context.arguments has count && context.arguments.count * 2 > 9 };
@id("look") permit (principal, action == Action::"shop/look", resource);
@id("named") permit (principal, action == Action::"ping", resource)
when { Tool::"shop/look".read_only && Group::"corp/eng" in Group::"corp/all" };
"""
ENTITIES = [{"uid": {"type": "Group", "id": "corp/eng"}, "parents": [{"type": "Group", "id": "corp/all"}]}]
CONTEXT = {
    "token": {"scopes": []},
    "time": {"__extn": {"fn": "datetime", "arg": "2026-01-01"}},
    "protocol_version": "2025-11-25",
    "input_responses": [],
    "has_request_state": False,
    "unrepresentable": [],
}


def entity(type_: str, id_: str, *parents: tuple[str, str], **attributes: Any) -> dict[str, Any]:
    """An entity of Cedar's JSON."""
    above = [{"type": kind, "id": name} for kind, name in parents]
    return {"uid": {"type": type_, "id": id_}, "attrs": attributes, "parents": above}


ANN = entity("User", "corp/ann", issuer="corp", subject="ann")
BOT = entity("Client", "machines/bot", issuer="machines", client_id="bot", category="service")


def asked(who: dict[str, Any], action: str, *resource: str, **arguments: Any) -> Concrete:
    """A request, and who asks."""
    context = {**CONTEXT, "arguments": arguments} if arguments else CONTEXT
    request = CedarRequest(
        EntityUid(**who["uid"]), EntityUid("Action", action), EntityUid(*resource), context
    )
    return Concrete(request=request, entities=(who,))


@pytest.fixture(scope="module")
def court(deployed: Callable[..., Any]) -> Court:
    """Cedar, with the policies above."""
    found: Court = deployed(POLICIES, ENTITIES).court
    return found


def test_each_policy_is_heard_of(court: Court) -> None:
    """Also a permit that a forbid overrides; what policies name is known."""
    concrete = asked(BOT, "ping", "Server", "lab")

    assert court.rule(concrete.request, concrete.entities) == Ruling(
        permits=("machines", "named"), forbids=("not-lab",)
    )


@pytest.mark.parametrize(
    ("count", "ruling", "allowed", "deciding"),
    [
        (1, Ruling(permits=("grows", "look")), True, ("grows", "look")),
        (8, Ruling(permits=("look",)), True, ("look",)),
        (9, Ruling(permits=("look",), forbids=("big",)), False, ("big",)),
        (
            2**63 - 1,
            Ruling(permits=("look",), errors=("grows", "big"), erring_forbids=("big",)),
            False,
            ("big",),
        ),
        (-(2**63), Ruling(permits=("look",), errors=("grows",)), True, ("look",)),
    ],
)
def test_a_forbid_that_errs_denies(
    court: Court,
    count: int,
    ruling: Ruling,
    allowed: bool,  # noqa: FBT001 -- a column
    deciding: tuple[str, ...],
) -> None:
    """As in the engine, where a permit that errs is only no permit."""
    concrete = asked(ANN, "shop/look", "Tool", "shop/look", env="x", count=count)
    found = court.rule(concrete.request, concrete.entities)

    assert found == ruling
    assert (found.allowed, found.deciding) == (allowed, deciding)


def test_nothing_is_allowed_without_a_permit() -> None:
    """And nobody decided then."""
    assert Ruling().allowed is False
    assert Ruling().deciding == ()
    assert Ruling(errors=("one",)).of("one") == (False, True)


def test_what_was_looked_for_is_confirmed(court: Court) -> None:
    """The decision, that on the twin, and what becomes of each policy."""
    concrete = asked(ANN, "ping", "Server", "lab")
    twin = asked(BOT, "ping", "Server", "lab").request
    both = replace(concrete, entities=(ANN, BOT), twin=twin)
    expected = {"people": (True, False), "machines": (False, False), "not-lab": (False, False)}

    assert court.confirm(both, allowed=True, twin_allowed=False, policies=expected) == Ruling(
        permits=("people", "named")
    )


CONTRADICTED: list[tuple[Concrete, dict[str, Any], str]] = [
    (asked(ANN, "ping", "Server", "lab"), {"allowed": False}, "Cedar allows it"),
    (asked(BOT, "ping", "Server", "lab"), {"allowed": True}, "Cedar denies it"),
    (
        replace(
            asked(ANN, "ping", "Server", "lab"),
            entities=(ANN, BOT),
            twin=asked(BOT, "ping", "Server", "lab").request,
        ),
        {"allowed": True, "twin_allowed": True},
        "asked by the other, Cedar denies it",
    ),
    (
        asked(ANN, "ping", "Server", "lab"),
        {"policies": {"people": (False, False)}},
        "Cedar doesn't say of `people` what the formula says",
    ),
    (
        asked(ANN, "shop/look", "Tool", "shop/look", env="x", count=2**63 - 1),
        {"policies": {"big": (True, False)}},
        "Cedar doesn't say of `big` what the formula says",
    ),
    (asked(ANN, "ping", "Tool", "shop/look"), {}, "Cedar can't be asked (cedar_request)"),
    (asked(ANN, "shop/look", "Tool", "shop/look", env=7), {}, "Cedar can't be asked (cedar_request)"),
    (
        asked(
            entity("Client", "machines/bot", ("Role", "corp/admin"), **BOT["attrs"]), "ping", "Server", "lab"
        ),
        {},
        "Cedar can't be asked (cedar_entities)",
    ),
    (asked(entity("User", "corp/ann"), "ping", "Server", "lab"), {}, "Cedar can't be asked (cedar_entities)"),
]


@pytest.mark.parametrize(("concrete", "expected", "detail"), CONTRADICTED)
def test_what_isnt_confirmed_is_not_known(
    court: Court, caplog: pytest.LogCaptureFixture, concrete: Concrete, expected: dict[str, Any], detail: str
) -> None:
    """It is never called a violation, and whoever looks after the encoding is told."""
    with caplog.at_level(logging.ERROR):
        assert court.confirm(concrete, **expected) == Unknown(UnknownReason.not_confirmed, detail)

    assert caplog.messages == [f"a model of the review isn't confirmed: {detail}"]


def test_a_guess_that_is_wrong_is_nobodys_fault(court: Court, caplog: pytest.LogCaptureFixture) -> None:
    """Formulas can't express the condition, so the model said of it what it liked."""
    concrete = replace(asked(BOT, "ping", "Server", "lab"), guessed=True)

    assert court.confirm(concrete, allowed=True) == Unknown(
        UnknownReason.unsupported, "a condition can't be a formula, and Cedar denies it"
    )
    assert caplog.messages == []


def test_a_known_entity_may_be_described_otherwise(court: Court) -> None:
    """What is asked about is then as the request says."""
    read = {"name": "look", "pinned": True, "read_only": False, "destructive": True, "idempotent": False}
    tool = entity("Tool", "shop/look", ("Server", "shop"), **read, open_world=True)
    concrete = asked(ANN, "ping", "Server", "lab")

    assert court.rule(concrete.request, concrete.entities).permits == ("people", "named")
    assert court.rule(concrete.request, [ANN, tool]).permits == ("people",)


def test_entities_are_checked_against_the_schema_whatever_is_known(deployed: Callable[..., Any]) -> None:
    """Also without any that are known: a machine is never in a role of people."""
    place = deployed(POLICIES, ENTITIES)
    court = Court(place.subject.running.values(), Schema.from_json(place.subject.schema))
    strange = entity("Client", "machines/bot", ("Role", "corp/admin"), **BOT["attrs"])

    with pytest.raises(CedarError, match="cedar_entities"):
        court.rule(asked(BOT, "ping", "Server", "lab").request, [strange])
