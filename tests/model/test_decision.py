"""Decision: what the caller is told, and what the operator is."""

import re
from pathlib import Path

import pytest

import policy_engine
from policy_engine.model import ALLOWED, CODES, Client, Decision, EntityUid, PolicyFault, PolicyMatch, User
from policy_engine.model.decision import metadata_url

AGENT = Client(issuer="corp", client_id="desktop-agent")
ALICE = User(issuer="corp", subject="alice", actor=AGENT, evidence=("user: holds",))


def test_a_refusal_tells_the_caller_nothing_of_the_policies() -> None:
    """The body of a denial has a fixed text, whatever was denied and why."""
    decision = Decision(
        code="forbidden",
        principal=ALICE,
        policies=(PolicyMatch("machines-harmless"),),
        request_id=7,
    )

    assert decision.body() == {"jsonrpc": "2.0", "id": 7, "error": {"code": 403, "message": "Forbidden"}}
    assert decision.status == 403
    assert decision.headers() == {}


def test_a_denied_thing_and_a_missing_one_look_the_same() -> None:
    """RS-26: no oracle for what exists."""
    denied, unknown = Decision(code="no_permit"), Decision(code="tool_unpinned")

    assert (denied.status, denied.body(), denied.headers()) == (
        unknown.status,
        unknown.body(),
        unknown.headers(),
    )


def test_no_token_is_challenged_without_an_error_code() -> None:
    """RFC 6750 section 3.1: a request without credentials gets no error code."""
    url = "https://mcp.example.com/github"

    assert Decision(code="missing_token", resource_url=url).headers() == {
        "WWW-Authenticate": 'Bearer resource_metadata="https://mcp.example.com/.well-known/'
        'oauth-protected-resource/github"'
    }
    assert Decision(code="missing_token").headers() == {"WWW-Authenticate": "Bearer"}
    assert Decision(code="expired_token").headers() == {"WWW-Authenticate": 'Bearer error="invalid_token"'}


def test_an_allowed_request_has_no_body_and_no_headers() -> None:
    """Only refusals are answered by the proxy itself."""
    decision = Decision(code=ALLOWED, forward=b"{}")

    assert (decision.allowed, decision.status, decision.body(), decision.headers()) == (True, 200, None, {})


def test_a_decision_refused_afterwards_forwards_nothing() -> None:
    """`refused` keeps who and what, and drops the message."""
    whole = Decision(code=ALLOWED, principal=ALICE, forward=b"{}", forward_headers={"Mcp-Method": "ping"})
    decision = whole.refused("audit_failed")

    assert decision.forward_headers == {}

    assert (decision.allowed, decision.status, decision.forward) == (False, 503, None)
    assert decision.principal == ALICE


def test_what_the_protocol_has_the_caller_told_is_in_the_body_and_not_in_the_record() -> None:
    """A version that nobody knows is the caller's own text."""
    data = {"supported": ["2026-07-28"], "requested": "v999"}
    decision = Decision(code="unsupported_version", request_id=1, error_data=data)

    assert decision.body() == {
        "jsonrpc": "2.0",
        "id": 1,
        "error": {"code": -32022, "message": "Unsupported protocol version", "data": data},
    }
    assert "v999" not in str(decision.to_dict())


def test_the_audit_record_names_subject_actor_and_policies() -> None:
    """Whole record of one decision, arguments by name only."""
    decision = Decision(
        code="no_permit",
        principal=ALICE,
        errors=(PolicyFault("p1", "missing_attribute"),),
        policies=(PolicyMatch("p2", {"id": "p2", "reason": "x"}),),
        server="github",
        method="tools/call",
        action=EntityUid("Action", "github/create_issue"),
        resource=EntityUid("Tool", "github/create_issue"),
        argument_names=("repo",),
        drift=(EntityUid("Tool", "github/create_issue"),),
        request_id="1",
        jti="t1",
        time=1790000100.5,
        latency_us=70,
        policy_digest="abc",
        generation=3,
    )

    assert decision.to_dict() == {
        "time": 1790000100.5,
        "request_id": "1",
        "decision": "deny",
        "code": "no_permit",
        "detail": None,
        "note": "",
        "status": 403,
        "principal": {"type": "User", "id": "corp/alice", "evidence": ["user: holds"]},
        "actor": {"type": "Client", "id": "corp/desktop-agent"},
        "server": "github",
        "method": "tools/call",
        "action": 'Action::"github/create_issue"',
        "resource": 'Tool::"github/create_issue"',
        "arguments": {"repo": "redacted"},
        "policies": [{"id": "p2", "annotations": {"id": "p2", "reason": "x"}}],
        "missing_scopes": [],
        "drift": ['Tool::"github/create_issue"'],
        "errors": [{"policy": "p1", "code": "missing_attribute"}],
        "checks_skipped": [],
        "policy_digest": "abc",
        "generation": 3,
        "jti": "t1",
        "latency_us": 70,
    }


def test_a_refusal_without_a_principal_records_the_evidence() -> None:
    """Why nobody could be named is kept for the operator."""
    record = Decision(code="ambiguous_principal", evidence=("client: does not hold",)).to_dict()

    assert record["principal"] == {"type": None, "id": None, "evidence": ["client: does not hold"]}
    assert record["actor"] is None


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        ("https://h.example", "https://h.example/.well-known/oauth-protected-resource"),
        ("https://h.example/", "https://h.example/.well-known/oauth-protected-resource"),
        ("https://h.example/a?b=c", "https://h.example/.well-known/oauth-protected-resource/a?b=c"),
        ("https://h.example:8443/a/b", "https://h.example:8443/.well-known/oauth-protected-resource/a/b"),
    ],
)
def test_metadata_stands_between_host_and_path(resource: str, url: str) -> None:
    """RFC 9728 section 3.1."""
    assert metadata_url(resource) == url


def test_a_user_and_a_client_with_one_name_are_two_principals() -> None:
    """`sub` equal to a client id never makes a human of a machine."""
    human: object = User(issuer="corp", subject="ci-bot")
    machine: object = Client(issuer="corp", client_id="ci-bot")

    assert human != machine
    assert isinstance(human, User)
    assert isinstance(machine, Client)
    assert human.uid == EntityUid("User", "corp/ci-bot")
    assert machine.uid == EntityUid("Client", "corp/ci-bot")


def test_every_code_that_the_package_raises_has_a_row() -> None:
    """Codes in `raise …Error("code"` and `code="code"` are rows of CODES, and every row is used."""
    source = "\n".join(path.read_text() for path in Path(policy_engine.__file__).parent.rglob("*.py"))
    raised = set(re.findall(r"(?:Token|Mapping|Message|Audit)Error\(\s*\"([a-z_]+)\"", source))

    assert raised <= set(CODES)
    assert {code for code in CODES if source.count(f'"{code}"') < 2} == set()
