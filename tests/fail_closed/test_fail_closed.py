"""One test a row of docs/explanation/fail-closed.md, by the public API: code, status, nothing allowed."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine import Decision, HttpFacts, PolicyEngine
from policy_engine.audit import AuditTrail, FileSink
from policy_engine.errors import ConfigError, PolicyError
from policy_engine.jose import SigningKey

Call = Callable[..., dict[str, Any]]
Row = tuple[str, str | None, int]


def row(decision: Decision) -> Row:
    """What a refusal says; that it is one is checked here for all of them."""
    assert not decision.allowed
    assert decision.forward is None
    assert decision.body() is not None
    return decision.code, decision.detail, decision.status


# --- the token ------------------------------------------------------------------------------------

TOKENS: dict[str, tuple[Callable[[Any], str], Row]] = {
    "none": (lambda _: "", ("missing_token", None, 401)),
    "not a JWS": (lambda _: "abc", ("malformed_token", "not_compact", 401)),
    "signed by a stranger": (
        lambda w: w.token("corp", w.human_claims(), key=w.keys["stranger"]),
        ("invalid_signature", "unknown_key", 401),
    ),
    "signed by another issuer": (
        lambda w: w.token("machines", w.human_claims()),
        ("invalid_signature", "unknown_key", 401),
    ),
    "of an unknown issuer": (
        lambda w: w.human(iss="https://evil.example.com"),
        ("unknown_issuer", None, 401),
    ),
    "of the issuer with a slash": (
        lambda w: w.human(iss="https://login.example.com/"),
        ("unknown_issuer", None, 401),
    ),
    "an ID token": (
        lambda w: w.token("corp", w.human_claims(), typ="JWT"),
        ("invalid_token_type", None, 401),
    ),
    "for another server": (
        lambda w: w.human(aud="https://mcp.example.com/other"),
        ("invalid_audience", None, 401),
    ),
    "for a longer audience": (
        lambda w: w.human(aud="https://mcp.example.com/github.evil.example"),
        ("invalid_audience", None, 401),
    ),
    "for several servers": (
        lambda w: w.human(aud=["https://mcp.example.com/github", "https://x.example"]),
        ("invalid_audience", "multiple_audiences", 401),
    ),
    "expired": (lambda w: w.human(exp=1789999000), ("expired_token", None, 401)),
    "not yet valid": (lambda w: w.human(nbf=1790009000), ("not_yet_valid", None, 401)),
    "from the future": (lambda w: w.human(iat=1790009000, exp=1790009900), ("not_yet_valid", None, 401)),
    "without a time": (
        lambda w: w.token("corp", {k: v for k, v in w.human_claims().items() if k != "exp"}),
        ("invalid_claim", "missing_claim", 401),
    ),
    "with a time in words": (lambda w: w.human(exp="1790003600"), ("invalid_claim", "claim_type", 401)),
    "with a duplicate member": (
        lambda w: w.token("corp", b'{"iss":"https://login.example.com","sub":"a","sub":"b"}'),
        ("malformed_token", "duplicate_member", 401),
    ),
}


@pytest.mark.parametrize(("make", "expected"), TOKENS.values(), ids=TOKENS.keys())
def test_a_token_that_fails_a_check_opens_nothing(
    world: Any, call: Call, make: Callable[[Any], str], expected: Row
) -> None:
    """Every check of stage 1, by the code that it refuses with."""
    decision = world.engine().evaluate(make(world), call("list_issues", repo="a"))

    assert row(decision) == expected
    assert decision.principal is None


def test_a_token_bound_to_a_key_is_not_a_bearer_token(world: Any, call: Call) -> None:
    """Without its proof it is refused, though it is known whose it is (RFC 9449 section 7)."""
    engine = world.engine()
    token = world.human(cnf={"jkt": "x"})

    decision = engine.evaluate(token, call("list_issues", repo="a"))

    assert row(decision) == ("proof_required", None, 401)
    assert engine.identify(token).sender_constrained is True


PRINCIPALS: dict[str, tuple[Callable[[Any], str], Row]] = {
    "neither kind: bare RFC 9068": (
        lambda w: w.token("corp", {k: v for k, v in w.human_claims().items() if k != "auth_time"}),
        ("ambiguous_principal", "undetermined", 403),
    ),
    "both kinds: a client that logged in": (
        lambda w: w.human("web-portal"),
        ("ambiguous_principal", "conflict", 403),
    ),
    "a person named like a listed client": (
        lambda w: w.human("robot"),
        ("ambiguous_principal", "subject_is_client", 403),
    ),
    "a person with a machine's mark": (
        lambda w: w.human(gty="client_credentials"),
        ("ambiguous_principal", "foreign_marker", 403),
    ),
    "a person spelt like a machine": (
        lambda w: w.human("x@clients"),
        ("ambiguous_principal", "lookalike_subject", 403),
    ),
    "a machine that isn't listed": (lambda w: w.machine("stranger"), ("unregistered_client", None, 403)),
    "a machine without its mark": (
        lambda w: w.token("machines", {k: v for k, v in w.machine_claims().items() if k != "gty"}),
        ("ambiguous_principal", "conflict", 403),
    ),
    "a machine with an actor": (
        lambda w: w.token(
            "corp",
            {
                **{k: v for k, v in w.human_claims("robot").items() if k != "auth_time"},
                "client_id": "robot",
                "act": {"sub": "alice"},
            },
        ),
        ("invalid_actor", "act_subject", 403),
    ),
    "a person with a person as actor": (
        lambda w: w.human(act={"sub": "bob"}),
        ("invalid_actor", "act_actor", 403),
    ),
    "a subject that isn't text": (lambda w: w.human(sub=17), ("invalid_claim", "claim_type", 401)),
    "a subject with a newline": (lambda w: w.human("alice\nadmin"), ("invalid_claim", "sub_form", 401)),
}


@pytest.mark.parametrize(("make", "expected"), PRINCIPALS.values(), ids=PRINCIPALS.keys())
def test_a_bearer_who_is_not_certainly_one_kind_is_refused(
    world: Any, call: Call, make: Callable[[Any], str], expected: Row
) -> None:
    """None of the kinds, both of them, or a claim that contradicts."""
    decision = world.engine().evaluate(make(world), call("list_issues", repo="a"))

    assert row(decision) == expected
    assert decision.principal is None


def test_a_verified_token_is_named_and_answered_though_its_bearer_is_refused(world: Any, call: Call) -> None:
    """The record has its `jti`, and the answer the request's id."""
    decision = world.engine().evaluate(world.human("web-portal"), call("list_issues", repo="a"))

    assert row(decision) == ("ambiguous_principal", "conflict", 403)
    assert decision.jti == "t-1"
    assert decision.body() == {"jsonrpc": "2.0", "id": 7, "error": {"code": 403, "message": "Forbidden"}}


