"""The line to change: for each way in which a token is refused, what to write where, or why nothing helps."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from policy_engine.cli.inspection import Outcome, Verdict
from policy_engine.cli.inspection.advice import ADVICE
from policy_engine.cli.inspection.checklist import LAST_CHECKS
from policy_engine.mapper import MAPPING_CHECKS
from policy_engine.tokens import OPAQUE_CHECKS, TOKEN_CHECKS

NOW = 1_790_000_000
GITHUB = "https://mcp.example.com/github"

OPERATOR = (
    "the issuer has to say what the token is; profile `rfc9068` asks: Turn open client registration off, or "
    "list only ids that you gave out yourself. Have the issuer put `auth_time`, `acr` or `amr` into people's "
    "access tokens, and into no others."
)

Place = str | tuple[str, int] | None
"""A key of the configuration, or one some lines below it."""

Row = tuple[str, dict[str, Any], str, str, Place, str]
"""Base, changed claims, code of the refusal; keys to change, where they stand, what to write."""

ADVISED: dict[str, Row] = {
    "no issuer": (
        "person",
        {"iss": ...},
        "unknown_issuer",
        "",
        None,
        "the token doesn't say who issued it, so nobody's keys can prove it",
    ),
    "a slash too many": (
        "person",
        {"iss": "https://as.example.com/"},
        "unknown_issuer",
        "issuers.machines.issuer",
        ("machines", 1),
        (
            "write `https://as.example.com/`, if `machines` is meant: here stands "
            "`https://as.example.com`; they differ in the slash at the end"
        ),
    ),
    "another scheme": (
        "person",
        {"iss": "http://AS.example.com/"},
        "unknown_issuer",
        "issuers.machines.issuer",
        ("machines", 1),
        (
            "write `http://AS.example.com/`, if `machines` is meant: here stands "
            "`https://as.example.com`; they differ in `http`, in capital letters or in the slash at "
            "the end"
        ),
    ),
    "another realm": (
        "person",
        {"iss": "https://entra.example.com/other"},
        "unknown_issuer",
        "issuers.entra.issuer",
        ("entra", 1),
        (
            "write `https://entra.example.com/other`, if `entra` is meant: here stands "
            "`https://entra.example.com/v2.0`; they have one host, and different paths"
        ),
    ),
    "a typo": (
        "person",
        {"iss": "https://as.exmaple.com"},
        "unknown_issuer",
        "issuers.machines.issuer",
        ("machines", 1),
        (
            "write `https://as.exmaple.com`, if `machines` is meant: here stands "
            "`https://as.example.com`; they are spelt alike"
        ),
    ),
    "a stranger": (
        "person",
        {"iss": "urn:x"},
        "unknown_issuer",
        "issuers",
        "issuers",
        "the token is of `urn:x`: add an issuer with exactly this `issuer`, and its profile",
    ),
    "no URL at all": (
        "person",
        {"iss": "https://[x"},
        "unknown_issuer",
        "issuers",
        "issuers",
        "the token is of `https://[x`: add an issuer with exactly this `issuer`, and its profile",
    ),
    "an issuer of no form": (
        "person",
        {"iss": "https://as.example.com\u200b"},
        "unknown_issuer",
        "",
        None,
        "no issuer is named like that: its `iss` is endless, or not printable ASCII",
    ),
    "keys that can't be had": (
        "ci-bot",
        {},
        "keys_unavailable",
        "issuers.machines.keys",
        ("machines", 3),
        "check that this machine reaches the issuer, or write `keys: {file: …}`",
    ),
    "a missing claim": (
        "person",
        {"jti": ...},
        "invalid_claim",
        "",
        None,
        "profile `rfc9068` needs `jti`: have the issuer write it",
    ),
    "a claim of another type": (
        "person",
        {"exp": "soon"},
        "invalid_claim",
        "",
        None,
        "have the issuer write `exp` as its specification says",
    ),
    "an audience that is none": (
        "person",
        {"aud": None},
        "invalid_claim",
        "",
        None,
        "have the issuer write `aud` as its specification says",
    ),
    "several audiences": (
        "person",
        {"aud": [GITHUB, "x"]},
        "invalid_audience",
        "",
        None,
        "profile `rfc9068` lets a token be for one server alone: request it for one",
    ),
    "an audience of no server": (
        "person",
        {"aud": "api://x"},
        "invalid_audience",
        "servers",
        "servers",
        "list `api://x` as `audiences: {corp: …}` at the server it is for",
    ),
    "an audience that is spelt alike": (
        "person",
        {"aud": "api://jira/"},
        "invalid_audience",
        "servers.jira.audiences.corp",
        ("jira", 3),
        (
            "write `corp: [api://jira, api://jira/]`, if such tokens are for `jira`; `api://jira` is "
            "another, to the last slash"
        ),
    ),
    "a token of yesterday": ("person", {"exp": NOW - 86_400}, "expired_token", "", None, "get a new token"),
    "a token of tomorrow": (
        "person",
        {"nbf": NOW + 86_400},
        "not_yet_valid",
        "",
        None,
        "set the clocks of this machine and of the issuer right: they may differ by 30 seconds",
    ),
    "an odd id": (
        "person",
        {"sub": " alice"},
        "invalid_claim",
        "",
        None,
        (
            "profile `rfc9068` says where ids are, and in what form: have the issuer write them so, "
            "or take the profile of the product that signed the token"
        ),
    ),
    "no evidence": ("person", {"auth_time": ...}, "ambiguous_principal", "", None, OPERATOR),
    "a foreign mark": (
        "person",
        {"idtyp": "app"},
        "ambiguous_principal",
        "",
        None,
        "have the issuer leave `idtyp` out: somebody added it, and it contradicts the rest",
    ),
    "an unlisted machine": (
        "robot",
        {"sub": "ci-bot", "client_id": "ci-bot"},
        "unregistered_client",
        "issuers.corp.clients",
        ("corp", 4),
        "list `ci-bot` there: write `ci-bot: {grants: [client_credentials]}`",
    ),
    "a machine with a typo": (
        "robot",
        {"sub": "robott", "client_id": "robott"},
        "unregistered_client",
        "issuers.corp.clients",
        ("corp", 4),
        (
            "list `robott` there: write `robott: {grants: [client_credentials]}`; or is `robot` "
            "meant, which is listed?"
        ),
    ),
    "a machine that YAML takes for a number": (
        "robot",
        {"sub": "0123", "client_id": "0123"},
        "unregistered_client",
        "issuers.corp.clients",
        ("corp", 4),
        'list `0123` there: write `"0123": {grants: [client_credentials]}`',
    ),
    "a machine that only exchanges": (
        "robot",
        {"sub": "relay", "client_id": "relay"},
        "unregistered_client",
        "issuers.corp.clients.relay.grants",
        "relay",
        ("write `grants: [token-exchange, client_credentials]`, if the machine has tokens of its own"),
    ),
    "an application of people": (
        "robot",
        {"sub": "portal", "client_id": "portal"},
        "ambiguous_principal",
        "issuers.corp.clients.portal.grants",
        "portal",
        "it is listed with a grant of people: register another client for what it does for itself",
    ),
    "a person with a client's id": (
        "person",
        {"sub": "robot"},
        "ambiguous_principal",
        "issuers.corp.clients",
        ("corp", 4),
        "a person has the id of a client that is listed here: rename one of the two at the issuer",
    ),
    "a person who looks like a machine": (
        "person",
        {"sub": "x@clients"},
        "ambiguous_principal",
        "",
        None,
        "have the issuer give people ids that no machine could have",
    ),
    "an actor of no form": (
        "person",
        {"act": "robot"},
        "invalid_actor",
        "",
        None,
        "have the issuer write `act` as RFC 8693 section 4.1 says",
    ),
    "an unlisted actor": (
        "person",
        {"act": {"sub": "helper"}},
        "invalid_actor",
        "issuers.corp.clients",
        ("corp", 4),
        "list `helper` there: write `helper: {grants: [token-exchange]}`",
    ),
    "an application that acts": (
        "person",
        {"act": {"sub": "portal"}},
        "invalid_actor",
        "issuers.corp.clients.portal",
        "portal",
        "write `acts_for_users: true`, if this application is an agent",
    ),
    "a machine for itself": (
        "robot",
        {"act": {"sub": "robot"}},
        "invalid_actor",
        "",
        None,
        "nobody acts for a machine: have it get a token of its own",
    ),
    "a machine's client on a person's token": (
        "person",
        {"client_id": "robot"},
        "ambiguous_principal",
        "issuers.corp.clients.robot.grants",
        "robot",
        ("it is listed as a machine, and the token is a person's: register another client for people"),
    ),
    "groups of no form": (
        "person",
        {"groups": [1]},
        "invalid_claim",
        "issuers.corp.claims",
        "claims",
        "name another claim than `groups`, or have the issuer write what is read there",
    ),
    "groups that were left out": (
        "person",
        {"_claim_names": {"groups": "x"}},
        "invalid_claim",
        "issuers.corp.claims",
        "claims",
        ("have the issuer write only the groups that are assigned here, or name a claim that is short"),
    ),
    "scopes of no form": (
        "person",
        {"scope": 7},
        "invalid_claim",
        "",
        None,
        "have the issuer write `scope` as its specification says",
    ),
}


@pytest.mark.parametrize("row", ADVISED.values(), ids=ADVISED.keys())
def test_the_line_to_change_is_named(bench: Any, row: Row) -> None:
    """What to write, under which key, in which line; or why nothing here would help."""
    base, changed, code, path, place, text = row

    found = bench.inspect(base, changed)

    assert found.error.code == code
    line = None if place is None else bench.line(*([place] if isinstance(place, str) else place))
    assert bench.changes(found)[0] == (path, line, text)
    assert found.changes[0].file == (str(bench.loaded.document.file) if path else None)


PASTED: dict[str, tuple[str, str, str]] = {
    "nothing": ("", "missing_token", "no token was given: paste one, or name a file that holds one"),
    "a header's name": (
        "Bearer a.b.c",
        "malformed_token",
        "give the token alone: what follows `Bearer `, without blanks",
    ),
    "an encrypted token": (
        "a.b.c.d.e",
        "malformed_token",
        ("the token is encrypted (a JWE): have the issuer sign access tokens for this server instead"),
    ),
    "an opaque token": (
        "v1_0123456789",
        "malformed_token",
        ("the token is opaque, or only a part of one: what is read here is a signed JWT, of three parts"),
    ),
    "half a token": (
        "a.b",
        "malformed_token",
        "the token was cut off, changed on its way, or never was a signed JWT: copy it again",
    ),
}


@pytest.mark.parametrize(("pasted", "code", "text"), PASTED.values(), ids=PASTED.keys())
def test_what_is_no_token_is_recognised(bench: Any, pasted: str, code: str, text: str) -> None:
    """Nothing in the configuration helps against it."""
    found = bench.look(pasted)

    assert found.error.code == code
    assert bench.changes(found) == [("", None, text)]


Header = tuple[str, str | None, dict[str, Any], str, str]
"""Base, `typ`, changed claims; keys to change, what to write."""

HEADERS: dict[str, Header] = {
    "another product's typ": (
        "person",
        "JWT",
        {},
        "issuers.corp.profile",
        (
            "profile `rfc9068` wants the `typ` `at+jwt`; the token has `JWT`: write the profile of the "
            "product that signed it, if it is another (`policy-engine issuers list-profiles`)"
        ),
    ),
    "no typ": (
        "realm",
        None,
        {},
        "issuers.keycloak.profile",
        (
            "profile `keycloak` wants the `typ` `at+jwt` or `jwt`; the token has no `typ`: write the profile "
            "of the product that signed it, if it is another (`policy-engine issuers list-profiles`)"
        ),
    ),
    "nobody's typ": (
        "person",
        "logout+jwt",
        {},
        "",
        ("no profile takes such a `typ`: it isn't an access token (perhaps an ID token or an assertion)"),
    ),
    "an ID token": (
        "realm",
        "JWT",
        {"nonce": "n"},
        "",
        "send the access token: this one is of another class, though the same issuer signed it",
    ),
    "a refresh token": (
        "realm",
        "JWT",
        {"typ": "Refresh"},
        "",
        "send the access token: this one is of another class, though the same issuer signed it",
    ),
    "an actor that the issuer doesn't know": (
        "realm",
        "JWT",
        {"jti": "onrtac:1", "act": {"sub": "x"}},
        "issuers.keycloak.clients",
        (
            "profile `keycloak` knows no `act`; list the application itself with `acts_for_users: "
            "true`, and have the issuer leave `act` out"
        ),
    ),
}


@pytest.mark.parametrize("row", HEADERS.values(), ids=HEADERS.keys())
def test_another_type_of_token_is_recognised(bench: Any, row: Header) -> None:
    """The profile that would take it is named, with the warning not to choose one for that."""
    base, typ, changed, path, text = row

    found = bench.inspect(base, changed, typ=typ)

    assert bench.changes(found)[0][::2] == (path, text)
    if path.endswith("profile"):
        assert "never choose one because a token passes" in found.changes[0].warning


def hand_made(header: Mapping[str, Any], iss: str) -> str:
    """A token that nobody signed."""
    parts = [json.dumps(header).encode(), json.dumps({"iss": iss}).encode(), b"x"]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


LOGIN, REALM = "https://login.example.com", "https://login.example.com/realms/a"
ALGORITHMS = "`RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `ES512` or `EdDSA`"
UNPROVEN: dict[str, tuple[Mapping[str, Any], str, str, Place, str]] = {
    "a symmetric algorithm": (
        {"alg": "HS256"},
        LOGIN,
        "",
        None,
        f"no such `alg` is ever accepted: have the issuer sign with {ALGORITHMS}",
    ),
    "an algorithm that was left out here": (
        {"alg": "RS256"},
        REALM,
        "issuers.keycloak.algorithms",
        "algorithms",
        "add `RS256`, if that is what `keycloak` signs with",
    ),
    "a key in the header": (
        {"alg": "ES256", "jwk": {}},
        LOGIN,
        "",
        None,
        "no header that extends the format, or brings its own key, is ever accepted",
    ),
    "a changed token": (
        {"alg": "ES256", "kid": "corp-1"},
        LOGIN,
        "",
        None,
        "the token was changed after it was signed, or signed by somebody else; copy it again, whole",
    ),
    "an unknown key": (
        {"alg": "ES256", "kid": "corp-0"},
        LOGIN,
        "issuers.corp.keys",
        ("corp", 3),
        "these keys are older than the token, or another environment's: get the issuer's key set anew",
    ),
}


@pytest.mark.parametrize("row", UNPROVEN.values(), ids=UNPROVEN.keys())
def test_algorithms_and_keys_are_advised_on(
    bench: Any, row: tuple[Mapping[str, Any], str, str, Place, str]
) -> None:
    """What the issuer could sign with, and whether the keys here are too old."""
    header, iss, path, place, text = row

    found = bench.look(hand_made({"typ": "at+jwt", **header}, iss))

    line = None if place is None else bench.line(*([place] if isinstance(place, str) else place))
    assert bench.changes(found) == [(path, line, text)]


def test_keys_of_other_sources_are_advised_on(bench: Any) -> None:
    """A development key makes its own tokens; what an issuer publishes isn't the operator's to mend."""
    development = bench.with_issuer("corp", keys=None, development_key=str(bench.folder / "private.json"))
    narrow = bench.with_profile("corp", algorithms="[RS256]")

    assert bench.changes(development.look(hand_made({"alg": "ES256", "kid": "x"}, LOGIN))) == [
        (
            "issuers.corp.development_key",
            None,
            "the token isn't of this development key: mint it with this configuration",
        )
    ]
    assert bench.changes(narrow.look(hand_made({"alg": "ES256"}, LOGIN))) == [
        ("", None, "profile `own` doesn't have `ES256`: have the issuer sign with `RS256`")
    ]


@pytest.fixture
def published() -> Iterator[Callable[[bytes], str]]:
    """Publish a document on this machine, and give its address."""
    servers: list[HTTPServer] = []

    def publish(body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name is http.server's
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, args=(0.01,)).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/jwks"

    yield publish
    for server in servers:
        server.shutdown()
        server.server_close()


def test_published_keys_are_not_the_operators_to_mend(bench: Any, published: Callable[[bytes], str]) -> None:
    """An issuer that answers, and doesn't have the key."""
    keys = {"uri": published(json.dumps({"keys": [bench.key.public_jwk()]}).encode())}
    found = bench.with_issuer("corp", keys=keys).look(hand_made({"alg": "ES256", "kid": "x"}, LOGIN))

    assert bench.changes(found) == [
        (
            "",
            None,
            "the issuer doesn't publish that key: the token is of another environment, or the key is retired",
        )
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"[]", "name the key set itself: `keys: {uri: https://…}`"),
        (b"{}", "name the key set itself: `keys: {uri: https://…}`"),
    ],
)
def test_documents_that_are_no_keys_are_told_so(
    bench: Any, published: Callable[[bytes], str], body: bytes, text: str
) -> None:
    """By what is wrong with them."""
    found = bench.with_issuer("corp", keys={"uri": published(body)}).inspect("person")

    assert bench.changes(found) == [("issuers.corp.keys", None, text)]


