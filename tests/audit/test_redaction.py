"""What of a record is marked instead of written, and which arguments are shown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.audit import REDACTABLE, AuditTrail, ListSink, Redaction
from policy_engine.model import ALLOWED, Client, Decision, EntityUid, User

KEY = bytes(range(32))
AGENT = Client(issuer="corp", client_id="agent")


def decision(**more: Any) -> Decision:
    """Of a call of a person's agent."""
    fields: dict[str, Any] = {
        "code": ALLOWED,
        "principal": User(issuer="corp", subject="alice", actor=AGENT),
        "server": "github",
        "method": "tools/call",
        "resource": EntityUid("Tool", "github/create_issue"),
        "argument_names": ("repo", "title"),
        "drift": (EntityUid("Tool", "github/x"),),
        "jti": "t-1",
        "note": "said",
        "evidence": ("a",),
        "request_id": 7,
        **more,
    }
    return Decision(**fields)


def record(redaction: Redaction, message: Any = None, **more: Any) -> dict[str, Any]:
    """What is recorded of it."""
    sink = ListSink()
    AuditTrail(sink=sink, redaction=redaction).record(decision(**more), message)
    return dict(sink.records[0])


def test_marks_stand_for_values_and_are_equal_where_those_are() -> None:
    """With a key of one's own they are so in every process; what isn't named stays."""
    found = record(Redaction(["principal.id", "actor", "jti"], key=KEY))
    again = record(Redaction(["principal.id"], key=KEY), jti=None)

    assert found["principal"]["id"] == again["principal"]["id"] == "redacted:25c800714fe2ba41"
    assert found["principal"]["type"] == "User"
    assert found["actor"] == {"type": "Client", "id": found["actor"]["id"]}
    assert found["actor"]["id"].startswith("redacted:")
    assert len({found["principal"]["id"], found["actor"]["id"], found["jti"]}) == 3
    plain = decision().to_dict()
    assert {name: value for name, value in found.items() if name not in ("principal", "actor", "jti")} == {
        name: value for name, value in plain.items() if name not in ("principal", "actor", "jti")
    }


def test_a_process_has_marks_of_its_own_unless_it_is_given_a_key() -> None:
    """Nobody can try values with a key that nobody has."""
    one, two = (record(Redaction(["jti"]))["jti"] for _ in range(2))

    assert one != two


def test_every_part_that_can_be_named_is_marked() -> None:
    """And nothing of it is left anywhere in the record."""
    found = record(Redaction(REDACTABLE, key=KEY))
    text = json.dumps(found)

    for value in ("corp/alice", "corp/agent", "t-1", "said", "repo", "title", "create_issue", "github/x"):
        assert value not in text
    assert all(name.startswith("redacted:") for name in found["arguments"])
    assert found["request_id"].startswith("redacted:")


def test_nothing_stays_nothing() -> None:
    """A decision on a request without a principal has none to mark."""
    found = record(Redaction(REDACTABLE, key=KEY), principal=None, resource=None, jti=None, note="", drift=())

    assert (found["principal"]["id"], found["actor"], found["jti"], found["note"]) == (None, None, None, "")


def call(**arguments: Any) -> dict[str, Any]:
    """A call with arguments."""
    params = {"name": "create_issue", "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}


SHOW_REPO = Redaction(shown=[("github", "create_issue", "repo")])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("acme/app", "acme/app"),
        (7, 7),
        (True, True),
        (None, None),
        (["a", {"b": 1}], '["a",{"b":1}]'),
        ("x" * 201, "x" * 199 + "…"),
        ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl", "redacted"),
        ("Bearer abcdefghijkl", "redacted"),
        (["ghp_0123456789abcdef"], "redacted"),
        ("-----BEGIN PRIVATE KEY-----", "redacted"),
    ],
)
def test_a_named_argument_is_shown_bounded_and_without_secrets(value: Any, shown: Any) -> None:
    """Of a message as it came or parsed; others stay unsaid."""
    message = call(repo=value, title="Hello")

    for sent in (message, json.dumps(message), json.dumps(message).encode()):
        assert record(SHOW_REPO, sent)["arguments"] == {"repo": shown, "title": "redacted"}


@pytest.mark.parametrize(
    "message",
    [None, b"{", {}, {"params": {"name": "other", "arguments": {"repo": "a"}}}, {"params": {"name": ["x"]}}],
)
def test_what_is_no_call_of_that_tool_shows_nothing(message: Any) -> None:
    """Nor does it fail."""
    assert record(SHOW_REPO, message)["arguments"] == {"repo": "redacted", "title": "redacted"}


@given(st.text(min_size=1))
def test_a_mark_holds_nothing_of_its_value(text: str) -> None:
    """Whatever it is."""
    mark = record(Redaction(["jti"], key=KEY), jti=text)["jti"]

    assert len(mark) == 25
    assert set(mark.removeprefix("redacted:")) <= set("0123456789abcdef")
