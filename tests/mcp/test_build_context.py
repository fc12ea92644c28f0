"""context: what policies may read of a request."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policy_engine.mcp import Call
from policy_engine.mcp.context import cedar_datetime
from policy_engine.model import Client, EntityUid, Identity, TokenFacts, User

Build = Callable[..., Call]
Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]


def test_a_task_is_updated_with_the_kinds_of_answers_it_gets(build: Build, stateless: Make) -> None:
    """Policies can tell a person's consent from what a machine may say."""
    answers = {"a": {"action": "accept"}}
    (request,) = build(stateless("tasks/update", taskId="t", inputResponses=answers)).requests

    assert f"{request.action} {request.resource}" == 'Action::"update_task" Task::"github/t"'
    assert (request.context["input_responses"], request.context["protocol_version"]) == (
        ["elicitation"],
        "2026-07-28",
    )


ANSWERS: dict[str, tuple[Any, list[str]]] = {
    "none": (None, []),
    "nothing": ({}, []),
    "consent": ({"a": {"action": "decline"}}, ["elicitation"]),
    "consent, however written": ({"a": {"Action": "accept"}}, ["elicitation"]),
    "a model's words": ({"a": {"role": "assistant", "model": "m", "content": {}}}, ["sampling"]),
    "a role alone": ({"a": {"role": "assistant"}}, ["other"]),
    "roots": ({"a": {"roots": []}}, ["roots"]),
    "two in one": ({"a": {"action": "accept", "roots": []}}, ["elicitation", "roots"]),
    "something else": ({"a": 12345, "b": {}}, ["other"]),
    "many": ({"a": {"roots": []}, "b": {"action": "accept"}, "c": {"roots": []}}, ["elicitation", "roots"]),
}


@pytest.mark.parametrize(("answers", "kinds"), ANSWERS.values(), ids=ANSWERS.keys())
def test_the_kinds_of_answers_are_told_by_their_members(
    answers: Any, kinds: list[str], build: Build, stateless: Make
) -> None:
    """They carry no name of what they answer; one that could be two things is both."""
    (request,) = build(stateless("tools/call", name="get_issue", inputResponses=answers)).requests

    assert request.context["input_responses"] == kinds


@pytest.mark.parametrize(
    ("outcome", "kinds"),
    [({"result": {"action": "accept"}}, ["elicitation"]), ({"result": {}}, ["other"]), ({"error": {}}, [])],
    ids=["consent", "pong", "error"],
)
def test_an_answer_posted_by_itself_has_a_kind_too(
    outcome: dict[str, Any], kinds: list[str], build: Build, *, questions: Callable[[Call], list[str]]
) -> None:
    """So that a machine can be kept from consenting in both revisions."""
    call = build({"jsonrpc": "2.0", "id": 1, **outcome})

    assert questions(call) == ['Action::"answer_request" Server::"github"']
    assert (call.requests[0].context["input_responses"], call.request_id) == (kinds, None)


def test_answers_that_are_not_an_object_are_refused(build: Build, stateless: Make, refusal: Refusal) -> None:
    """Their kinds couldn't be told."""
    message = stateless("tools/call", name="get_issue", inputResponses=[{"action": "accept"}])

    assert refusal(build, message) == ("invalid_params", "inputResponses")


def test_the_machine_that_acts_for_a_person_is_in_the_context(
    build: Build, request_text: Make, user: Identity, bot: Client
) -> None:
    """The principal stays the person."""
    delegated = replace(user, principal=User(issuer="corp", subject="alice", actor=bot))
    (request,) = build(request_text("ping"), who=delegated).requests

    assert request.context["actor"] == {"__entity": {"type": "Client", "id": "machines/ci-bot"}}
    assert request.principal.uid == EntityUid("User", "corp/alice")


def test_a_huge_member_of_an_answer_takes_no_time(build: Build, stateless: Make) -> None:
    """Normalising it would take minutes, and it is none of those that count."""
    answers = {"q": {"\u0315\u0300" * 200_000: 1, "\uff21CTION": "accept"}}
    before = time.monotonic()
    (request,) = build(stateless("tools/call", name="get_issue", inputResponses=answers)).requests

    assert request.context["input_responses"] == ["elicitation"]
    assert time.monotonic() - before < 5


def test_a_machine_has_no_actor(
    build: Build, request_text: Make, bot: Client, *, plain_context: dict[str, Any]
) -> None:
    """It acts for itself; all that is known of its token is there."""
    token = TokenFacts(
        scopes=("b", "a", "b"), grant="client_credentials", client_id="ci-bot", acr="1", amr=("pwd", "otp")
    )
    (request,) = build(request_text("ping"), who=Identity(principal=bot, token=token)).requests

    assert request.context == {
        **plain_context,
        "token": {
            "scopes": ["a", "b"],
            "grant": "client_credentials",
            "client_id": "ci-bot",
            "acr": "1",
            "amr": ["otp", "pwd"],
        },
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-0.001, "1969-12-31T23:59:59.999Z"),
        (1e18, "9999-12-31T23:59:59.999Z"),
        (253402300799.9999, "9999-12-31T23:59:59.999Z"),
        (-1e18, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_any_time_is_one_that_cedar_reads(seconds: float, text: str) -> None:
    """Beyond the calendar stands its first or last moment."""
    assert cedar_datetime(seconds) == {"__extn": {"fn": "datetime", "arg": text}}