def test_a_profile_of_ones_own_may_ask_for_less(bench: Any) -> None:
    """What it doesn't ask for is missed by the checks that need it."""
    loose = bench.with_profile("corp", required="[iss, sub, exp]", user_id="uid")

    assert bench.changes(loose.inspect("person", {"aud": ...}))[0] == (
        "",
        None,
        "have the issuer write an `aud`: a token without one opens every server",
    )
    assert bench.changes(loose.inspect("person", {"iat": ...})) == [
        ("", None, "profile `own` needs the person's id: have the issuer write it")
    ]


def test_the_form_of_an_issuer_names_the_product(bench: Any) -> None:
    """An issuer at Okta whose profile is another's: the advice says whose issuers are named so."""
    iss = "https://acme.okta.com/oauth2/default"
    okta = bench.with_issuer("corp", issuer=iss)

    assert bench.changes(okta.inspect("person", {"iss": iss}, typ="JWT"))[0][2] == (
        "profile `rfc9068` wants the `typ` `at+jwt`; the token has `JWT`: write the profile of the product "
        "that signed it, if it is another; issuers of `okta` are named so"
    )


def test_whoever_isnt_listed_can_be_listed(bench: Any) -> None:
    """An application whose people are told by its listing alone, a subject of no kind, and another tenant."""
    hydra = bench.with_issuer("corp", profile="hydra")
    nobody = bench.with_issuer("corp", profile="registry-only")
    oracle = bench.with_issuer("corp", profile="oracle", flags={"tenant": "idcs-acme"})
    theirs = {"tok_type": "AT", "sub_type": "user", "user_id": "u", "tenant": "idcs-other"}

    assert bench.changes(hydra.inspect("person", {"client_id": "web", "auth_time": ...}, typ="JWT"))[0] == (
        "issuers.corp.clients",
        None,
        "write `web: {grants: [authorization_code]}`, if this application serves people",
    )
    assert bench.changes(nobody.inspect("person", {}, typ="JWT"))[:2] == [
        ("issuers.corp.flags", None, f"list the token's subject under `{flag}`, if it is {whose}")
        for flag, whose in (("machine_subjects", "a machine's"), ("human_subjects", "a person's"))
    ]
    assert bench.changes(oracle.inspect("person", theirs, typ="JWT"))[0] == (
        "issuers.corp.flags.tenant",
        None,
        "write the tenant of `tenant` there, if it is one of yours",
    )