FACTS: dict[str, tuple[dict[str, Any], Row]] = {
    "an attribute of another type": ({"clearance": "9"}, ("invalid_claim", "claim_type", 401)),
    "an attribute that was too long": (
        {"_claim_names": {"clearance": "src1"}},
        ("invalid_claim", "groups_overage", 401),
    ),
    "groups that were too many": ({"hasgroups": True}, ("invalid_claim", "groups_overage", 401)),
}


@pytest.mark.parametrize(("claims", "expected"), FACTS.values(), ids=FACTS.keys())
def test_a_bearer_of_whom_less_is_known_than_the_issuer_knows_is_refused(
    world: Any, call: Call, claims: dict[str, Any], expected: Row
) -> None:
    """A forbid that reads the fact must not be escaped."""
    issuers = world.issuers()
    issuers["corp"]["claims"] = {"user": {"groups": "groups", "attributes": {"clearance": "clearance"}}}
    engine = world.engine(issuers=issuers, attributes={"User": {"clearance": "long"}})

    assert row(engine.evaluate(world.human(**claims), call("list_issues", repo="a"))) == expected


def test_keys_that_can_not_be_had_refuse(world: Any, call: Call) -> None:
    """An issuer whose keys can't be fetched is an outage, told as one."""
    issuers = world.issuers()
    issuers["corp"]["keys"] = {"uri": "http://127.0.0.1:9/jwks.json"}
    engine = world.engine(issuers=issuers, development=True)

    assert row(engine.evaluate(world.human(), call("list_issues", repo="a")))[::2] == (
        "keys_unavailable",
        503,
    )


# --- the message ----------------------------------------------------------------------------------


