"""Every reason to refuse a token, over real HTTP: what the client reads, and what the operator learns."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from policy_engine.authserver import (
    ASSERTION_TYPE,
    HttpResponse,
    IssuanceEvent,
)
from policy_engine.authserver.web import REFUSALS
from policy_engine.jose import SigningKey

FORM = ("Content-Type", "application/x-www-form-urlencoded")
GITHUB = "https://mcp.example.com/github"
NOW = 1_800_000_000
BY_SECRET: dict[str, str | None] = {
    "client_id": "agent",
    "client_secret": "current",
    "client_assertion": None,
    "client_assertion_type": None,
}
ANONYMOUS: dict[str, str | None] = {"client_assertion": None, "client_assertion_type": None}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request that differs from a good one of `ci-bot` in one thing."""

    reason: str
    form: Mapping[str, str | None] = field(default_factory=dict)
    more: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    typ: str | None = "JWT"
    foreign: bool = False
    basic: str | None = None
    headers: tuple[tuple[str, str], ...] = (FORM,)
    query: str = ""
    body: bytes | None = None
    repeat: int = 1
    client: str | None = "ci-bot"
    method: str | None = "private_key_jwt"
    proven: bool = False


def by_secret(reason: str, client: str | None, *, secret: str = "current", **form: str | None) -> Case:  # noqa: S107 -- a test secret
    """A request of another client, with a secret."""
    changes = BY_SECRET | {"client_id": client or "nobody", "client_secret": secret} | form
    return Case(reason=reason, form=changes, client=client, method="client_secret_post")


def unread(reason: str, **changes: Any) -> Case:
    """A request of which not even the client is known."""
    return Case(reason=reason, client=None, method=None, **changes)


def asks(reason: str, form: Mapping[str, str | None], more: str = "", **changes: Any) -> Case:
    """A request of a client that proved who it is."""
    return Case(reason=reason, form=form, more=more, proven=True, **changes)


UNREADABLE = [
    unread("credentials_in_query", query="?client_secret=x"),
    unread("credentials_in_query", query="?a=b&client%5fassertion="),
    unread("media_type", headers=()),
    unread("media_type", headers=(("Content-Type", "application/json"),)),
    unread("media_type", headers=(FORM, FORM)),
    unread("media_type", headers=((FORM[0], f"{FORM[1]}; charset=latin-1"),)),
    unread("media_type", headers=(FORM, ("Content-Encoding", "gzip"))),
    unread("malformed_form", body=b"grant_type=%zz"),
    unread("malformed_form", body=b"grant_type=%ff"),
    unread("malformed_form", body="grant_type=\u00e9".encode()),
    unread("malformed_form", body=b"&".join(b"p%d=" % number for number in range(65))),
    unread("repeated_parameter", more="&scope=a&scope=a"),
    unread("repeated_parameter", more="&unknown=a&unknown=b"),
    unread("repeated_parameter", more="&grant_type=client_credentials"),
    unread("missing_parameter", form={"grant_type": None}),
    unread("missing_parameter", form={"grant_type": ""}),
    unread("missing_parameter", form={"client_assertion": None}),
    unread("missing_parameter", form={"client_assertion_type": ""}),
    unread("missing_parameter", form=BY_SECRET | {"client_id": None}),
    unread("several_credentials", basic="basic-bot:current"),
    unread("several_credentials", form={"client_secret": "current"}),
    unread("several_credentials", form=BY_SECRET, basic="basic-bot:current"),
    unread(
        "several_credentials", form=ANONYMOUS, basic="a:b", headers=(FORM, ("Authorization", "Basic YTpi"))
    ),
    unread("client_id_mismatch", form={"client_id": "agent"}),
    unread("client_id_mismatch", form=ANONYMOUS | {"client_id": "agent"}, basic="basic-bot:current"),
]

