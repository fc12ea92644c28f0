"""What goes through the gateway, what doesn't, and what each side gets to see of the other."""

import json
import logging
from contextlib import ExitStack
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from tests.integrations.gateway.conftest import ITEMS, POLICIES, Heard, MakeSite, call, rpc, scripted, write

DONE = {"jsonrpc": "2.0", "id": 7, "result": {"content": []}}


def test_a_server_gets_the_message_and_the_gateways_own_token(
    site: MakeSite, upstream: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of what the caller proves itself with, and nothing that others say of the caller."""
    monkeypatch.setenv("GITHUB_TOKEN", "own-token")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    made = site({"github": {"url": upstream.says(DONE).url, "bearer": {"env": "GITHUB_TOKEN"}}})
    token = made.machine()
    bad = {"cookie": "a=b", "x_forwarded_user": "root", "x_principal": "root", "forwarded": "for=x"}

    answer = made.ask(token, call(), mcp_param_repo="a", traceparent="00-1", **bad)

    assert (answer.status_code, answer.json()) == (200, DONE)
    (head,), (body,) = upstream.heads, upstream.bodies
    lines = head.decode().split("\r\n")
    names = [line.split(":")[0].lower() for line in lines[1:]]
    assert lines[0] == "POST /mcp HTTP/1.1"
    assert "authorization: Bearer own-token" in lines
    assert sorted(names) == [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "mcp-param-repo",
        "traceparent",
        "user-agent",
    ]
    assert token.encode() not in head + body
    assert json.loads(body) == call()


def test_no_token_goes_to_a_server_that_has_none(site: MakeSite, upstream: Heard) -> None:
    """Neither the caller's nor another; its query stays here, too."""
    made = site({"github": upstream.says(DONE).url})
    assert made.ask(made.machine(), rpc("ping"), path="/github?access_token=x").status_code == 200
    assert b"authorization" not in upstream.heads[0].lower()
    assert upstream.heads[0].startswith(b"POST /mcp HTTP/1.1\r\n")


def test_what_isnt_allowed_never_reaches_a_server(site: MakeSite, upstream: Heard) -> None:
    """With the status, the challenge and the error that the protocol has for it."""
    made = site({"github": upstream.says(DONE).url})
    metadata = f'resource_metadata="{made.base}/.well-known/oauth-protected-resource/github"'
    machine = made.machine()
    for token, message, status in (
        (None, call(), 401),
        ("nonsense", call(), 401),
        (machine, call("delete_repository"), 403),
        (machine, rpc("no/such"), 404),
        (machine, [call()], 400),
    ):
        assert made.ask(token, message).status_code == status

    refused = made.ask(made.machine(), call("delete_repository"))
    assert refused.json() == {"jsonrpc": "2.0", "id": 7, "error": {"code": 403, "message": "Forbidden"}}
    assert made.ask(None, call()).headers["www-authenticate"] == f"Bearer {metadata}"
    step_up = made.ask(made.machine(scope="issues:read"), call())
    assert (step_up.status_code, step_up.headers["www-authenticate"]) == (
        403,
        f'Bearer {metadata}, error="insufficient_scope", scope="issues:write"',
    )
    other = made.ask(made.machine(server="other"), call())
    assert (other.status_code, 'error="invalid_token"' in other.headers["www-authenticate"]) == (401, True)
    assert upstream.heads == []


@pytest.mark.parametrize("form", ["json", "events"])
def test_a_list_is_cut_to_its_reader(site: MakeSite, upstream: Heard, form: str) -> None:
    """Of two tools a machine may use one; a list can't be shared by a cache."""
    listed = {"jsonrpc": "2.0", "id": 7, "result": {"tools": ITEMS, "cacheScope": "public"}}
    if form == "json":
        upstream.says(listed)
    else:
        event = b"event: message\ndata: " + json.dumps(listed).encode() + b"\n\n"
        upstream.answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", event)
    made = site({"github": upstream.url})

    answer = made.ask(made.machine(), rpc("tools/list"))

    text = answer.text.partition("data: ")[2] if form == "events" else answer.text
    result = json.loads(text)["result"]
    assert [tool["name"] for tool in result["tools"]] == ["create_issue"]
    assert result["cacheScope"] == "private"


def test_other_paths_are_nobodys(site: MakeSite, upstream: Heard) -> None:
    """Nothing is decoded, merged or resolved."""
    made = site({"github": upstream.says(DONE).url})
    for path in ("/", "/githu", "/github/", "/github/x", "/GitHub", "/%67ithub", "//github"):
        answer = made.ask(made.machine(), rpc("ping"), path=path)
        assert (answer.status_code, answer.content) == (404, b'{"error":"not_found"}'), path
    assert upstream.heads == []


def test_several_servers_are_told_apart(site: MakeSite, upstream: Heard, stack: ExitStack) -> None:
    """By path; a token for one opens no other, and each has its metadata at its own place."""
    second = stack.enter_context(scripted()).says({**DONE, "result": {"second": True}})
    made = site({"github": upstream.says(DONE).url, "jira": {"url": second.url, "path": "/j"}})

    assert made.ask(made.machine(), rpc("ping")).json() == DONE
    assert made.ask(made.machine(server="jira"), rpc("ping"), path="/j").json()["result"] == {"second": True}
    assert made.ask(made.machine(), rpc("ping"), path="/j").status_code == 401
    for name in ("github", "jira"):
        path = f"/.well-known/oauth-protected-resource/{name}"
        assert made.ask(None, b"", path=path, method="GET").json() == {
            "resource": f"{made.base}/{name}",
            "authorization_servers": ["https://login.example.com", "https://as.example.com"],
            "bearer_methods_supported": ["header"],
        }
    root = made.ask(None, b"", path="/.well-known/oauth-protected-resource", method="GET")
    assert root.status_code == 404


def test_the_metadata_of_the_only_server_is_at_the_root_too(site: MakeSite, upstream: Heard) -> None:
    """For clients that look nowhere else."""
    made = site({"github": upstream.url})
    root = made.ask(None, b"", path="/.well-known/oauth-protected-resource", method="GET")
    assert (root.status_code, root.json()["resource"]) == (200, f"{made.base}/github")


def test_a_request_for_another_host_is_refused(site: MakeSite, upstream: Heard) -> None:
    """A page whose name was bound to this address gets nowhere (DNS rebinding); probes ask by any name."""
    made = site({"github": upstream.says(DONE).url}, hosts=["Proxy.example.com"])
    port = made.base.rpartition(":")[2]
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "proxy.example.com"):
        assert made.ask(made.machine(), rpc("ping"), host=host).status_code == 200
    for host in ("evil.example", "localhost", f"evil.example:{port}"):
        assert made.ask(made.machine(), rpc("ping"), host=host).status_code == 421
    for place in ("/healthz", "/readyz"):
        assert made.ask(None, b"", path=place, method="GET", host="10.0.0.1").status_code == 200
    assert made.ask(made.machine(), rpc("ping"), origin="https://evil.example").status_code == 403


