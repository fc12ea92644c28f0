"""Attacks that a hostile review found to work, each with what stops it now."""

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine import HttpFacts, PolicyEngine, User
from policy_engine.errors import MappingError
from policy_engine.model import Client

Call = Callable[..., dict[str, Any]]
EVERYONE = '@id("people") permit (principal is User, action, resource);'


def rpc(method: str, **params: Any) -> dict[str, Any]:
    """A request."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


@pytest.mark.parametrize("names", [("policy0", "policy1", "policy2"), ("policy1", "policy2", "policy3")])
def test_an_id_like_cedars_own_is_that_of_its_policy(world: Any, call: Call, names: tuple[str, ...]) -> None:
    """Policies named `policyN` are told apart, with shadow policies before them: the erring forbid denies."""
    shadow, limit, people = names
    engine = world.engine(
        f'@id("{shadow}") @mode("shadow") permit (principal is Client, action == Action::"ping", resource);'
        f'@id("{limit}") forbid (principal is User, action == Action::"github/create_issue", resource) '
        "when { context.arguments has count && context.arguments.count * 4 > 0 };"
        f'@id("{people}") permit (principal is User, action, resource);'
    )

    over = engine.evaluate(world.human(), call("create_issue", repo="a", count=2**62))
    fine = engine.evaluate(world.human(), call("create_issue", repo="a"))

    assert (over.code, [fault.policy for fault in over.errors]) == ("policy_error", [limit])
    assert (fine.code, [match.id for match in fine.policies]) == ("allowed", [people])


def test_a_client_listed_as_a_machine_brings_no_persons_token(world: Any) -> None:
    """A machine's token whose subject is an account id, with an `acr`, isn't taken for a person's."""
    engine = world.engine()

    with pytest.raises(MappingError) as caught:
        engine.identify(world.human("8c1e-account", client_id="robot"))

    assert (caught.value.code, caught.value.detail) == ("ambiguous_principal", "mixed_grant_client")


def test_a_client_that_exchanges_tokens_acts_for_people(world: Any, call: Call) -> None:
    """Listed with a grant of exchange, it is the actor though no `act` says so; permits aren't inherited."""
    issuers = world.issuers()
    issuers["corp"]["clients"]["swap"] = {"grants": ["client_credentials", "token-exchange"]}
    engine = world.engine(EVERYONE, issuers=issuers)

    decision = engine.evaluate(world.human(client_id="swap"), call("delete_repository", repo="a"))

    swap = Client(issuer="corp", client_id="swap")
    assert (decision.code, decision.principal) == (
        "no_permit",
        User(issuer="corp", subject="alice", actor=swap),
    )


KEYCLOAK = {
    "typ": "Bearer", "sub": "u-1", "azp": "web", "sid": "s-1", "preferred_username": "service-account-web",
    "iss": "https://login.example.com", "aud": "https://mcp.example.com/github",
    "iat": 1790000000, "exp": 1790000500,
}  # fmt: skip


@pytest.mark.parametrize("jti", ["onrtrt:1", "onrtte:1"])
def test_a_refreshed_session_of_a_service_account_is_no_person(world: Any, jti: str) -> None:
    """Keycloak: a user name spelt as a machine's contradicts a session."""
    issuers = world.issuers()
    web = {"web": {"grants": ["authorization_code"]}}
    issuers["corp"] |= {"profile": "keycloak", "flags": {"cc_refresh_disabled": True}, "clients": web}
    engine = world.engine(EVERYONE, issuers=issuers)

    person = engine.identify(
        world.token("corp", KEYCLOAK | {"jti": jti, "preferred_username": "alice"}, typ="JWT")
    )
    with pytest.raises(MappingError):
        engine.identify(world.token("corp", KEYCLOAK | {"jti": jti}, typ="JWT"))

    assert person == User(issuer="corp", subject="u-1")