UNPROVEN = [
    unread("no_credentials", form=ANONYMOUS),
    unread("no_credentials", form=ANONYMOUS | {"client_id": "ci-bot"}),
    unread("unsupported_scheme", form=ANONYMOUS, headers=(FORM, ("Authorization", "Bearer abc"))),
    unread("unsupported_assertion_type", form={"client_assertion_type": "urn:other"}),
    unread("malformed_basic", form=ANONYMOUS, headers=(FORM, ("Authorization", "Basic YTpi!"))),
    unread("malformed_basic", form=ANONYMOUS, headers=(FORM, ("Authorization", "Basic YTpj=="))),
    unread("malformed_basic", form=ANONYMOUS, headers=(FORM, ("Authorization", "Basic YTpiYh=="))),
    unread("malformed_basic", form=ANONYMOUS, headers=(FORM, ("Authorization", "Basic"))),
    unread("malformed_basic", form=ANONYMOUS, basic="basic-bot"),
    unread("malformed_basic", form=ANONYMOUS, basic="basic-bot:"),
    unread("malformed_basic", form=ANONYMOUS, basic=":current"),
    unread("malformed_basic", form=ANONYMOUS, basic="basic-bot:%zz"),
    unread("malformed_assertion", form={"client_assertion": "a.b"}),
    unread("malformed_assertion", form={"client_assertion": "a" * 8193}),
    unread("malformed_assertion", form={"client_assertion": "e30.W10.YQ"}),
    unread("malformed_assertion", claims={"sub": None}),
    unread("malformed_assertion", claims={"sub": 5}),
    by_secret("unknown_client", None),
    by_secret("unknown_client", None, client_id="no such\nid"),
    Case(reason="unknown_client", claims={"iss": "nobody", "sub": "nobody"}, client=None),
    by_secret("disabled_client", "retired"),
    by_secret("other_method", "basic-bot"),
    Case(reason="other_method", claims={"sub": "agent"}, client="agent"),
    Case(
        reason="other_method",
        form=ANONYMOUS,
        basic="agent:current",
        client="agent",
        method="client_secret_basic",
    ),
    by_secret("wrong_secret", "agent", secret="Current"),
    Case(
        reason="expired_secret",
        form=ANONYMOUS,
        basic="basic-bot:expired",
        client="basic-bot",
        method="client_secret_basic",
    ),
    Case(reason="assertion_unverified", foreign=True),
    Case(reason="assertion_typ", typ="at+jwt"),
    Case(reason="assertion_typ", typ="application/dpop+jwt"),
    Case(reason="assertion_typ", typ=""),
    Case(reason="assertion_identity", claims={"iss": "agent"}),
    Case(reason="assertion_identity", claims={"iss": None}),
    Case(reason="assertion_audience", claims={"aud": "https://other.example.com"}),
    Case(reason="assertion_claims", claims={"exp": None}),
    Case(reason="assertion_expired", claims={"iat": NOW - 100, "exp": NOW - 30}),
    Case(reason="assertion_not_yet_valid", claims={"iat": NOW + 31}),
    Case(reason="assertion_lifetime", claims={"exp": NOW + 331}),
    Case(reason="assertion_jti", claims={"jti": None}),
    Case(reason="assertion_replayed", repeat=2),
]

UNAVAILABLE_TO_IT = [
    asks("unsupported_grant", {"grant_type": "authorization_code"}),
    asks("unsupported_grant", {"grant_type": "Client_Credentials"}),
    asks("malformed_scope", {"scope": "issues:read  issues:write"}),
    asks("malformed_scope", {"scope": 'issues"read'}),
    asks("scope_not_allowed", {"scope": "ping"}),
    asks("scope_not_allowed", {"scope": "issues:read openid"}),
    asks("scope_not_allowed", {"scope": "files:read"}),
    asks(
        "scope_not_allowed",
        BY_SECRET | {"client_id": "both", "scope": "files:read"},
        client="both",
        method="client_secret_post",
    ),
    asks("no_scope", {"scope": None}),
    asks(
        "no_scope", BY_SECRET | {"client_id": "both", "scope": ""}, client="both", method="client_secret_post"
    ),
    asks("no_resource", {"resource": None}),
    asks("no_resource", {"resource": ""}),
    asks("malformed_resource", {"resource": f"{GITHUB}#part"}),
    asks("malformed_resource", {"resource": "github"}),
    asks("malformed_resource", {"resource": "urn:mcp:github"}),
    asks("malformed_resource", {"resource": "https://user@mcp.example.com/github"}),
    asks("unknown_resource", {"resource": f"{GITHUB}/"}),
    asks("unknown_resource", {"resource": "https://mcp.example.com/GitHub"}),
    asks("resource_not_allowed", {"resource": "https://mcp.example.com/files"}),
    asks("several_resources", {}, more="&resource=https%3A%2F%2Fmcp.example.com%2Ffiles"),
]