def test_nobody_acts_for_themselves(bench: Any) -> None:
    """Where an issuer names the acting client and its user apart."""
    auth0 = bench.with_issuer("corp", profile="auth0")
    claims = {"sub": "auth0|1", "azp": "web", "client_id": ..., "auth_time": ...}
    found = auth0.inspect("person", {**claims, "act": {"client_id": "relay", "sub": "auth0|1"}}, typ="JWT")

    assert bench.changes(found) == [
        ("", None, "nobody acts for themselves: `act` has to name another than the subject")
    ]


def test_a_token_for_another_server_is_told_so(bench: Any) -> None:
    """The server that it opens is named; otherwise, the line to write for the server that was asked for."""
    strange = bench.inspect("person", {"aud": "api://x"}, "jira")
    told = {
        "another's": bench.changes(bench.inspect("person", {}, "jira")),
        "listed": bench.changes(strange),
        "not listed": bench.changes(bench.inspect("person", {"aud": "api://x"}, "github")),
        "by kind": bench.changes(bench.inspect("entra", {"aud": "api://x"}, "jira")),
        "with company": bench.changes(
            bench.inspect("realm", {"aud": ["account", f"{GITHUB}/mcp"], "jti": "onrtac:1"}, "github")
        ),
    }

    assert told == {
        "another's": [
            ("", None, "the token is for `github`: try `--server github`, or get one for this one")
        ],
        "listed": [
            (
                "servers.jira.audiences.corp",
                bench.line("jira", 3),
                "write `corp: [api://jira, api://x]`, if such tokens are for `jira`",
            )
        ],
        "not listed": [
            (
                "servers.github.audiences.corp",
                bench.line("github"),
                "write `corp: [api://x]`, if such tokens are for `github`",
            )
        ],
        "by kind": [
            (
                "servers.jira.audiences.entra",
                bench.line("jira", 4),
                "list `api://x` under `user` or `client`, if such tokens are for `jira`",
            )
        ],
        "with company": [
            (
                "servers.github.audiences.keycloak",
                bench.line("github"),
                f"write `keycloak: [{GITHUB}/mcp]`, if such tokens are for `github`",
            )
        ],
    }
    assert "then opens the server" in strange.changes[0].warning
    assert bench.outcomes(strange)["audience_of_kind"] is Outcome.not_reached