@pytest.mark.parametrize(
    "message",
    [
        rpc("ping", **{"\u0315" * 200_000 + "\u0316" * 200_000: 1}),
        rpc("tools/call", name="\u0315" * 200_000 + "\u0316" * 200_000),
        rpc("completion/complete", ref={"type": "ref/prompt", "name": "x", "\u0315" * 300_000 + "\u0316": 1}),
    ],
    ids=["parameter", "tool", "reference"],
)
def test_a_long_name_takes_no_long_time(world: Any, message: dict[str, Any]) -> None:
    """Normalising 400,000 combining marks would take minutes; a busy machine has seconds to spare here."""
    servers = {"github": {"resource": "https://mcp.example.com/github", "unpinned": "allow"}}
    engine = world.engine(EVERYONE, servers=servers)
    started = time.process_time()

    engine.evaluate(world.human(), message)

    assert time.process_time() - started < 5


def test_what_callers_name_is_kept_within_a_bound(world: Any) -> None:
    """Thousands of resources leave no more behind than the configuration allows."""
    engine: PolicyEngine = world.engine(EVERYONE, reuse={"megabytes": 1})
    token = world.human()
    for n in range(1_000):
        engine.evaluate(token, rpc("resources/read", uri=f"file:///{n}"))
    world.sink.records.clear()
    gc.collect()
    before = len(gc.get_objects())
    for n in range(1_000):
        engine.evaluate(token, rpc("resources/read", uri=f"file:///more/{n}"))
    world.sink.records.clear()
    gc.collect()

    assert len(gc.get_objects()) - before < 500


@pytest.mark.parametrize("length", [8193, 1_000_000])
def test_a_name_that_is_too_long_is_refused(world: Any, length: int) -> None:
    """URIs of a million characters are parsed by nobody."""
    decision = world.engine(EVERYONE).evaluate(world.human(), rpc("resources/read", uri="x:" + "a" * length))

    assert (decision.code, decision.detail) == ("invalid_params", "uri")


def test_an_integer_that_javascript_reads_differently_is_refused(world: Any, call: Call) -> None:
    """9007199254740993 would reach a policy as it is, and a server of doubles as 9007199254740992."""
    engine = world.engine(EVERYONE)
    sent = json.dumps(call("create_issue", repo="a", count=2**53 + 1))

    refused = engine.evaluate(world.human(), sent)
    read = engine.evaluate(world.human(), call("create_issue", repo="a", count=2**53))

    assert (refused.code, refused.detail) == ("malformed_message", "inexact_number")
    assert read.code == "allowed"


def test_a_huge_list_is_refused_and_a_repetitive_one_is_read_once(world: Any) -> None:
    """Each element costs time before any policy is asked."""
    schema = {"type": "object", "properties": {"ns": {"type": "array", "items": {"type": "number"}}}}
    catalogue = {"tools": [{"item": {"name": "sum", "inputSchema": schema}, "reviewed": True}]}
    servers = {"github": {"resource": "https://mcp.example.com/github", "catalogue": catalogue}}
    engine = world.engine(EVERYONE, servers=servers)

    codes = [
        engine.evaluate(world.human(), rpc("tools/call", name="sum", arguments={"ns": [1.5] * count})).code
        for count in (10_000, 10_001)
    ]

    assert codes == ["allowed", "invalid_arguments"]


def test_nothing_secret_is_in_a_repr(world: Any, call: Call) -> None:
    """Tracebacks and debuggers print values."""
    decision = world.engine(EVERYONE).evaluate(world.human(), call("create_issue", repo="acme/secret"))
    facts = HttpFacts(headers={"Authorization": "Bearer abc"})

    assert decision.allowed
    assert "acme/secret" not in repr(decision)
    assert "abc" not in repr(facts)


def test_policies_in_a_linked_folder_are_loaded(world: Any, call: Call, tmp_path: Path) -> None:
    """A forbid that lies behind a link, or in a file called `.CEDAR`, isn't lost."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "policies" / "p.cedar").write_text(EVERYONE)
    (tmp_path / "elsewhere" / "F.CEDAR").write_text('@id("no") forbid (principal is User, action, resource);')
    (tmp_path / "policies" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "circle").symlink_to(tmp_path / "policies")

    decision = world.engine(policies=tmp_path / "policies").evaluate(
        world.human(), call("list_issues", repo="a")
    )

    assert (decision.code, [match.id for match in decision.policies]) == ("forbidden", ["no"])
