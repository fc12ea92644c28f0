"""The token endpoint as HTTP: rules AS-20 to AS-27, AS-76, AS-78."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.authserver import IssuanceEvent
from tests.authserver.rules.conftest import GITHUB, NOW, Server

REQUEST = (400, "invalid_request")


@pytest.mark.rules("AS-20")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_post_is_answered(server: Server, method: str) -> None:
    """Others are told so; no other origin is invited."""
    answer = server.by_secret().send(method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.rules("AS-21")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/form-data",
        "text/plain",
        "",
        "application/x-www-form-urlencoded;charset=latin-1",
    ],
)
def test_the_body_is_a_form(server: Server, content_type: str) -> None:
    """Of that one type, in UTF-8."""
    assert server.by_secret().header("Content-Type", content_type).send().told == REQUEST


@pytest.mark.rules("AS-21")
def test_the_body_is_bounded_and_well_formed(server: Server) -> None:
    """Nothing of a larger one is read; stray signs and other encodings are refused."""
    assert server.by_secret().send(body=b"a" * (64 * 1024 + 1)).told == (413, "invalid_request")
    for body in (b"grant_type=%zz", b"grant_type=%ff", b"grant_type=\xff", b"&".join([b"a=b"] * 65)):
        assert server.by_secret().send(body=body).told == REQUEST


@pytest.mark.rules("AS-22")
def test_the_query_counts_for_nothing(server: Server) -> None:
    """Credentials in it are refused: they are in logs by now."""
    assert server.by_secret().form(scope=None).send("/token?scope=issues:read").told == (400, "invalid_scope")
    assert server.by_secret().send("/token?x=y&scope=none").status == 200
    for name in ("client_secret", "client_assertion"):
        assert server.by_secret().send(f"/token?{name}=x").told == REQUEST


@pytest.mark.rules("AS-23")
def test_a_parameter_stands_once(server: Server) -> None:
    """But for `resource`; an empty one is omitted, and an unknown one doesn't matter."""
    assert server.by_secret().also(("scope", "issues:read")).send().told == REQUEST
    assert server.by_secret().also(("unknown", "1"), ("unknown", "2")).send().told == REQUEST
    assert server.by_secret().also(("resource", GITHUB), ("unknown", "1"), ("code", "")).send().status == 200
    assert server.by_secret().form(grant_type="").send().told == REQUEST
    assert server.by_secret().form(grant_type=None).send().told == REQUEST


@pytest.mark.rules("AS-25", "AS-26")
def test_an_answer_with_a_token_says_all_of_it(server: Server) -> None:
    """And isn't kept; there is no refresh token and no id token."""
    answer = server.by_secret().form(scope="issues:write issues:read").send()
    body = answer.json
    assert {**body, "access_token": "…"} == {
        "access_token": "…",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "issues:read issues:write",
    }
    assert (answer.headers["content-type"], answer.headers["cache-control"], answer.headers["pragma"]) == (
        "application/json",
        "no-store",
        "no-cache",
    )


@pytest.mark.rules("AS-26")
@pytest.mark.parametrize("scope", ["openid", "offline_access", "issues:read offline_access"])
def test_scopes_of_people_are_no_scopes(server: Server, scope: str) -> None:
    """No user takes part."""
    assert server.by_secret().form(scope=scope).send().told == (400, "invalid_scope")


@pytest.mark.rules("AS-27")
def test_a_refusal_is_json_that_is_not_kept(server: Server) -> None:
    """It quotes nothing that was sent."""
    sent = "s3cret-of-somebody"
    answers = [
        server.by_secret().form(scope=sent).send(),
        server.by_secret().form(resource=f"https://{sent}.example").send(),
        server.by_secret().form(grant_type=sent).send(),
        server.by_secret().header("Authorization", server.basic(f"basic-bot:{sent}")["Authorization"]).send(),
        server.by_key(sent).send(),
    ]
    for answer in answers:
        assert (answer.headers["cache-control"], answer.headers["content-type"]) == (
            "no-store",
            "application/json",
        )
        assert set(answer.json) == {"error", "error_description"}
        assert sent not in answer.text + repr(answer.headers)
        allowed = {*map(chr, (0x20, 0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F)))}
        assert set(answer.json["error_description"]) <= allowed


@pytest.mark.rules("AS-78")
def test_each_request_leaves_one_event(server: Server) -> None:
    """Who, how, which key, which token, for what; and no secret."""
    server.events.clear()
    issued = server.by_key(server.assertion({"jti": "event-1"})).send().json["access_token"]
    server.by_secret().form(scope="wrong").send()
    server.by_secret("nobody").send()
    first, second, third = server.events
    assert first == IssuanceEvent(
        time=NOW,
        issued=True,
        client_id="ci-bot",
        authenticated=True,
        method="private_key_jwt",
        kid=server.signing.kid,
        jti=first.jti,
        assertion_jti="event-1",
        assertion_kid=server.key.kid,
        resource=GITHUB,
        scopes=("issues:read",),
        expires_at=NOW + 300,
    )
    assert (second.issued, second.reason, second.client_id, second.authenticated) == (
        False,
        "scope_not_allowed",
        "basic-bot",
        True,
    )
    assert (third.reason, third.client_id, third.authenticated) == ("unknown_client", None, False)
    text = repr(server.events)
    assert issued not in text
    assert server.secret not in text


@pytest.mark.rules("AS-27", "AS-78")
def test_without_a_record_no_token_leaves(start: Callable[..., Any]) -> None:
    """Nor without a key: the answer says nothing about why."""
    from policy_engine.errors import AuditError  # noqa: PLC0415

    def fail(_event: IssuanceEvent) -> None:
        raise AuditError("audit_failed")

    with start(events=fail) as server:
        answer = server.by_secret().send()
        assert (answer.status, json.loads(answer.text)) == (
            503,
            {"error": "server_error", "error_description": "the server cannot answer now"},
        )
