"""For every token, `token inspect` says what the engine says, and tells nothing of the token."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine import PolicyEngine
from policy_engine.cli.inspection import to_record
from policy_engine.errors import PolicyEngineError
from policy_engine.evaluator import principal_entity
from tests.plugins.samples import samples

NOW = 1_790_000_000
GITHUB, JIRA = "https://mcp.example.com/github", "https://mcp.example.com/jira"
LOGIN = "https://login.example.com"

VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(..., None, "", 7, True, [], {}),
        *("alice", "robot", "portal", "desktop-agent", "relay", "user", "app", "client_credentials"),
        *(GITHUB, [GITHUB], [GITHUB, JIRA], "api://jira", f"{GITHUB}/"),
        *(LOGIN, f"{LOGIN}/realms/a", f"{LOGIN}/"),
        *(NOW - 60, NOW + 60, {"sub": "robot"}, {"sub": "bob"}, "onrtac:1", "trrtcc:1"),
    ]
)
CHANGES = st.dictionaries(
    st.sampled_from(
        [
            *("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "azp", "auth_time", "acr", "amr"),
            *("act", "cnf", "gty", "idtyp", "sub_profile", "typ", "sid", "scope", "groups", "nonce"),
            *("preferred_username", "clientHost", "_claim_names", "oid", "scp", "ver"),
        ]
    ),
    VALUES,
    max_size=3,
)


@pytest.fixture(scope="module")
def twins(bench: Any) -> tuple[PolicyEngine, Any]:
    """An engine and an inspection of the same values."""
    of_values = bench.with_issuer("corp")
    data = of_values.loaded.document.data
    policies = '@id("a") permit (principal is User, action, resource);'
    engine = PolicyEngine(
        policies=policies, servers=data["servers"], issuers=data["issuers"], now=lambda: NOW
    )
    return engine, of_values


@settings(max_examples=samples(250))
@given(
    base=st.sampled_from(["person", "robot", "realm", "ci-bot", "entra"]),
    changed=CHANGES,
    typ=st.sampled_from(["", "", "at+jwt", "JWT", None, "logout+jwt"]),
    server=st.sampled_from([None, "github", "jira"]),
    spoil=st.none() | st.tuples(st.integers(0, 600), st.sampled_from(["", "A", ".", "=", "é", " "])),
)
def test_the_verdict_is_the_engines(twins: tuple[PolicyEngine, Any], **drawn: Any) -> None:
    """Whatever is changed of a good token: one code and detail, or one principal; and without keys, neither.

    That nothing of the token is told is checked with every look.
    """
    engine, bench = twins
    server = drawn["server"]
    token = bench.token(drawn["base"], drawn["changed"], typ=drawn["typ"])
    if drawn["spoil"] is not None:
        place, character = drawn["spoil"]
        token = token[:place] + character + token[place + 1 :]

    record = to_record(bench.look(token, server))
    blind = to_record(bench.look(token, server, with_keys=False))

    try:
        principal = engine.identify(token, server)
    except PolicyEngineError as error:
        assert (record["verdict"], record["code"], record["detail"]) == ("refused", error.code, error.detail)
        assert record["entity"] is None
    else:
        assert (record["verdict"], record["verified"], record["code"]) == ("accepted", True, None)
        assert record["entity"] == principal_entity(principal)
        assert record["sender_constrained"] == principal.sender_constrained
        assert blind["verdict"] == "unknown"
    assert (blind["accepted"], blind["verified"], blind["entity"]) == (False, False, None)
    assert blind["verdict"] != "accepted"