def test_an_audience_of_the_other_kind_is_told_so(bench: Any) -> None:
    """`jira` tells audiences of people from those of machines."""
    person = bench.inspect("entra", {"aud": "api://machines"})
    machine = {"idtyp": "app", "oid": "pairwise", "scp": ..., "azp": "daemon"}

    assert bench.inspect("entra", {}, "jira").verdict is Verdict.accepted
    assert bench.outcomes(person)["audience_of_kind"] is Outcome.failed
    assert bench.changes(person) == [
        (
            "servers.jira.audiences.entra",
            bench.line("jira", 4),
            "list `api://machines` under `user` too, if tokens of both kinds have it",
        )
    ]
    assert bench.changes(bench.inspect("entra", machine)) == [
        (
            "servers.jira.audiences.entra",
            bench.line("jira", 4),
            "list `api://people` under `client` too, if tokens of both kinds have it",
        )
    ]


def test_flags_that_would_let_a_token_pass_come_with_what_they_mean(bench: Any) -> None:
    """A refreshed token of Keycloak needs the operator's word; nobody is talked into giving it."""
    found = bench.inspect("realm")

    assert bench.changes(found)[0] == (
        "issuers.keycloak.flags",
        bench.line("keycloak"),
        "with `cc_refresh_disabled: true` the token would be taken for a person's",
    )
    assert found.changes[0].warning == (
        "write it only if it is true. `cc_refresh_disabled: true` says “No client of this realm gets refresh "
        "tokens with the client credentials grant.”"
    )