CASES = [*UNREADABLE, *UNPROVEN, *UNAVAILABLE_TO_IT]

Send = Callable[..., HttpResponse]
Basic = Callable[[str], tuple[str, str]]


def expected_answer(reason: str, realm: str) -> tuple[int, dict[str, str], dict[str, str]]:
    """Status, headers and body that a refusal has by RFC 6749 section 5.2."""
    row = REFUSALS[reason]
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
    if row.status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{realm}"'
    return row.status, headers, {"error": row.error, "error_description": row.description}


def answer(response: HttpResponse) -> tuple[int, dict[str, str], dict[str, str]]:
    """The same of a response."""
    names = ("Content-Type", "Cache-Control", "Pragma", "WWW-Authenticate")
    headers = {name: value for name in names for value in response.values(name)}
    return response.status, headers, json.loads(response.body)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.reason}-{number}" for number, case in enumerate(CASES)])
def test_a_request_that_differs_in_one_thing_is_refused(
    *,
    case: Case,
    served: str,
    send: Send,
    basic: Basic,
    make_assertion: Callable[..., str],
    client_key: SigningKey,
    foreign_key: SigningKey,
    events: list[IssuanceEvent],
) -> None:
    """The client reads the error of the table; the reason is in one event, with what was known till then."""
    key = foreign_key if case.foreign else client_key
    usual = {
        "grant_type": "client_credentials",
        "resource": GITHUB,
        "scope": "issues:read",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": make_assertion({"aud": served} | dict(case.claims), key=key, typ=case.typ),
    }
    form = {name: value for name, value in {**usual, **case.form}.items() if value is not None}
    encoded = urlencode(form) + case.more
    headers = case.headers if case.basic is None else (*case.headers, basic(case.basic))
    body = encoded.encode() if case.body is None else case.body

    responses = [send(served, f"/token{case.query}", headers=headers, body=body) for _ in range(case.repeat)]

    assert answer(responses[-1]) == expected_answer(case.reason, served)
    assert len(events) == case.repeat
    last = events[-1]
    assert (last.reason, last.issued, last.client_id, last.method, last.authenticated) == (
        case.reason,
        False,
        case.client,
        case.method,
        case.proven,
    )
    assert (last.time, last.kid, last.jti, last.resource, last.scopes) == (NOW, None, None, None, ())


def test_every_reason_has_a_request_that_meets_it() -> None:
    """The table has no row that nothing leads to; those met elsewhere are named here."""
    elsewhere = {
        "body_too_large",
        "method_not_allowed",
        "no_authorization",
        "grant_not_allowed",
        "rate_limited",
        "replay_store_full",
        "unavailable",
    }

    assert {case.reason for case in CASES} | elsewhere == set(REFUSALS)


def test_errors_and_statuses_are_those_of_the_specifications() -> None:
    """RFC 6749 section 5.2 and RFC 8707 section 2; descriptions hold no quote, backslash or control."""
    statuses = {
        row.error: {other.status for other in REFUSALS.values() if other.error == row.error}
        for row in REFUSALS.values()
    }

    assert statuses == {
        "invalid_request": {400, 405, 413},
        "invalid_client": {401},
        "unauthorized_client": {400},
        "unsupported_grant_type": {400},
        "invalid_scope": {400},
        "invalid_target": {400},
        "unsupported_response_type": {400},
        "temporarily_unavailable": {429},
        "server_error": {503},
    }
    allowed = {chr(code) for code in (0x20, 0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F))}
    assert all(set(row.description) <= allowed for row in REFUSALS.values())


def test_all_failures_of_authentication_read_the_same() -> None:
    """Who is registered, and which check failed, can't be learnt from the answer."""
    assert len({row for row in REFUSALS.values() if row.error == "invalid_client"}) == 1
