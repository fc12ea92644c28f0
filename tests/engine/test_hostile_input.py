"""`evaluate` raises for nothing that a caller sent, and never makes a human of a machine."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine import Client, PolicyEngine, User
from policy_engine.errors import PolicyEngineError
from policy_engine.model import CODES
from tests.plugins.samples import samples

TEXT = st.text(max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)
METHODS = st.sampled_from(
    [
        "tools/call",
        "tools/list",
        "resources/read",
        "prompts/get",
        "completion/complete",
        "initialize",
        "ping",
        "tasks/get",
        "subscriptions/listen",
        "notifications/cancelled",
        "server/discover",
        "tools/delete",
        "",
    ]
)
NAMES = st.sampled_from(
    ["list_issues", "create_issue", "delete_repository", "?", "*", "github/create_issue", ""]
)
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES | JSON,
        "arguments": JSON,
        "uri": TEXT | JSON,
        "taskId": TEXT,
        "ref": JSON,
        "_meta": JSON,
    },
)
MESSAGES = (
    st.binary(max_size=80)
    | TEXT
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(TEXT, JSON, max_size=4)
    | st.fixed_dictionaries(
        {"jsonrpc": st.just("2.0"), "method": METHODS},
        optional={"id": st.integers() | TEXT | st.none(), "params": PARAMS | JSON},
    )
)
ODD = [
    None,
    True,
    False,
    0,
    -1,
    1e308,
    "",
    " ",
    "ci-bot",
    "alice",
    "client_credentials",
    [],
    ["app"],
    {},
    {"a": 1},
]
"""Values that a claim is replaced by."""

CLAIMS = [
    "sub",
    "client_id",
    "azp",
    "appid",
    "cid",
    "uid",
    "oid",
    "gty",
    "sub_profile",
    "sub_type",
    "idtyp",
    "grant_type",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "scp",
    "scope",
    "act",
    "may_act",
    "jti",
    "typ",
    "ver",
    "aud",
    "iss",
    "exp",
    "iat",
    "nbf",
    "cnf",
    "groups",
    "roles",
    "email",
    "preferred_username",
    "client_profile",
    "nonce",
    "at_hash",
    "_claim_names",
    "hasgroups",
    "events",
    "token_use",
    "clientHost",
]
"""Claims that identity providers are known to write, for adding and replacing."""


@pytest.fixture(scope="session")
def engine(shared_world: Any) -> PolicyEngine:
    """One engine for all examples: decisions keep nothing."""
    return shared_world.engine()  # type: ignore[no-any-return] # fixtures of the root conftest are untyped here


def checked(engine: PolicyEngine, token: Any, message: Any) -> Any:
    """The decision, with what holds for every one of them."""
    decision = engine.evaluate(token, message)
    assert decision.code in CODES
    assert decision.allowed == (decision.forward is not None)
    json.dumps(decision.to_dict(), allow_nan=False)
    json.dumps([decision.body(), decision.headers()])
    return decision


@given(
    token=st.binary(max_size=60).map(lambda data: data.decode("latin-1"))
    | st.text(max_size=60)
    | st.just(None)
)
def test_random_tokens_open_nothing(engine: PolicyEngine, token: Any) -> None:
    """Whatever stands where the token should be."""
    decision = checked(engine, token, {"jsonrpc": "2.0", "id": 1, "method": "ping"})

    assert (decision.allowed, decision.principal, decision.status) == (False, None, 401)


@given(message=MESSAGES)
@settings(max_examples=samples(300))
def test_random_messages_raise_nothing(engine: PolicyEngine, shared_world: Any, message: Any) -> None:
    """From a machine with a good token: refused or allowed, no exception, and no destructive tool."""
    decision = checked(engine, shared_world.machine(), message)

    assert decision.code != "internal_error"
    if decision.allowed:
        assert {match.id for match in decision.policies} <= {"session", "ci-opens-issues"}


@given(data=st.data())
@settings(max_examples=samples(300))
def test_one_changed_claim_never_changes_the_kind(
    engine: PolicyEngine, shared_world: Any, data: st.DataObject
) -> None:
    """A claim is deleted, replaced or added, and the token signed again: refused, or the same kind."""
    kind, claims, issuer = data.draw(
        st.sampled_from(
            [
                (User, shared_world.human_claims("ci-bot"), "corp"),
                (Client, shared_world.machine_claims("ci-bot"), "machines"),
            ]
        )
    )
    name = data.draw(st.sampled_from(CLAIMS))
    changed = {key: value for key, value in claims.items() if key != name}
    if data.draw(st.booleans()):
        changed[name] = data.draw(st.sampled_from(ODD) | TEXT)
    try:
        principal = engine.identify(shared_world.token(issuer, changed))
    except PolicyEngineError:
        return
    assert type(principal) is kind


@given(data=st.data())
def test_nothing_is_allowed_without_a_valid_signature(
    engine: PolicyEngine, shared_world: Any, data: st.DataObject
) -> None:
    """One character of a good token is changed."""
    token = data.draw(st.sampled_from([shared_world.human(), shared_world.machine()]))
    position = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda char: char != token[position]))

    decision = checked(
        engine, token[:position] + other + token[position + 1 :], {"jsonrpc": "2.0", "method": "x"}
    )

    assert (decision.allowed, decision.principal) == (False, None)


@given(subject=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_any_legal_subject_is_a_person_under_its_own_name(
    engine: PolicyEngine, shared_world: Any, subject: str
) -> None:
    """Quotes, bars, colons: no subject reaches another principal's id, nor another type."""
    try:
        principal = engine.identify(shared_world.human(subject))
    except PolicyEngineError as error:
        assert error.code == "ambiguous_principal"
    else:
        assert principal == User(issuer="corp", subject=subject)
        assert principal.uid.id == f"corp/{subject}"