def rpc(method: str, **params: Any) -> bytes:
    """A request as bytes."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


MESSAGES: dict[str, tuple[bytes | dict[str, Any], Row]] = {
    "not JSON": (b"{", ("malformed_message", "not_json", 400)),
    "duplicate member": (
        b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}',
        ("malformed_message", "duplicate_member", 400),
    ),
    "a batch": (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', ("malformed_message", "batch", 400)),
    "oversized": (b'{"x":"' + b"a" * 2_000_000 + b'"}', ("malformed_message", "too_large", 400)),
    "too deep": (b"[" * 200 + b"]" * 200, ("malformed_message", "too_deep", 400)),
    "a lone surrogate": (rpc("ping", x="\ud800"), ("malformed_message", "lone_surrogate", 400)),
    "a second spelling of a member": (
        b'{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}',
        ("invalid_request", "unknown_member", 400),
    ),
    "a method without a row": (rpc("tools/delete"), ("unknown_method", None, 404)),
    "a method of the other revision": (rpc("server/discover"), ("unknown_method", None, 404)),
    "a notification without a row": (
        {"jsonrpc": "2.0", "method": "notifications/everything"},
        ("unknown_notification", None, 400),
    ),
    "no name": (rpc("tools/call", arguments={}), ("invalid_params", "name", 400)),
    "an empty name": (rpc("tools/call", name=""), ("invalid_params", "name", 400)),
    "no uri": (rpc("resources/read"), ("invalid_params", "uri", 400)),
    "a uri with a control character": (
        rpc("resources/read", uri="file:///a\x00b"),
        ("invalid_params", "uri", 400),
    ),
    "a uri that goes up": (
        rpc("resources/read", uri="file:///public/../etc"),
        ("invalid_params", "uri_path", 400),
    ),
    "a uri of a user": (
        rpc("resources/read", uri="https://example.com@127.0.0.1/"),
        ("invalid_params", "uri_authority", 400),
    ),
    "a uri in another spelling": (
        rpc("resources/read", uri="file:///%65tc"),
        ("invalid_params", "uri_spelling", 400),
    ),
    "a parameter of another type": (
        rpc("logging/setLevel", level=7),
        ("invalid_params", "parameter", 400),
    ),
    "a number as text": (
        rpc("tools/call", name="list_issues", arguments={"repo": "a", "limit": "1000"}),
        ("invalid_arguments", "wrong_type", 400),
    ),
    "an unknown argument": (
        rpc("tools/call", name="list_issues", arguments={"repo": "a", "force": True}),
        ("invalid_arguments", "unknown_argument", 400),
    ),
    "a missing argument": (
        rpc("tools/call", name="list_issues", arguments={}),
        ("invalid_arguments", "missing_argument", 400),
    ),
    "an entity as an argument": (
        rpc("tools/call", name="list_issues", arguments={"repo": {"__entity": {"type": "User", "id": "x"}}}),
        ("invalid_arguments", "reserved_name", 400),
    ),
    "a prototype as an argument": (
        rpc("tools/call", name="list_issues", arguments={"repo": "a", "__proto__": {"force": True}}),
        ("invalid_arguments", "reserved_name", 400),
    ),
    "a tool that isn't pinned": (rpc("tools/call", name="drop_tables"), ("tool_unpinned", None, 403)),
}


@pytest.mark.parametrize(("message", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_a_message_that_can_not_be_decided_on_is_refused(
    world: Any, message: bytes | dict[str, Any], expected: Row
) -> None:
    """Nothing that isn't understood is forwarded."""
    assert row(world.engine().evaluate(world.human(), message)) == expected


HEADERS: dict[str, tuple[Any, dict[str, str], Row]] = {
    "another revision": (rpc("ping"), {"Mcp-Protocol-Version": "1"}, ("unsupported_version", None, 400)),
    "another method": (rpc("ping"), {"Mcp-Method": "pong"}, ("header_mismatch", "different", 400)),
    "no method": (
        rpc("server/discover"),
        {"MCP-Protocol-Version": "2026-07-28"},
        ("header_mismatch", "missing", 400),
    ),
    "an answer that nobody waits for": (
        {"jsonrpc": "2.0", "id": 1, "result": {}},
        {"MCP-Protocol-Version": "2026-07-28"},
        ("invalid_request", "unexpected_response", 400),
    ),
}


@pytest.mark.parametrize(("message", "headers", "expected"), HEADERS.values(), ids=HEADERS.keys())
def test_a_message_that_its_headers_contradict_is_refused(
    world: Any, message: Any, headers: dict[str, str], expected: Row
) -> None:
    """Something in front of the proxy may have acted on them."""
    http = HttpFacts(headers=headers)

    assert row(world.engine().evaluate(world.human(), message, http=http)) == expected


def test_a_tool_that_is_not_as_it_was_pinned_is_refused(world: Any, call: Call) -> None:
    """From the list that shows it on."""
    engine = world.engine()
    engine.check_drift([{"name": "list_issues", "description": "Lists everything."}])

    assert row(engine.evaluate(world.human(), call("list_issues", repo="a"))) == ("tool_changed", None, 403)


def test_a_server_that_is_not_configured_is_refused(world: Any, call: Call) -> None:
    """A token for one server never opens another."""
    assert row(world.engine().evaluate(world.human(), call("x"), server="gitlab")) == (
        "unknown_server",
        None,
        404,
    )


