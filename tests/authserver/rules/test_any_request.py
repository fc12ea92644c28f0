"""Whatever is sent over HTTP, a token comes of good credentials alone, and nothing else breaks."""

import json
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.authserver import ASSERTION_TYPE
from tests.authserver.rules.conftest import GITHUB, Ask, Server
from tests.plugins.samples import samples

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.sampled_from(
    [
        "grant_type",
        "resource",
        "scope",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ]
)
VALUES = TEXT | st.sampled_from(
    [
        "client_credentials",
        GITHUB,
        "issues:read",
        "ci-bot",
        "basic-bot",
        ASSERTION_TYPE,
        "e30.e30.",
        "..",
        "\x00",
    ]
)
FORMS = st.lists(st.tuples(NAMES | TEXT, VALUES), max_size=8).map(lambda pairs: urlencode(pairs).encode())
BODIES = FORMS | st.binary(max_size=200)
HEADER = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
PATHS = st.sampled_from(
    [
        *("/token", "/jwks.json", "/authorize", "/register", "/", "/healthz", "/token/", "//token", "/TOKEN"),
        *(
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
            "/token%2f",
            "/%74oken",
        ),
        *("/../token", "/.well-known/../token", "/token;a", "/introspect", "/revoke", "/clients"),
    ]
)
METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "token"])


def exchange(
    server: Server, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, str, str]:
    """Status, type and text of an answer."""
    place = urlsplit(server.issuer)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type") or "", answer.read().decode()
    finally:
        connection.close()


@pytest.mark.rules("AS-20", "AS-21", "AS-27")
@given(method=METHODS, path=PATHS, query=HEADER | st.just(""), body=BODIES, authorization=HEADER | st.none())
@settings(max_examples=samples(150))
def test_nothing_without_credentials_gets_a_token(  # noqa: PLR0917 -- the parts of a request
    server: Server,
    method: str,
    path: str,
    query: str,
    body: bytes,
    authorization: str | None,
) -> None:
    """Every answer is JSON with a status of the table, and the server goes on."""
    target = path + (f"?{urlencode({'x': query})}" if query else "")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if authorization is not None:
        headers["Authorization"] = authorization.strip() or "x"
    status, kind, text = exchange(server, method, target, body, headers)
    assert status in {200, 400, 401, 404, 405, 413, 429}
    assert kind == "application/json"
    if method != "HEAD" and text:
        assert "access_token" not in json.loads(text)
    assert status != 200 or method in ("GET", "HEAD")


@pytest.mark.rules("AS-30", "AS-50", "AS-51", "AS-52", "AS-54")
@given(
    changes=st.dictionaries(NAMES, VALUES | st.none(), max_size=3),
    more=st.lists(st.tuples(NAMES, VALUES), max_size=2),
)
@settings(max_examples=samples(150))
def test_a_client_never_gets_more_than_was_registered(
    server: Server, changes: dict[str, str | None], more: list[tuple[str, str]]
) -> None:
    """However its good request is changed."""
    answer = Ask(server, server.basic(f"basic-bot:{server.secret}")).form(**changes).also(*more).send()
    if answer.status != 200:
        assert answer.told[1] in {
            "invalid_request",
            "invalid_client",
            "invalid_scope",
            "invalid_target",
            "unsupported_grant_type",
        }
        return
    assert set(answer.json["scope"].split()) <= {"issues:read", "issues:write"}
    event = server.events[-1]
    assert (event.client_id, event.resource) == ("basic-bot", GITHUB)
