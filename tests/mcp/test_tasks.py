"""tasks: whose they are, where somebody knows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policy_engine.mcp import Call, RequestBuilder, Server, TaskOwner, parse_message
from policy_engine.model import Client, EntityUid, Identity, TokenFacts, User

Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]
Ask = Callable[..., bool]

ALICE = EntityUid("User", "corp/alice")


REMEMBERED = {
    ("github", "alices"): TaskOwner(principal=ALICE, tool="delete_repo"),
    ("github", "unpinned"): TaskOwner(principal=ALICE, tool="added_later"),
    ("github", "toolless"): TaskOwner(principal=ALICE),
    ("github", "bots"): TaskOwner(principal=EntityUid("Client", "machines/alice")),
    ("github", "elsewhere"): TaskOwner(principal=EntityUid("User", "other/alice")),
    ("open", "t"): TaskOwner(principal=EntityUid("User", "corp/bob")),
}


class Memory:
    """Remembers tasks by server and id."""

    def owner(self, server: str, task_id: str) -> TaskOwner | None:
        """What is remembered."""
        return REMEMBERED.get((server, task_id))


@pytest.fixture
def build(servers: dict[str, Server], user: Identity) -> Callable[..., Call]:
    """Parses a message and builds its call, for Alice, where tasks are remembered."""
    builder = RequestBuilder(servers, now=lambda: 0, tasks=Memory())

    def run(message: Any, who: Identity = user) -> Call:
        return builder.build(parse_message(message), who, "github")

    return run


TASKS: dict[str, dict[str, Any]] = {
    "alices": {"owned": True, "tool": {"__entity": {"type": "Tool", "id": "github/delete_repo"}}},
    "unpinned": {"owned": True, "tool": {"__entity": {"type": "Tool", "id": "github/added_later"}}},
    "toolless": {"owned": True},
    "nobodys": {"owned": False},
    "t": {"owned": False},
}


@pytest.mark.parametrize(("task", "attributes"), TASKS.items(), ids=TASKS.keys())
def test_what_is_known_of_a_task_is_an_attribute(
    task: str, attributes: dict[str, Any], build: Callable[..., Call], stateless: Make
) -> None:
    """Of the server that is asked: ids of another mean nothing here."""
    (request,) = build(stateless("tasks/get", taskId=task)).requests

    assert request.surroundings.entities[0] == {
        "uid": {"type": "Task", "id": f"github/{task}"},
        "attrs": {"task_id": task, **attributes},
        "parents": [{"type": "Server", "id": "github"}],
    }


MESSAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "get": ("tasks/get", {}),
    "update": ("tasks/update", {"inputResponses": {}}),
    "cancel": ("tasks/cancel", {}),
}


@pytest.mark.parametrize("task", ["bots", "elsewhere"])
@pytest.mark.parametrize(("method", "params"), MESSAGES.values(), ids=MESSAGES.keys())
def test_a_task_that_is_somebody_elses_is_refused_before_any_policy(
    task: str,
    method: str,
    params: dict[str, Any],
    *,
    build: Callable[..., Call],
    stateless: Make,
    refusal: Refusal,
) -> None:
    """A machine's is never a person's of the same name, nor one issuer's another's."""
    assert refusal(build, stateless(method, taskId=task, **params)) == ("foreign_task", None)


def test_results_and_subscriptions_are_refused_too(
    build: Callable[..., Call], request_text: Make, stateless: Make, refusal: Refusal
) -> None:
    """Every way to a task is the same way."""
    listening = stateless("subscriptions/listen", notifications={"taskIds": ["alices", "bots"]})

    assert refusal(build, request_text("tasks/result", taskId="bots")) == ("foreign_task", None)
    assert refusal(build, listening) == ("foreign_task", None)


def test_an_agent_of_the_owner_comes_as_the_owner(
    build: Callable[..., Call], stateless: Make, user: Identity, bot: Client
) -> None:
    """Policies decide on delegation, here as anywhere."""
    delegated = replace(user, principal=User(issuer="corp", subject="alice", actor=bot))

    assert build(stateless("tasks/get", taskId="alices"), delegated).requests


def test_policies_read_whose_task_it_is_and_of_which_tool(
    build: Callable[..., Call], stateless: Make, ask: Ask
) -> None:
    """The tool comes with its attributes, pinned or not."""
    known = 'permit (principal, action == Action::"get_task", resource) when { resource.owned };'
    destructive = """permit (principal, action, resource)
        when { resource has tool && resource.tool.destructive && resource.tool.pinned };"""
    answers = {
        task: [
            ask(policy, build(stateless("tasks/get", taskId=task)).requests[0])
            for policy in (known, destructive)
        ]
        for task in TASKS
    }

    assert answers == {
        "alices": [True, True],
        "unpinned": [True, False],
        "toolless": [True, False],
        "nobodys": [False, False],
        "t": [False, False],
    }


def test_who_remembers_nothing_leaves_tasks_to_policies(
    builder: RequestBuilder, stateless: Make, bot: Client
) -> None:
    """Nothing is refused for being somebody else's, and nothing is known to be one's own."""
    who = Identity(principal=bot, token=TokenFacts())
    (request,) = builder.build(parse_message(stateless("tasks/get", taskId="bots")), who, "github").requests

    assert request.surroundings.entities[0]["attrs"] == {"task_id": "bots", "owned": False}
