"""The world that scenarios are decided in: the project's own engine, with keys and tokens of the test's."""

from pathlib import Path
from typing import Any

import pytest

from policy_engine.errors import ConfigError, PolicyError
from policy_engine.evaluator import PolicySource
from policy_engine.harness import World
from policy_engine.harness.tampering import TAMPERINGS
from policy_engine.model import User
from policy_engine.storage import ClientChange, open_store

NOW = 1_790_000_000.0
POLICIES = Path(__file__).parents[2] / "policies"

CALL: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "create_issue", "arguments": {"repo": "acme/app", "title": "Broken"}},
}


@pytest.fixture(scope="module")
def world() -> World:
    """That of the demo."""
    return World.load(POLICIES / "demo" / "policy-engine.yaml", now=NOW)


def test_a_shipped_configuration_decides_without_its_issuers(world: World) -> None:
    """Their keys are elsewhere; those of the test stand in, and what is decided is what production does."""
    machine = world.engine.evaluate(world.mint(id="ci-bot", scope="issues:write"), CALL)
    agent = world.engine.evaluate(
        world.mint(kind="user", id="alice", through="desktop-agent", scope="issues:write"), CALL
    )

    assert (machine.code, str(machine.principal and machine.principal.uid)) == (
        "allowed",
        'Client::"machines/ci-bot"',
    )
    assert isinstance(agent.principal, User)
    assert agent.principal.actor is not None
    assert (agent.code, str(agent.principal.actor.uid)) == ("allowed", 'Client::"corp/desktop-agent"')


@pytest.mark.parametrize("kind", ["client", "user"])
@pytest.mark.parametrize("way", TAMPERINGS)
def test_a_token_that_was_tampered_with_is_refused_for_that(world: World, way: Any, kind: Any) -> None:
    """By the code that the table promises."""
    decision = world.engine.evaluate(world.mint(kind=kind, id="ci-bot", tamper=way), CALL)

    assert (decision.code, decision.policies) == (TAMPERINGS[way].code, ())


def test_tokens_are_as_the_issuers_product_writes_them() -> None:
    """Keycloak's here, in which a person's token has none of the marks of a machine's."""
    world = World.load(POLICIES / "support-agent" / "policy-engine.yaml", now=NOW)

    person = world.engine.identify(world.mint(kind="user", id="sam", claims={"groups": ["support"]}))

    assert isinstance(person, User)
    assert (str(person.uid), person.groups) == ('User::"corp/sam"', frozenset({"support"}))


def test_the_same_words_give_the_same_token(world: World) -> None:
    """So that the engine verifies it once; other words, or another time, give another."""
    token = world.mint(id="ci-bot", scope="a")

    assert world.mint(id="ci-bot", scope="a") == token
    assert world.mint(id="ci-bot", scope="b") != token
    world.clock.set(NOW + 1)
    assert world.mint(id="ci-bot", scope="a") != token
    world.clock.set(NOW)


def test_claims_are_laid_over_and_null_takes_one_out(world: World) -> None:
    """What is missing then is found to be missing."""
    token = world.mint(id="ci-bot", claims={"jti": None})

    decision = world.engine.evaluate(token, CALL)
    assert (decision.code, decision.detail) == ("invalid_claim", "missing_claim")


def test_nobody_signs_what_several_could(world: World) -> None:
    """The one that is meant has to be named, and must be there."""
    with pytest.raises(
        ConfigError, match="not exactly one issuer signs tokens for a machine: corp and machines"
    ):
        world.mint(id="stranger")
    with pytest.raises(ConfigError, match="no issuer is named `nobody`"):
        world.mint(id="ci-bot", issuer="nobody")
    with pytest.raises(ConfigError, match="issuer `machines` signs no tokens for a person"):
        world.mint(kind="user", id="alice", issuer="machines")
    with pytest.raises(ConfigError, match="no server is named `gitlab`"):
        world.mint(id="ci-bot", server="gitlab")


def test_other_policies_decide_in_the_same_world(world: World) -> None:
    """With the same keys, tokens and clock; the world that they are of decides as before."""
    token = world.mint(id="ci-bot")
    other = world.with_policies('@id("any") permit (principal is Client, action, resource);')

    assert (other.engine.evaluate(token, CALL).code, world.engine.evaluate(token, CALL).code) == (
        "allowed",
        "insufficient_scope",
    )
    assert other.digest != world.digest
    assert other.mint(id="ci-bot") is token
    assert other.with_policies(world.policies).digest == world.digest


def test_policies_that_cannot_be_used_are_told(world: World) -> None:
    """As they are when a configuration is loaded: with the place in their source."""
    with pytest.raises(PolicyError) as caught:
        world.with_policies(
            [PolicySource(text='@id("a")\npermit (principal is Bot, action, resource);', file="a")]
        )

    assert caught.value.where.startswith("a:2:")


def test_nothing_is_recorded_and_nobody_is_asked(tmp_path: Path) -> None:
    """Whatever the configuration says of audit files, introspection and addresses of keys."""
    (tmp_path / "p.cedar").write_text('@id("a") @kinds("both") permit (principal, action, resource);')
    (tmp_path / "policy-engine.yaml").write_text(
        """\
version: 1
servers: {s: {resource: "https://s.example.com", introspection: corp}}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    keys: {uri: "https://login.example.com/keys"}
    introspection: {client_id: us, client_secret_file: nowhere}
policies: p.cedar
audit: {file: audit.jsonl}
"""
    )
    world = World.load(tmp_path / "policy-engine.yaml", now=NOW)

    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert world.engine.evaluate(world.mint(kind="user", id="alice"), message).allowed
    assert world.engine.evaluate("opaque", message).code == "malformed_token"
    assert not (tmp_path / "audit.jsonl").exists()


def test_a_registry_is_read_once_and_stands_still(tmp_path: Path) -> None:
    """Its machines have tokens at whatever time a case happens, and those that are disabled have none."""
    entry = {
        "category": "service",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "resources": ["https://s.example.com"],
        "groups": ["ci"],
    }
    store = open_store(f"sqlite:///{tmp_path}/machines.db")
    changes = [
        ClientChange(client_id=name, document={**entry, "client_id": name, "enabled": name == "ci-bot"})
        for name in ("ci-bot", "old-bot")
    ]
    store.clients.change(changes, expected_version=None, now=NOW)
    store.close()
    (tmp_path / "p.cedar").write_text(
        '@id("a") permit (principal in ClientGroup::"machines/ci", action, resource);'
    )
    (tmp_path / "policy-engine.yaml").write_text(
        """\
version: 1
servers: {s: {resource: "https://s.example.com"}}
issuers:
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients: registry
    registry: {store: machines.db}
policies: p.cedar
"""
    )
    world = World.load(tmp_path / "policy-engine.yaml", now=NOW)

    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    codes = []
    for now in (NOW, NOW + 1_000_000):
        world.clock.set(now)
        codes += [world.engine.evaluate(world.mint(id=name), message).code for name in ("ci-bot", "old-bot")]
    assert codes == ["allowed", "unregistered_client"] * 2