# --- the policies ---------------------------------------------------------------------------------

EVERYONE = '@id("everyone") @kinds("both") permit (principal, action, resource);'


def test_nothing_is_allowed_without_a_permit(world: Any, call: Call) -> None:
    """Deny by default."""
    engine = world.engine('@id("nobody") forbid (principal is Client, action, resource);')

    assert row(engine.evaluate(world.human(), call("list_issues", repo="a"))) == ("no_permit", None, 403)


def test_a_forbid_that_can_not_be_evaluated_denies(world: Any, call: Call) -> None:
    """Cedar would skip it and allow."""
    overflow = '@id("limit") forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };'
    engine = world.engine(EVERYONE + overflow)

    decision = engine.evaluate(world.human(), call("list_issues", repo="a"))

    assert row(decision) == ("policy_error", None, 403)
    assert [(fault.policy, fault.code) for fault in decision.errors] == [("limit", "overflow")]
    assert [match.id for match in decision.policies] == ["limit"]


def test_a_permit_that_can_not_be_evaluated_is_no_permit_and_is_reported(world: Any, call: Call) -> None:
    """It never allows, and the operator learns of it."""
    engine = world.engine(
        '@id("broken") permit (principal is User, action, resource) when { 9223372036854775807 + 1 > 0 };'
    )

    decision = engine.evaluate(world.human(), call("list_issues", repo="a"))

    assert row(decision) == ("no_permit", None, 403)
    assert [(fault.policy, fault.code) for fault in decision.errors] == [("broken", "overflow")]


SETS = {
    "doesn't parse": "permit (principal action, resource);",
    "doesn't validate": '@id("x") permit (principal is User, action, resource) when { context.nope };',
    "has no id": "permit (principal is User, action, resource);",
    "has an id twice": '@id("x") permit (principal is User, action, resource);' * 2,
    "has an unknown annotation": '@id("x") @delegateable permit (principal is User, action, resource);',
    "has a value it can't have": '@id("x") @delegable("false") permit (principal is User, action, resource);',
    "names an unknown issuer": '@id("x") permit (principal == User::"crop/alice", action, resource);',
    "has a template": '@id("x") permit (principal == ?principal, action, resource);',
}


@pytest.mark.parametrize("policies", SETS.values(), ids=SETS.keys())
def test_a_policy_set_that_is_not_right_is_not_loaded(world: Any, policies: str) -> None:
    """It is refused when it is loaded, not when it should have decided."""
    with pytest.raises(PolicyError):
        world.engine(policies)


