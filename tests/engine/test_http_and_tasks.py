"""What stage 3 tells through the engine: whose a task is, headers to forward, data beside an error's code."""

from typing import Any

import pytest

from policy_engine import Client, HttpFacts, PolicyEngine, User
from policy_engine.mcp import TaskOwner
from policy_engine.model import EntityUid

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
ALICE, BOT = User(issuer="corp", subject="alice"), Client(issuer="corp", client_id="bot")
CANCEL = {"jsonrpc": "2.0", "id": 1, "method": "tasks/cancel", "params": {"taskId": "t-1"}}


class Remembering:
    """Knows one task."""

    def owner(self, server: str, task_id: str) -> TaskOwner | None:
        """Alice began it."""
        known = (server, task_id) == ("github", "t-1")
        return TaskOwner(principal=EntityUid("User", "corp/alice"), tool="create_issue") if known else None


def engine(policies: str = "permit (principal, action, resource);", **more: Any) -> PolicyEngine:
    """One server without tools."""
    return PolicyEngine(
        policies=f'@id("p") @kinds("both") {policies}',
        servers={"github": {"resource": "https://mcp.example.com/github"}},
        issuers={"corp": {"issuer": "https://login.example.com", "profile": "rfc9068"}},
        **more,
    )


def test_a_task_is_its_owners_before_any_policy() -> None:
    """Also after a reload; a task that nobody remembers is left to policies."""
    deciding = engine(tasks=Remembering())
    other = {**CANCEL, "params": {"taskId": "t-2"}}

    for _ in range(2):
        assert deciding.authorize(ALICE, CANCEL).allowed
        assert (deciding.authorize(BOT, CANCEL).code, deciding.authorize(BOT, CANCEL).status) == (
            "foreign_task",
            403,
        )
        assert deciding.authorize(BOT, other).allowed
        deciding.reload()


def test_a_policy_may_ask_whether_the_owner_of_a_task_is_known() -> None:
    """A known one is always the caller."""
    owned = engine(
        "permit (principal, action, resource is Task) when { resource.owned };", tasks=Remembering()
    )

    assert owned.authorize(ALICE, CANCEL).allowed
    assert owned.authorize(ALICE, {**CANCEL, "params": {"taskId": "t-2"}}).code == "no_permit"


def test_a_task_book_that_fails_refuses() -> None:
    """A bug there is no permission."""

    class Broken:
        def owner(self, server: str, task_id: str) -> TaskOwner | None:
            raise RuntimeError(server + task_id)

    assert engine(tasks=Broken()).authorize(ALICE, CANCEL).code == "internal_error"


def test_a_forwarded_message_has_its_own_headers() -> None:
    """A proxy sends these in place of the caller's, so that header and body never disagree behind it."""
    read = {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"_meta": META, "uri": "x://a"}}
    headers = {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "resources/read",
        "Mcp-Name": "x://a",
    }

    decision = engine().authorize(ALICE, read, http=HttpFacts(headers=headers))

    assert decision.allowed
    assert {name.lower(): value for name, value in decision.forward_headers.items()} == {
        name.lower(): value for name, value in headers.items()
    }


@pytest.mark.parametrize("version", ["2024-11-05", "2027-01-01"])
def test_an_unsupported_version_is_told_what_is_supported(version: str) -> None:
    """MCP 2026-07-28, "Unsupported protocol version"."""
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/list",
        "params": {"_meta": {**META, "io.modelcontextprotocol/protocolVersion": version}},
    }
    body = engine().authorize(ALICE, message).body()

    assert body is not None
    assert body["error"]["code"] == -32022
    assert body["error"]["data"]["requested"] == version
    assert "2026-07-28" in body["error"]["data"]["supported"]
