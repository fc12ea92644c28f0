"""What stage 3 builds, asked of real Cedar: policies see what they should."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policy_engine.mcp import Call
from policy_engine.model import Client, Identity, User

Ask = Callable[..., bool]
Build = Callable[..., Call]
Make = Callable[..., dict[str, Any]]

GROUPS = [
    "call_tool",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
    "session",
    "github/*",
    "open/*",
]


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("github/create_issue", {"call_tool", "github/*", "open_world"}),
        ("github/get_issue", {"call_tool", "github/*", "read_only", "idempotent"}),
        ("github/delete_repo", {"call_tool", "github/*", "destructive", "open_world"}),
        ("open/get_issue", {"call_tool", "open/*", "destructive", "open_world"}),
    ],
    ids=["reviewed", "reviewed as harmless", "unreviewed", "unpinned"],
)
def test_cedar_finds_a_tools_action_in_its_groups(
    tool: str, expected: set[str], build: Build, request_text: Make, ask: Ask
) -> None:
    """And in no others."""
    server, _, name = tool.partition("/")
    required = {"repo": "acme/app"} if name == "create_issue" else {}
    (request,) = build(request_text("tools/call", name=name, arguments=required), server=server).requests

    def is_in(group: str) -> bool:
        return ask(f'permit (principal, action in Action::"{group}", resource);', request)

    assert {group for group in GROUPS if is_in(group)} == expected


def test_cedar_finds_what_a_server_exposes_in_it(
    build: Build, request_text: Make, stateless: Make, ask: Ask
) -> None:
    """Tools, prompts, resources, templates and tasks alike; never in another server."""
    wanted = {"resourceSubscriptions": ["a:b"], "taskIds": ["t"]}
    messages = [
        request_text("tools/call", name="delete_repo"),
        request_text("prompts/get", name="p"),
        request_text("resources/read", uri="a:b"),
        request_text(
            "completion/complete",
            ref={"type": "ref/resource", "uri": "a:{b}"},
            argument={"name": "b", "value": ""},
        ),
        stateless("subscriptions/listen", notifications=wanted),
    ]
    requests = [request for message in messages for request in build(message).requests]

    for request in requests:
        assert ask('permit (principal, action, resource in Server::"github");', request)
        assert not ask('permit (principal, action, resource in Server::"open");', request)


def test_policies_read_arguments_token_actor_and_time(
    build: Build, request_text: Make, ask: Ask, user: Identity, bot: Client
) -> None:
    """With the types of the schema, defaults included."""
    delegated = replace(user, principal=User(issuer="corp", subject="alice", actor=bot))
    arguments = {"repo": "acme/app", "labels": ["a", "b"], "weight": 0.25, "body": {}}
    message = request_text("tools/call", name="create_issue", arguments=arguments)
    (request,) = build(message, who=delegated).requests
    policy = """
        permit (principal == User::"corp/alice", action == Action::"github/create_issue",
                resource == Tool::"github/create_issue")
        when {
            context.arguments.repo == "acme/app" && context.arguments.labels.contains("b") &&
            context.arguments.weight.lessThan(decimal("0.26")) && context.arguments.priority == 3 &&
            context.unrepresentable == ["body"] && context.input_responses.isEmpty() &&
            context.token.scopes.containsAll(["issues:write", "issues:read"]) &&
            context.token.expires_at > context.time && context.time > datetime("2027-01-15") &&
            context.actor == Client::"machines/ci-bot" && context.actor.issuer == "machines" &&
            context.protocol_version == "2025-11-25" && resource.pinned && !resource.destructive
        };
    """

    assert ask(policy, request)


def test_an_argument_never_becomes_an_entity(
    build: Build, request_text: Make, refusal: Callable[..., Any]
) -> None:
    """Cedar would read it as Alice; it is refused before Cedar is asked."""
    posing = {"repo": {"__entity": {"type": "User", "id": "corp/alice"}}}

    assert refusal(build, request_text("tools/call", name="create_issue", arguments=posing)) == (
        "invalid_arguments",
        "reserved_name",
    )
