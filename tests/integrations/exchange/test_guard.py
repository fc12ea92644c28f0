"""What a guard lets through, what it answers itself, and what of a request goes on."""

import asyncio
import json
from typing import Any

import pytest

from policy_engine.integrations.exchange import Admitted, Answer, Guard, Request

POLICIES = """
@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);
@id("people") permit (principal is User, action in Action::"github/*", resource);
@id("lists") @kinds("both") permit (principal, action == Action::"list_tools", resource);
@id("scoped") permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.token.scopes.contains("issues:admin") };
"""
METADATA = "/.well-known/oauth-protected-resource/github"
OWN = "https://mcp.example.com"


def rpc(method: str, **params: Any) -> dict[str, Any]:
    """A request."""
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}


def post(token: str | None, body: Any, *more: tuple[str, str], **changes: Any) -> Request:
    """A POST of a client that does everything right."""
    own = (("Authorization", f"Bearer {token}"),) if token else ()
    fields = {
        "method": "POST",
        "target": "/github",
        "headers": (*own, ("Content-Type", "application/json"), ("Accept", "application/json"), *more),
        "body": body if isinstance(body, bytes) else json.dumps(body).encode(),
    }
    return Request(**{**fields, **changes})


def admitted(guard: Guard, request: Request) -> Admitted:
    """What goes on."""
    outcome = asyncio.run(guard.admit(request))
    assert isinstance(outcome, Admitted), outcome
    return outcome


def answered(guard: Guard, request: Request) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of what is answered without the server."""
    outcome = asyncio.run(guard.admit(request))
    assert isinstance(outcome, Answer), outcome
    headers = {name.lower(): value for name, value in outcome.headers}
    assert len(headers) == len(outcome.headers)
    return outcome.status, headers, json.loads(outcome.body) if outcome.body else None


@pytest.fixture
def guard(world: Any) -> Guard:
    """In front of the world's server."""
    return Guard(world.engine(POLICIES), "github")


def test_what_goes_on_is_the_message_that_was_decided_on(world: Any, guard: Guard) -> None:
    """Parsed and written anew, with defaults; of the headers, those of MCP alone."""
    call = rpc("tools/call", name="list_issues", arguments={"repo": "a"})
    more = (
        ("MCP-Protocol-Version", "2025-11-25"),
        ("Mcp-Param-Repo", "a"),
        ("Last-Event-ID", "5"),
        ("User-Agent", "test"),
        ("Cookie", "session=1"),
        ("Proxy-Authorization", "Basic eA=="),
        ("X-Forwarded-User", "root"),
        ("X_Forwarded_User", "root"),
        ("X-Policy-Engine-Principal", "root"),
        ("Forwarded", "for=1.2.3.4"),
        ("Connection", "close, mcp-method"),
        ("Transfer-Encoding", "chunked"),
        ("Accept-Encoding", "gzip"),
    )

    passed = admitted(guard, post(world.human(), call, *more))

    assert json.loads(passed.body)["params"]["arguments"] == {"repo": "a", "limit": 20}
    assert passed.headers == (
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("mcp-protocol-version", "2025-11-25"),
        ("mcp-param-repo", "a"),
        ("last-event-id", "5"),
        ("user-agent", "test"),
        ("accept-encoding", "identity"),
    )
    assert passed.decision.principal == guard.engine.identify(world.human())


def test_a_value_that_would_begin_another_header_goes_nowhere(world: Any, guard: Guard) -> None:
    """Whatever read it in."""
    passed = admitted(guard, post(world.human(), rpc("ping"), ("User-Agent", "a\r\nAuthorization: Bearer x")))
    assert "user-agent" not in dict(passed.headers)


def test_who_brings_nothing_is_told_where_tokens_come_from(guard: Guard) -> None:
    """And no error, since they made none (RFC 6750, section 3.1)."""
    status, headers, body = answered(guard, post(None, rpc("ping")))

    assert (status, headers["www-authenticate"]) == (401, f'Bearer resource_metadata="{OWN}{METADATA}"')
    assert (headers["content-type"], headers["cache-control"]) == ("application/json", "no-store")
    assert body == {"jsonrpc": "2.0", "error": {"code": 401, "message": "Unauthorized"}}


@pytest.mark.parametrize("target", ["/github?access_token={}", "/github?token={}"])
def test_a_token_in_the_address_is_none(world: Any, guard: Guard, target: str) -> None:
    """It would be in every log on the way."""
    request = post(None, rpc("ping"), target=target.format(world.human()))
    assert answered(guard, request)[0] == 401


