"""revisions: which table a message is decided by."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.errors import MessageError
from policy_engine.mcp import parse_message
from policy_engine.model import HttpFacts

Refusal = Callable[..., tuple[str, str | None]]


def _post(version: str | None = None) -> HttpFacts:
    stated = {} if version is None else {"Mcp-Protocol-Version": version}
    return HttpFacts(headers={**stated, "Mcp-Method": "tools/list"})


META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def _list_tools(**changes: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/list", **changes}


@pytest.mark.parametrize(
    ("header", "revision", "version"),
    [
        (None, "2025-11-25", "2025-11-25"),
        ("2025-11-25", "2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-11-25", "2025-06-18"),
        ("2025-03-26", "2025-11-25", "2025-03-26"),
    ],
)
def test_without_meta_the_header_says_the_revision(header: str | None, revision: str, version: str) -> None:
    """Older versions use the table of 2025-11-25; what they state is kept."""
    message = parse_message(_list_tools(), _post(header))

    assert (message.revision, message.version) == (revision, version)


@pytest.mark.parametrize("http", [None, _post("2026-07-28")], ids=["no HTTP", "equal"])
def test_meta_says_the_stateless_revision(http: HttpFacts | None) -> None:
    """The body decides; a header may only agree."""
    message = parse_message(_list_tools(params={"_meta": META}), http)

    assert (message.revision, message.version) == ("2026-07-28", "2026-07-28")


def test_the_version_that_initialize_proposes_is_only_a_proposal() -> None:
    """The server answers it; the request itself is of a revision that has `initialize`."""
    message = parse_message(_list_tools(method="initialize", params={"protocolVersion": "2099-01-01"}))

    assert message.revision == "2025-11-25"


VERSIONS: dict[str, tuple[dict[str, Any], HttpFacts | None, tuple[str, str | None]]] = {
    "unknown header": ({}, _post("2024-11-05"), ("unsupported_version", None)),
    "two versions in one header": ({}, _post("2025-11-25, 2025-11-25"), ("unsupported_version", None)),
    "unknown in both": (
        {**META, "io.modelcontextprotocol/protocolVersion": "v999"},
        _post("v999"),
        ("unsupported_version", None),
    ),
    "an older version in meta": (
        {**META, "io.modelcontextprotocol/protocolVersion": "2025-11-25"},
        None,
        ("unsupported_version", None),
    ),
    "a version that isn't a string": (
        {**META, "io.modelcontextprotocol/protocolVersion": 20260728},
        None,
        ("invalid_params", "meta"),
    ),
    "header and meta disagree": (META, _post("2025-11-25"), ("header_mismatch", "different")),
    "meta alone, over HTTP": (META, _post(), ("header_mismatch", "missing")),
    "an unknown version in meta alone": (
        {**META, "io.modelcontextprotocol/protocolVersion": "v999"},
        _post("2026-07-28"),
        ("header_mismatch", "different"),
    ),
    "two headers": (
        {},
        HttpFacts(headers={"MCP-Protocol-Version": "2025-11-25", "mcp-protocol-version": "2026-07-28"}),
        ("header_mismatch", "repeated"),
    ),
    "no version in meta": (
        {"io.modelcontextprotocol/clientCapabilities": {}},
        _post("2026-07-28"),
        ("invalid_params", "meta"),
    ),
    "no capabilities in meta": (
        {"io.modelcontextprotocol/protocolVersion": "2026-07-28"},
        None,
        ("invalid_params", "meta"),
    ),
    "capabilities that aren't an object": (
        {**META, "io.modelcontextprotocol/clientCapabilities": True},
        None,
        ("invalid_params", "meta"),
    ),
}


@pytest.mark.parametrize(("meta", "http", "expected"), VERSIONS.values(), ids=VERSIONS.keys())
def test_a_revision_that_is_unknown_or_contradicted_is_refused(
    meta: dict[str, Any], http: HttpFacts | None, expected: tuple[str, str | None], refusal: Refusal
) -> None:
    """A message is never decided on by the table of a revision that it isn't of."""
    assert refusal(parse_message, _list_tools(params={"_meta": meta}), http) == expected


def test_a_notification_of_the_stateless_revision_needs_no_meta() -> None:
    """Only requests must carry it (2026-07-28, `NotificationParams`)."""
    body = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    http = HttpFacts(headers={"Mcp-Protocol-Version": "2026-07-28"})

    assert parse_message(body, http).revision == "2026-07-28"


def test_who_states_an_unknown_version_is_told_which_there_are() -> None:
    """2026-07-28, `UnsupportedProtocolVersionError`; no more of the caller's text than a version needs."""
    with pytest.raises(MessageError) as caught:
        parse_message(_list_tools(), _post("v" * 100))

    assert caught.value.data == {
        "supported": ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"],
        "requested": "v" * 64,
    }


def test_who_states_an_unknown_version_in_meta_is_told_which_may_be_stated_there() -> None:
    """The versions of sessions are never written there, so they would be of no use."""
    version = "io.modelcontextprotocol/protocolVersion"
    body = {**_list_tools(), "params": {"_meta": {version: "2999-01-01"}}}
    with pytest.raises(MessageError) as caught:
        parse_message(body, _post("2999-01-01"))

    assert caught.value.data == {"supported": ["2026-07-28"], "requested": "2999-01-01"}
