"""config: everything that is to be said of a configuration at once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.config import Report, config_from_values, examine, load_config

Say = Callable[..., Report]

CONFIG = """\
version: 1
servers:
  github: {{resource: https://mcp.example.com/github, catalogue: {github}}}
  gitlab: {{resource: https://mcp.example.com/gitlab, catalogue: {gitlab}}}
issuers:
  corp: {{issuer: https://login.example.com, profile: {profile}, keys: {{uri: https://login.example.com/keys}}}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    keys: {{uri: https://as.example.com/keys}}
    clients:
      bot: {{grants: [{grants}], groups: [{groups}], roles: [ops]}}
    claims: {{client: {{{claims}}}}}
policies: p.cedar
entities: entities.yaml
"""
TOOL = {
    "name": "search",
    "inputSchema": {"type": "object", "properties": {"q": {"oneOf": [{"type": "string"}, {}, {}]}}},
}


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """What is said of a configuration with parts of it replaced."""

    def said(policies: str = "", **parts: str) -> Report:
        usual = {"github": "good.json", "gitlab": "good.json", "profile": "rfc9068"}
        client = {"grants": "client_credentials", "groups": "ci", "claims": ""}
        entities = parts.pop("entities", "[]")
        (tmp_path / "good.json").write_text(json.dumps({"tools": [TOOL]}))
        (tmp_path / "entities.yaml").write_text(entities)
        (tmp_path / "p.cedar").write_text(policies)
        file = tmp_path / "policy-engine.yaml"
        file.write_text(CONFIG.format(**{**usual, **client, **parts}))
        return examine(load_config(file))

    return said


def test_parts_that_do_not_depend_on_each_other_are_all_looked_at(say: Say) -> None:
    """Two catalogues, the entity file, two issuers; each told once."""
    found = say(
        github="a.json", gitlab="b.json", profile="rfc", grants="password, client_credentials", entities="{}"
    )

    assert [(Path(error.file or "").name, error.line) for error in found.errors] == [
        ("entities.yaml", None),
        ("policy-engine.yaml", 3),
        ("policy-engine.yaml", 4),
        ("policy-engine.yaml", 6),
        ("policy-engine.yaml", 12),
    ]
    assert (found.warnings, found.policies, found.servers) == ((), None, {})


def test_policies_are_looked_at_if_their_words_are_known(say: Say) -> None:
    """Beside errors of an issuer; not where a catalogue or the entity file is missing."""
    policies = '@id("a") permit (principal, action == Action::"github/nope", resource);'

    beside = say(policies, profile="rfc")
    without = say(policies, gitlab="none.json")

    assert [error.code for error in beside.errors] == ["policy_name", "config"]
    assert [error.code for error in without.errors] == ["config"]
    assert list(beside.servers) == ["github", "gitlab"]
    assert list(without.servers) == ["github"]


def test_a_good_configuration_has_its_policies(say: Say) -> None:
    """Ready to decide."""
    found = say('@id("a") permit (principal is User, action == Action::"ping", resource);')

    assert (found.errors, found.warnings) == ((), ())
    assert found.policies is not None
    assert list(found.policies.policies) == ["a"]


def test_policies_that_can_not_be_read_are_an_error(say: Say, tmp_path: Path) -> None:
    """Like any other."""
    say()
    (tmp_path / "p.cedar").unlink()

    found = examine(load_config(tmp_path / "policy-engine.yaml"))

    assert [error.code for error in found.errors] == ["policy_files"]
    assert found.policies is None


WARNED = {
    "a machine": ('principal == Client::"machines/bto"', ""),
    "a group": ('principal in ClientGroup::"machines/cii"', ""),
    "a role": ('principal in ClientRole::"machines/dev"', ""),
}


@pytest.mark.parametrize(("clause", "claims"), WARNED.values(), ids=WARNED.keys())
def test_names_are_compared_with_the_registry(say: Say, clause: str, claims: str) -> None:
    """What no listed machine is, or has, is a warning."""
    found = say(f'@id("a") permit ({clause}, action == Action::"ping", resource);', claims=claims)

    assert [(error.code, error.problem) for error in found.errors] == []
    assert [warning.code for warning in found.warnings] == ["PS010"]


KNOWN = {
    "listed": ('principal in ClientGroup::"machines/ci"', "", "[]"),
    "from tokens": ('principal in ClientGroup::"machines/cii"', "groups: groups", "[]"),
    "roles from tokens": ('principal in ClientRole::"machines/dev"', "roles: roles", "[]"),
    "above a listed one": (
        'principal in ClientGroup::"machines/all"',
        "",
        "- uid: {type: ClientGroup, id: machines/ci}\n  parents: [{type: ClientGroup, id: machines/all}]\n",
    ),
}


@pytest.mark.parametrize(("clause", "claims", "entities"), KNOWN.values(), ids=KNOWN.keys())
def test_groups_may_come_from_elsewhere(say: Say, clause: str, claims: str, entities: str) -> None:
    """Tokens bring groups, and the entity file nests them."""
    policy = f'@id("a") permit ({clause}, action == Action::"ping", resource);'

    assert say(policy, claims=claims, entities=entities).warnings == ()


def test_arguments_without_a_type_are_known_with_the_reason(say: Say) -> None:
    """From the catalogue to the mend."""
    found = say(
        '@id("a") permit (principal is User, action == Action::"github/search", resource) '
        'when { context.arguments.q == "x" };'
    )

    assert [(error.problem, error.remedy) for error in found.errors] == [
        (
            "policies can't see `q` of github/search: it may be anything",
            'ask whether it was given: `context.unrepresentable.contains("q")`',
        )
    ]


def test_values_have_no_places() -> None:
    """A program that hands a configuration over is told the same, without lines."""
    values = {
        "version": 1,
        "servers": {"github": {"resource": "https://mcp.example.com/github"}},
        "issuers": {"corp": {"issuer": "https://login.example.com", "profile": "rfc9068"}},
        "policies": [],
    }

    found = examine(config_from_values(values, policy_text='@id("a") permit (principal, action, resource);'))

    assert [(warning.file, warning.line, warning.code) for warning in found.warnings] == [
        (None, 1, "PS005"),
        (None, 1, "PS001"),
    ]