@pytest.mark.parametrize("second", ["Bearer {}", "Basic eA==", ""])
def test_two_credentials_are_none(world: Any, guard: Guard, second: str) -> None:
    """Nobody knows which of them another reader takes."""
    token = world.human()
    for extra in (
        post(token, rpc("ping"), ("authorization", second.format(token))),
        post(None, rpc("ping"), ("Authorization", f"Bearer {token}, {second.format(token)}")),
    ):
        status, headers, body = answered(guard, extra)
        assert (status, headers["www-authenticate"]) == (400, 'Bearer error="invalid_request"')
        assert token not in json.dumps(body)


@pytest.mark.parametrize("value", ["Basic {}", "DPoP {}", "Bearer", "Bearer ", "{}"])
def test_credentials_of_another_scheme_are_none(world: Any, guard: Guard, value: str) -> None:
    """So the answer is what it is for somebody who brings nothing."""
    request = post(None, rpc("ping"), ("Authorization", value.format(world.human())))
    status, headers, _ = answered(guard, request)
    assert (status, "error=" in headers["www-authenticate"]) == (401, False)


def test_the_scheme_is_read_in_any_case(world: Any, guard: Guard) -> None:
    """RFC 9110, section 11.1."""
    assert admitted(
        guard, post(None, rpc("ping"), ("authorization", f"bEARER  {world.human()}"))
    ).decision.allowed


def test_refusals_tell_what_the_protocol_has_told_and_no_more(world: Any, guard: Guard) -> None:
    """Scopes where only those are lacking."""
    call = rpc("tools/call", name="create_issue", arguments={"repo": "a"})
    status, headers, body = answered(guard, post(world.machine(), call))
    assert (status, body["error"], body["id"]) == (403, {"code": 403, "message": "Insufficient scope"}, 7)
    assert headers["www-authenticate"].endswith('error="insufficient_scope", scope="issues:admin"')

    denied = rpc("tools/call", name="delete_repository", arguments={"repo": "a"})
    status, headers, body = answered(guard, post(world.machine(), denied))
    assert (status, "www-authenticate" in headers, body["error"]["message"]) == (403, False, "Forbidden")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ((("Content-Type", "text/plain"),), b"{}", 415),
        ((), b"{}", 415),
        ((("Content-Type", "application/json"), ("Content-Type", "text/plain")), b"{}", 415),
        ((("Content-Type", "application/json; charset=utf-16"),), b"{}", 415),
        ((("Content-Type", "application/json"), ("Content-Encoding", "gzip")), b"{}", 415),
        ((("Content-Type", "application/json"),), b"[" + b" " * Guard.most + b"]", 413),
    ],
)
def test_bodies_that_another_may_read_otherwise_are_refused(
    guard: Guard, headers: Any, body: bytes, status: int
) -> None:
    """Before anybody looks into them."""
    assert answered(guard, post(None, body, headers=headers))[0] == status


@pytest.mark.parametrize(
    "media", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_is_read_however_it_is_announced(world: Any, guard: Guard, media: str) -> None:
    """RFC 9110, section 8.3."""
    headers = (("Authorization", f"Bearer {world.human()}"), ("Content-Type", media))
    assert admitted(guard, post(None, rpc("ping"), headers=headers)).decision.allowed


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "TRACE", "CONNECT", "get"])
def test_other_verbs_are_refused(world: Any, guard: Guard, method: str) -> None:
    """MCP has three."""
    request = post(world.human(), b"", method=method)
    assert answered(guard, request)[:2] == (405, {"allow": "GET, POST, DELETE"})


def test_streams_are_decided_on_too(world: Any, guard: Guard) -> None:
    """A GET or DELETE has no body, and needs a token like any request."""
    for method in ("GET", "DELETE"):
        allowed = admitted(guard, post(world.human(), b"", method=method))
        assert (allowed.body, allowed.decision.method) == (b"", method)
        assert answered(guard, post(None, b"", method=method))[0] == 401
        assert answered(guard, post(world.human(), b"{}", method=method))[0] == 400


