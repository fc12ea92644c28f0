"""methods: one row a method, and nothing without a row."""

from collections.abc import Callable

import pytest

from policy_engine.mcp import ACTIONS, ENTITY_TYPES, METHODS, TOOL_GROUPS
from policy_engine.mcp.methods import Method, find_method
from policy_engine.mcp.parameters import TEXT

REQUESTS_2025 = {
    "initialize", "ping", "tools/list", "tools/call", "prompts/list", "prompts/get", "resources/list",
    "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe",
    "completion/complete", "logging/setLevel", "tasks/get", "tasks/result", "tasks/cancel", "tasks/list",
}  # fmt: skip
REQUESTS_2026 = {
    "server/discover", "tools/list", "tools/call", "prompts/list", "prompts/get", "resources/list",
    "resources/templates/list", "resources/read", "completion/complete", "subscriptions/listen", "tasks/get",
    "tasks/update", "tasks/cancel",
}  # fmt: skip
NOTIFICATIONS_2025 = {
    "notifications/initialized", "notifications/cancelled", "notifications/progress",
    "notifications/roots/list_changed", "notifications/tasks/status",
}  # fmt: skip


def _names(revision: str, kind: str) -> set[str]:
    return {
        name for (its_revision, its_kind, name) in METHODS if (its_revision, its_kind) == (revision, kind)
    }


@pytest.mark.parametrize(
    ("revision", "kind", "expected"),
    [
        ("2025-11-25", "request", REQUESTS_2025),
        ("2025-11-25", "notification", NOTIFICATIONS_2025),
        ("2025-11-25", "response", {"response"}),
        ("2025-11-25", "stream", {"GET", "DELETE"}),
        ("2026-07-28", "request", REQUESTS_2026),
        ("2026-07-28", "notification", {"notifications/cancelled"}),
        ("2026-07-28", "response", set()),
        ("2026-07-28", "stream", set()),
    ],
)
def test_the_table_has_what_clients_of_each_revision_send(
    revision: str, kind: str, expected: set[str]
) -> None:
    """By the schemas of both revisions; nothing of one is in the other by accident."""
    assert _names(revision, kind) == expected


def test_a_row_says_what_a_method_means() -> None:
    """Action, resource, the parameter that names it, and what others may be."""
    expected = Method("read_resource", ("Resource",), "uri", parameters={"requestState": TEXT})

    assert find_method("2026-07-28", "request", "resources/read") == expected


@pytest.mark.parametrize(
    ("revision", "kind", "name"),
    [
        ("2025-11-25", "request", "tools/Call"),
        ("2025-11-25", "request", "server/discover"),
        ("2026-07-28", "request", "initialize"),
        ("2026-07-28", "request", "tasks/result"),
        ("2025-11-25", "request", "notifications/initialized"),
        ("2026-07-28", "stream", "GET"),
        ("2025-11-25", "request", "GET"),
        ("2025-11-25", "request", "response"),
        ("2025-11-25", "request", ""),
    ],
)
def test_a_method_without_a_row_is_unknown(
    revision: str, kind: str, name: str, refusal: Callable[..., tuple[str, str | None]]
) -> None:
    """Also one of another revision, and one sent as another kind of message."""
    assert refusal(find_method, revision, kind, name) == ("unknown_method", None)


@pytest.mark.parametrize(
    ("revision", "name"), [("2026-07-28", "notifications/initialized"), ("2025-11-25", "tools/call")]
)
def test_a_notification_without_a_row_is_refused_by_another_code(
    revision: str, name: str, refusal: Callable[..., tuple[str, str | None]]
) -> None:
    """404 would tell a client of 2025-11-25 that its session is over."""
    assert refusal(find_method, revision, "notification", name) == ("unknown_notification", None)


def test_nobody_answers_where_nothing_is_asked(refusal: Callable[..., tuple[str, str | None]]) -> None:
    """Servers of 2026-07-28 send no requests (MRTR instead)."""
    expected = ("invalid_request", "unexpected_response")

    assert refusal(find_method, "2026-07-28", "response", "response") == expected


def test_every_action_of_the_table_is_in_the_vocabulary_and_the_other_way_round() -> None:
    """A method can't be answered without being in the schema."""
    assert {row.action for row in METHODS.values()} - {None} == set(ACTIONS)


def test_only_calling_a_tool_has_no_action_of_its_own() -> None:
    """Each tool has one."""
    assert {name for (_, _, name), row in METHODS.items() if row.action is None} == {"tools/call"}


def test_every_row_of_an_action_agrees_on_its_group() -> None:
    """An action is in `session` or isn't, in both revisions."""
    session = {row.action for row in METHODS.values() if row.session}

    assert session == {"initialize", "discover", "ping", "notify", "open_stream", "end_session"}
    assert not session & {row.action for row in METHODS.values() if not row.session}


def test_our_names_never_look_like_a_tools() -> None:
    """Actions of tools have a slash; ours have none, and no two of ours are the same."""
    ours = [*ACTIONS, *TOOL_GROUPS, "session"]

    assert not [name for name in ours if "/" in name]
    assert len(ours) == len(set(ours))


def test_every_resource_of_the_table_is_an_entity_type() -> None:
    """No row names a type that policies don't have."""
    assert {kind for row in METHODS.values() for kind in row.resources} <= ENTITY_TYPES.keys()