def test_a_session_is_of_use_to_its_owner_alone(site: MakeSite, upstream: Heard) -> None:
    """The server's id is sealed for the caller; with it they ask, listen, resume and end."""
    made = site({"github": upstream.says(DONE, "200 OK", "Mcp-Session-Id: own-1", "Set-Cookie: a=b").url})
    begun = made.ask(made.machine(), rpc("ping"))
    given = begun.headers["mcp-session-id"]
    assert "own-1" not in given
    assert "set-cookie" not in begun.headers

    for method in ("POST", "GET", "DELETE"):
        answer = made.ask(
            made.machine(), rpc("ping"), method=method, mcp_session_id=given, last_event_id="e5"
        )
        assert answer.status_code == 200
        head = upstream.heads[-1].lower()
        assert head.startswith(method.lower().encode() + b" /mcp ")
        assert b"mcp-session-id: own-1" in head
        assert b"last-event-id: e5" in head
        assert b"cookie" not in head
    heard = len(upstream.heads)
    for token, session in ((made.machine("other-bot"), given), (made.human("ci-bot"), given), (None, given)):
        assert made.ask(token, rpc("ping"), mcp_session_id=session).status_code in (401, 404)
    assert made.ask(made.machine(), rpc("ping"), mcp_session_id="own-1").status_code == 404
    assert len(upstream.heads) == heard


