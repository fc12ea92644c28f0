"""config: what a configuration names, it must be able to use."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine import HttpFacts, PolicyEngine
from policy_engine.audit import AuditTrail, FileSink, NullSink, SeveralSinks, StreamSink, SyslogSink
from policy_engine.config import assemble, config_from_values, development_key, listed_client, load_config
from policy_engine.errors import ConfigError
from policy_engine.evaluator import principal_entity
from policy_engine.jose import SigningKey
from policy_engine.model import Client, Identity, TokenFacts, User

Write = Callable[..., Path]

KEYS = ", keys: {file: keys.json}"
CONFIG = """\
version: 1
servers:
  github: {{resource: https://mcp.example.com/github{server}}}
issuers:
  corp: {{issuer: https://login.example.com, profile: {profile}{issuer}}}
policies: p.cedar
{rest}
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration with parts of it replaced."""
    (tmp_path / "p.cedar").write_text('@id("p") permit (principal is User, action, resource);')
    key = SigningKey.generate("ES256")
    (tmp_path / "private.json").write_text(json.dumps(key.to_jwk()))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "broken.json").write_text("{")

    def make(*, profile: str = "rfc9068", server: str = "", issuer: str = KEYS, rest: str = "") -> Path:
        file = tmp_path / "policy-engine.yaml"
        file.write_text(CONFIG.format(profile=profile, server=server, issuer=issuer, rest=rest))
        return file

    return make


def problem(file: Path) -> str:
    """What `assemble` says is wrong, without the folder."""
    with pytest.raises(ConfigError) as caught:
        assemble(load_config(file), now=lambda: 0.0)
    return str(caught.value).replace(f"{file.parent}/", "")


BAD = {
    "profile": (
        {"profile": "kaycloak"},
        "policy-engine.yaml:5:45: no profile is named `kaycloak` (did you mean `keycloak`? `policy-engine "
        "issuers list-profiles` shows all; one's own is named by its .yaml file)",
    ),
    "profile file": ({"profile": "none.yaml"}, "none.yaml: can't read the file: No such file or directory"),
    "flag": (
        {"issuer": ", flags: {legacy: true}"},
        "policy-engine.yaml:5:63: issuer `corp` sets `legacy`, which profile `rfc9068` doesn't have "
        "(its flags: it has none)",
    ),
    "client with both kinds of grants": (
        {"issuer": ", clients: {x: {grants: [client_credentials, authorization_code]}}"},
        "policy-engine.yaml:5:73: client `x` of issuer `corp` has `client_credentials` and "
        "`authorization_code`: its tokens for itself can't be told from those for people "
        "(register two clients, one for each)",
    ),
    "key file": (
        {"issuer": ", keys: {file: none.json}"},
        "none.json: can't read the file: No such file or directory",
    ),
    "key file that isn't JSON": (
        {"issuer": ", keys: {file: broken.json}"},
        "broken.json: not strict JSON: not_json",
    ),
    "key file that is a list": (
        {"issuer": ", keys: {file: list.json}"},
        "list.json: not a JSON object (write a JWK or a JWK Set)",
    ),
    "empty key set": (
        {"issuer": ", keys: {jwks: {keys: []}}"},
        "policy-engine.yaml:5:63: no usable key: no key of the set can verify a token "
        "(give a JWK Set of public keys)",
    ),
    "algorithm": (
        {"issuer": ", keys: {file: keys.json}, algorithms: HS256"},
        "policy-engine.yaml:5:88: `HS256` isn't among the profile's algorithms (use RS256, RS384, RS512, "
        "PS256, PS384, PS512, ES256, ES384, ES512, EdDSA)",
    ),
    "catalogue": (
        {"server": ", catalogue: none.json"},
        "policy-engine.yaml:3:54: can't read `none.json`: No such file or directory",
    ),
    "catalogue of another type": (
        {"server": ", catalogue: 1"},
        "policy-engine.yaml:3:54: `servers.github.catalogue`: should be a path, or the catalogue itself",
    ),
    "entities": (
        {"rest": "entities: keys.json"},
        "keys.json: not a list of entities (write `- {uid: …, parents: […]}`)",
    ),
}


@pytest.mark.parametrize(("parts", "expected"), BAD.values(), ids=BAD.keys())
def test_what_can_not_be_used_is_named(write: Write, parts: dict[str, str], expected: str) -> None:
    """Where it is written, what is wrong, how to mend it."""
    assert problem(write(**parts)) == expected


def test_a_development_key_is_public_enough_to_verify(write: Write) -> None:
    """Without `keys`, the public half of the development key verifies the issuer's tokens."""
    file = write(issuer=", development_key: private.json", rest="development: true")
    loaded = load_config(file)

    key = development_key(loaded, "corp")

    assert key is not None
    assert assemble(loaded, now=lambda: 0.0).published_keys == {}
    assert development_key(load_config(write()), "corp") is None


def test_a_development_key_that_is_public_only_is_refused(write: Write) -> None:
    """A key that can't sign is no development key."""
    file = write(issuer=", development_key: keys.json", rest="development: true")

    assert problem(file).startswith("keys.json: no private JWK: ")


def test_keys_from_metadata_are_fetched_only_when_needed(write: Write) -> None:
    """An engine starts while its issuers are down."""
    assert len(assemble(load_config(write(issuer="")), now=lambda: 0.0).published_keys) == 1


@pytest.mark.parametrize(
    ("rest", "kind", "on_failure"),
    [
        ("", NullSink, "deny"),
        ("audit: {stdout: true}", StreamSink, "deny"),
        ("audit: {file: a.jsonl, on_failure: allow}", FileSink, "allow"),
        ("audit: {syslog: {socket: log}}", SyslogSink, "deny"),
        ("audit: {file: a.jsonl, stdout: true}", SeveralSinks, "deny"),
    ],
)
def test_the_audit_section_chooses_the_sink(write: Write, rest: str, kind: type, on_failure: str) -> None:
    """Nowhere, standard output, or a file; and what happens when it fails."""
    trail = assemble(load_config(write(rest=rest)), now=lambda: 0.0).audit

    assert isinstance(trail, AuditTrail)
    assert (type(trail.sink), trail.on_failure) == (kind, on_failure)


def test_static_entities_nest_groups(write: Write, tmp_path: Path) -> None:
    """`entities.yaml` says which group is in which; policies on the outer one hold."""
    (tmp_path / "p.cedar").write_text('@id("p") permit (principal in Group::"corp/all", action, resource);')
    (tmp_path / "entities.yaml").write_text(
        "- uid: {type: Group, id: corp/eng}\n  parents: [{type: Group, id: corp/all}]\n"
    )
    engine = PolicyEngine.from_config(write(rest="entities: entities.yaml"))
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}

    codes = [
        engine.authorize(User(issuer="corp", subject="a", groups=frozenset(groups)), ping).code
        for groups in (["eng"], ["ops"])
    ]

    assert codes == ["allowed", "no_permit"]


def test_static_entities_can_be_values() -> None:
    """What a program hands over is checked like a file."""
    entity = {"uid": {"type": "Group", "id": "corp/eng"}, "parents": [{"type": "Group", "id": "corp/all"}]}
    engine = PolicyEngine(
        policies='@id("p") permit (principal in Group::"corp/all", action, resource);',
        servers={"github": {"resource": "https://mcp.example.com/github"}},
        issuers={"corp": {"issuer": "https://login.example.com", "profile": "rfc9068"}},
        entities=[entity],
    )
    eng = User(issuer="corp", subject="a", groups=frozenset({"eng"}))

    assert engine.authorize(eng, {"jsonrpc": "2.0", "id": 1, "method": "ping"}).allowed


def test_headers_compare_without_regard_to_case() -> None:
    """HTTP field names (RFC 9110 section 5.1)."""
    facts = HttpFacts(headers={"MCP-Protocol-Version": "2025-11-25"})

    assert facts.header("mcp-protocol-version") == "2025-11-25"
    assert facts.header("mcp-method") is None


def test_an_identity_has_one_of_three_kinds() -> None:
    """`user`, `client`, or a user through a client."""
    bot = Client(issuer="m", client_id="b")
    alice = User(issuer="c", subject="a")
    delegated = User(issuer="c", subject="a", actor=bot)

    kinds = [Identity(principal=one, token=TokenFacts()).kind for one in (alice, delegated, bot)]

    assert kinds == ["user", "delegated", "client"]
    assert principal_entity(bot)["uid"] == {"type": "Client", "id": "m/b"}


def test_machines_are_listed_in_three_ways_and_commands_know_all_of_them(tmp_path: Path) -> None:
    """By id, in the profile's flag, by the longest prefix; `policy-engine explain --client` takes each."""
    values = {
        "version": 1,
        "servers": {"github": {"resource": "https://mcp.example.com"}},
        "issuers": {
            "cluster": {
                "issuer": "https://cluster.example.com",
                "profile": "kubernetes",
                "clients": {"system:serviceaccount:prod:own": {"grants": ["workload"], "groups": ["own"]}},
                "client_prefixes": {
                    "system:serviceaccount:": {"groups": ["any"]},
                    "system:serviceaccount:prod:": {"groups": ["prod"]},
                },
            },
            "vault": {
                "issuer": "https://vault.example.com",
                "profile": "vault",
                "flags": {"machine_subjects": ["e-1"]},
            },
        },
        "policies": [tmp_path / "none"],
    }
    loaded = config_from_values(values, policy_text="")

    def groups(issuer: str, client_id: str) -> tuple[str, ...] | None:
        found = listed_client(loaded, issuer, client_id)
        return None if found is None else found.groups

    assert groups("cluster", "system:serviceaccount:prod:own") == ("own",)
    assert groups("cluster", "system:serviceaccount:prod:web") == ("prod",)
    assert groups("cluster", "system:serviceaccount:dev:web") == ("any",)
    assert groups("cluster", "alice") is None
    assert groups("vault", "e-1") == ()
    assert groups("vault", "e-2") is None