def test_two_flags_are_tried_where_one_is_not_enough(bench: Any) -> None:
    """And a flag that is on is tried off."""
    old = bench.inspect("realm", {"jti": "5f7a"})
    switched = bench.with_issuer("keycloak", flags={"legacy": True}).inspect("realm", {"jti": "onrtac:1"})

    assert bench.changes(old)[0][2] == (
        "with `cc_refresh_disabled: true, legacy: true` the token would be taken for a person's"
    )
    told = {change.text: change.warning for change in switched.changes}
    assert told["with `legacy: false` the token would be taken for a person's"] == (
        "write it only if it is true. `legacy: false` says that this is not so: “The server is older than "
        "26.2, and `jti` tells nothing.”"
    )


def test_a_machine_that_another_issuer_lists_is_recognised(bench: Any) -> None:
    """Its token may come from the wrong place."""
    found = bench.inspect("robot", {"sub": "ci-bot", "client_id": "ci-bot"})

    assert bench.changes(found)[1:] == [
        ("", None, "`ci-bot` is listed at `machines`: if that one is meant, get its token there")
    ]


def test_every_check_that_can_fail_has_advice() -> None:
    """A new check needs a row."""
    assert set(ADVICE) == {*TOKEN_CHECKS, *OPAQUE_CHECKS, *MAPPING_CHECKS, *LAST_CHECKS} - {"proof"}


def test_all_that_is_wrong_is_told_at_once(bench: Any) -> None:
    """A token that is late, for somebody else and of an unlisted machine takes one look."""
    changed = {"sub": "x1", "client_id": "x1", "aud": "api://x", "exp": NOW - 60}
    found = bench.inspect("robot", changed, "github")

    assert [error.code for error in found.errors] == [
        "invalid_audience",
        "expired_token",
        "unregistered_client",
    ]
    assert [path for path, _, _ in bench.changes(found)] == [
        "servers.github.audiences.corp",
        "",
        "issuers.corp.clients",
    ]