def test_the_metadata_says_who_issues_tokens(guard: Guard) -> None:
    """At the place of the resource and at the root; to anybody, pages included (RFC 9728)."""
    for target in (METADATA, "/.well-known/oauth-protected-resource", f"{METADATA}?x=1"):
        status, headers, body = answered(guard, Request(method="GET", target=target))
        assert (status, headers["access-control-allow-origin"]) == (200, "*")
        assert body == {
            "resource": "https://mcp.example.com/github",
            "authorization_servers": ["https://login.example.com", "https://as.example.com"],
            "bearer_methods_supported": ["header"],
        }
    assert answered(guard, Request(method="HEAD", target=METADATA))[2] is None
    assert answered(guard, Request(method="POST", target=METADATA))[0] == 405
    alone = Guard(guard.engine, "github", at_root=False)
    assert answered(alone, Request(method="GET", target="/.well-known/oauth-protected-resource"))[0] == 401


def test_a_page_that_may_call_is_told_so_by_its_browser(world: Any) -> None:
    """Before it asks, and with each answer; another page is told nothing."""
    servers = {"github": {"resource": f"{OWN}/github", "origins": ["https://app.example.com"]}}
    guard = Guard(world.engine(POLICIES.partition('@id("people")')[0], servers=servers), "github")
    page, other = ("Origin", "https://app.example.com"), ("Origin", "https://evil.example")
    asked = ("Access-Control-Request-Headers", "authorization, Mcp-Param-Repo, x-other")

    status, headers, _ = answered(guard, Request(method="OPTIONS", target="/github", headers=(page, asked)))
    assert (status, headers["access-control-allow-origin"]) == (204, "https://app.example.com")
    assert headers["access-control-allow-headers"].split(", ")[-2:] == ["mcp-session-id", "mcp-param-repo"]
    assert answered(guard, Request(method="OPTIONS", target="/github", headers=(other, asked)))[0] == 403
    assert answered(guard, Request(method="OPTIONS", target="/github"))[0] == 403

    assert answered(guard, post(None, rpc("ping"), page))[1]["access-control-allow-origin"] == page[1]
    status, headers, _ = answered(guard, post(world.human(), rpc("ping"), other))
    assert (status, "access-control-allow-origin" in headers) == (403, False)
    assert ("Access-Control-Allow-Origin", page[1]) in admitted(
        guard, post(world.human(), rpc("ping"), page)
    ).pages


def test_a_request_for_another_host_came_to_the_wrong_door(world: Any, guard: Guard) -> None:
    """A name that somebody had resolved to this address (DNS rebinding)."""
    strict = Guard(guard.engine, "github", hosts={"mcp.example.com", "localhost:8080"})
    token = world.human()
    for host in ("mcp.example.com", "MCP.example.com", "localhost:8080"):
        assert admitted(strict, post(token, rpc("ping"), ("Host", host))).decision.allowed
    for hosts in (["evil.example"], ["localhost"], [], ["mcp.example.com", "evil.example"]):
        request = post(token, rpc("ping"), *(("Host", host) for host in hosts))
        assert answered(strict, request)[0] == 421


def test_a_session_is_of_use_to_its_owner_alone(world: Any, guard: Guard) -> None:
    """The server's own id stays here; another's is as good as none, of whichever kind they are."""
    passed = admitted(guard, post(world.human("ci-bot"), rpc("ping")))
    reply = passed.reply(200, (("Content-Type", "application/json"), ("Mcp-Session-Id", "server-1")))
    given = dict(reply.headers)["mcp-session-id"]
    assert "server-1" not in given

    def brings(token: str, session: str) -> Request:
        return post(token, rpc("ping"), ("Mcp-Session-Id", session))

    own = admitted(guard, brings(world.human("ci-bot"), given))
    assert [value for name, value in own.headers if name == "mcp-session-id"] == ["server-1"]
    for token in (world.human("bob"), world.machine("ci-bot")):
        status, _, body = answered(guard, brings(token, given))
        assert (status, body["error"], body["id"]) == (
            404,
            {"code": -32600, "message": "Session not found"},
            7,
        )
    for session in ("server-1", "", "é", given[:-2], given + "A", "A" * 10_000):
        assert answered(guard, brings(world.human("ci-bot"), session))[0] == 404
    twice = post(world.human("ci-bot"), rpc("ping"), ("Mcp-Session-Id", given), ("mcp-session-id", given))
    assert answered(guard, twice)[0] == 404
    elsewhere = Guard(guard.engine, "github")
    assert answered(elsewhere, brings(world.human("ci-bot"), given))[0] == 404