def test_replicas_with_one_key_know_each_others_sessions(
    site: MakeSite, upstream: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session goes on wherever its next request ends up."""
    monkeypatch.setenv("SESSION_KEY", "A" * 42 + "E")
    upstream.says(DONE, "200 OK", "Mcp-Session-Id: own-1")
    made = site({"github": upstream.url}, session_key={"env": "SESSION_KEY"})
    given = made.ask(made.machine(), rpc("ping")).headers["mcp-session-id"]
    other = site({"github": upstream.url}, session_key={"env": "SESSION_KEY"})
    assert other.ask(other.machine(), rpc("ping"), mcp_session_id=given).status_code == 200
    assert b"mcp-session-id: own-1" in upstream.heads[-1].lower()


def test_a_page_that_may_call_gets_its_headers(site: MakeSite, upstream: Heard) -> None:
    """Of the server's own origin, say; before the call, and with whatever comes of it."""
    made = site({"github": upstream.says(DONE).url})
    asked = made.ask(None, b"", method="OPTIONS", origin=made.base, access_control_request_method="POST")
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, made.base)
    for token in (made.machine(), None):
        told = made.ask(token, rpc("ping"), origin=made.base)
        assert told.headers["access-control-allow-origin"] == made.base


def test_what_is_loaded_anew_is_in_force_at_once(
    site: MakeSite, upstream: Heard, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    """Policies and ways; sessions go on. What can't be used changes nothing, and is told."""
    second = stack.enter_context(scripted()).says({**DONE, "result": {"second": True}})
    made = site({"github": upstream.says(DONE, "200 OK", "Mcp-Session-Id: own-1").url})
    given = made.ask(made.machine(), rpc("ping")).headers["mcp-session-id"]

    write(made, {"github": upstream.url}, POLICIES.partition('@id("machines")')[0])
    made.engine.reload()
    assert made.ask(made.machine(), call(), mcp_session_id=given).status_code == 403
    assert made.ask(made.machine(), rpc("ping"), mcp_session_id=given).status_code == 200

    write(made, {"github": second.url})
    made.engine.reload()
    assert made.ask(made.machine(), call(), mcp_session_id=given).json()["result"] == {"second": True}

    write(made, {"github": {"url": upstream.url, "bearer": {"env": "NOT_SET"}}})
    with caplog.at_level(logging.ERROR):
        made.engine.reload()
        assert made.ask(made.machine(), call()).json()["result"] == {"second": True}
    assert "the gateway stays as it was" in caplog.text

    (made.folder / "policies.cedar").write_text("permit (")
    with pytest.raises(ConfigError):
        made.engine.reload()
    assert made.ask(made.machine(), call()).status_code == 200


def test_a_token_in_a_file_is_read_anew(
    site: MakeSite, upstream: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something else renews it; while the file is gone or empty, the last one is sent."""
    monkeypatch.setattr("policy_engine.integrations.gateway.bearers._READ_AGAIN_SECONDS", 0.0)
    (tmp_path / "token").write_text("first\n")
    made = site({"github": {"url": upstream.says(DONE).url, "bearer": {"file": "token"}}})
    for text, sent in (("first", b"first"), ("second", b"second"), ("", b"second"), (None, b"second")):
        if text is None:
            (tmp_path / "token").unlink()
        else:
            (tmp_path / "token").write_text(text)
        assert made.ask(made.machine(), rpc("ping")).status_code == 200
        assert b"authorization: Bearer " + sent in upstream.heads[-1]