@pytest.fixture
def project(world: Any, tmp_path: Path) -> Path:
    """A configuration file that works, with its policies."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.cedar").write_text(EVERYONE)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [world.keys["corp"].public_jwk()]}))
    file = tmp_path / "policy-engine.yaml"
    file.write_text(
        "version: 1\nservers:\n  github: {resource: https://mcp.example.com/github}\nissuers:\n"
        "  corp: {issuer: https://login.example.com, profile: rfc9068, keys: {file: keys.json}}\n"
        "policies: policies/\naudit: {file: audit.jsonl}\n"
    )
    return file


@pytest.mark.parametrize("broken", SETS.values(), ids=SETS.keys())
def test_the_last_good_policies_stay(project: Path, world: Any, broken: str) -> None:
    """A reload that fails changes nothing, and says why."""
    engine = PolicyEngine.from_config(project, now=lambda: world.now)
    before = engine.evaluate(world.human(), rpc("ping"))
    (project.parent / "policies" / "p.cedar").write_text(broken)

    with pytest.raises(PolicyError):
        engine.reload()

    after = engine.evaluate(world.human(), rpc("ping"))
    assert (before.allowed, before.generation) == (after.allowed, after.generation) == (True, 1)
    assert before.policy_digest == after.policy_digest


def test_a_reload_takes_effect_from_the_next_call_on(project: Path, world: Any) -> None:
    """And not before; generation and digest tell which policies decided."""
    engine = PolicyEngine.from_config(project, now=lambda: world.now)
    before = engine.evaluate(world.human(), rpc("ping"))
    (project.parent / "policies" / "p.cedar").write_text(
        '@id("no") forbid (principal is User, action, resource);'
    )

    engine.reload()

    after = engine.evaluate(world.human(), rpc("ping"))
    assert (before.allowed, after.code, after.generation) == (True, "forbidden", 2)
    assert before.policy_digest != after.policy_digest


def test_a_reload_during_an_outage_loses_no_keys(project: Path, world: Any, key_server: Any) -> None:
    """What was fetched before is used on."""
    text = project.read_text().replace("keys: {file: keys.json}", f"keys: {{uri: {key_server.url}}}")
    project.write_text(f"development: true\n{text}")
    engine = PolicyEngine.from_config(project, now=lambda: world.now)
    before = engine.evaluate(world.human(), rpc("ping"))
    key_server.answers = False
    world.now += 3600

    engine.reload()

    after = engine.evaluate(world.human(exp=world.now + 60), rpc("ping"))
    assert (before.code, before.generation) == ("allowed", 1)
    assert (after.code, after.generation) == ("allowed", 2)


def test_the_audit_file_changes_with_the_configuration(project: Path, world: Any) -> None:
    """A reload that names another file writes there from then on, and an unchanged one goes on."""
    engine = PolicyEngine.from_config(project, now=lambda: world.now)
    engine.evaluate(world.human(), rpc("ping"))
    engine.reload()
    engine.evaluate(world.human(), rpc("ping"))
    project.write_text(project.read_text().replace("audit.jsonl", "other.jsonl"))
    engine.reload()
    engine.evaluate(world.human(), rpc("ping"))

    lines = {name: (project.parent / name).read_text().count("\n") for name in ("audit.jsonl", "other.jsonl")}
    assert lines == {"audit.jsonl": 2, "other.jsonl": 1}


def test_an_unknown_key_of_the_configuration_is_refused(project: Path) -> None:
    """A typo fails loudly."""
    project.write_text(project.read_text().replace("audit:", "audits:"))

    with pytest.raises(ConfigError) as caught:
        PolicyEngine.from_config(project)

    assert str(caught.value) == f"{project}:7:1: unknown key `audits` (did you mean `audit`?)"


# --- our own faults -------------------------------------------------------------------------------


def test_a_decision_that_can_not_be_recorded_is_a_refusal(world: Any, call: Call, tmp_path: Path) -> None:
    """Unless the operator chose otherwise."""
    trail = AuditTrail(sink=FileSink(tmp_path / "missing" / "audit.jsonl"))
    engine = world.engine(audit=trail)

    assert row(engine.evaluate(world.human(), call("list_issues", repo="a"))) == ("audit_failed", None, 503)


def test_a_bug_is_a_refusal_and_is_logged_without_what_was_sent(
    world: Any, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    """The outermost handler answers; the log names the place."""
    token = world.human()
    engine = world.engine()
    world.now = "not a time"

    with caplog.at_level(logging.DEBUG):
        decision = engine.evaluate(token, call("list_issues", repo="secret-repo"))

    assert row(decision) == ("internal_error", None, 503)
    assert "TypeError" in caplog.text
    assert token not in caplog.text
    assert "secret-repo" not in caplog.text


def test_no_record_and_no_log_line_holds_a_token_or_an_argument(
    world: Any, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    """Allowed or refused, whatever the reason: neither the token nor a part of it, nor what was asked for."""
    engine = world.engine()
    tokens = [make(world) for make, _ in (*TOKENS.values(), *PRINCIPALS.values())] + [
        world.human(),
        world.machine(),
    ]

    with caplog.at_level(logging.DEBUG):
        for token in tokens:
            engine.evaluate(token, call("create_issue", repo="acme/confidential"))

    told = json.dumps(world.sink.records) + caplog.text
    assert len(world.sink.records) == len(tokens)
    parts = {part for token in tokens for part in token.split(".") if len(part) > 10}
    assert [part for part in parts if part in told] == []
    assert "confidential" not in told


def test_a_key_server_that_redirects_is_not_followed(world: Any, call: Call, key_server: Any) -> None:
    """Keys come from where the operator said, or not at all."""
    key_server.redirects_to = f"{key_server.url}/elsewhere"
    issuers = world.issuers()
    issuers["corp"]["keys"] = {"uri": key_server.url}
    engine = world.engine(issuers=issuers, development=True)

    decision = engine.evaluate(world.human(), call("list_issues", repo="a"))

    assert row(decision) == ("keys_unavailable", "http_status", 503)
    assert key_server.asked == ["/jwks.json"]


def test_a_symmetric_key_is_refused(world: Any) -> None:
    """`HS256` with a shared secret isn't a key of an issuer."""
    issuers = world.issuers()
    issuers["corp"]["keys"] = {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}

    with pytest.raises(ConfigError) as caught:
        world.engine(issuers=issuers)

    assert caught.value.remedy == "give a JWK Set of public keys"


def test_the_stranger_is_a_key_of_its_own(signing_keys: dict[str, SigningKey]) -> None:
    """The tests above would prove nothing if the stranger's key were an issuer's."""
    assert len({key.kid for key in signing_keys.values()}) == 3
