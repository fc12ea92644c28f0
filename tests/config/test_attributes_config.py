"""Declared attributes: checked with their place, and the same for every stage."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policy_engine import PolicyEngine
from policy_engine.cedar import render
from policy_engine.cli.main import app
from policy_engine.config import LoadedConfig, declared_attributes, examine, issuer_mappings, load_config
from policy_engine.errors import ConfigError
from policy_engine.mapper import AttributeSource, KnownClient
from policy_engine.model import AttributeType

Load = Callable[..., LoadedConfig]

SERVER_AND_ISSUER = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github, catalogue: catalogue.json}
policies: p.cedar
entities: entities.yaml
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    keys: {uri: https://login.example.com/keys}
"""
DECLARED = """\
attributes:
  User: {department: string, clearance: long, contractor: bool, cost_centres: strings}
  Client: {tier: string, level: long}
"""
CATALOGUE = {"tools": [{"reviewed": True, "item": {"name": "search", "inputSchema": {"type": "object"}}}]}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a configuration, its last lines given."""

    def loaded(more: str = "", policies: str = "", entities: str = "[]") -> LoadedConfig:
        (tmp_path / "catalogue.json").write_text(json.dumps(CATALOGUE))
        (tmp_path / "entities.yaml").write_text(entities)
        (tmp_path / "p.cedar").write_text(policies)
        (tmp_path / "policy-engine.yaml").write_text(SERVER_AND_ISSUER + more)
        return load_config(tmp_path / "policy-engine.yaml")

    return loaded


def test_what_is_declared_types_claims_and_the_registry(load: Load) -> None:
    """Names that aren't declared stay tags."""
    loaded = load(
        """\
    claims:
      user: {attributes: {department: dept, clearance: "https://corp.example/clearance"}, tags: {team: team}}
      client: {attributes: {tier: tier}}
    clients:
      ci-bot: {grants: [client_credentials], attributes: {tier: gold, level: 3, region: eu, teams: [a, b]}}
"""
        + DECLARED
    )
    text, strings = AttributeType.STRING, AttributeType.STRINGS
    long, true_or_false = AttributeType.LONG, AttributeType.BOOL

    (mapping,) = issuer_mappings(loaded)

    assert declared_attributes(loaded.config) == {
        "User": {"department": text, "clearance": long, "contractor": true_or_false, "cost_centres": strings},
        "Client": {"tier": text, "level": long},
    }
    assert mapping.claims.user.tags == {"team": "team"}
    assert mapping.claims.user.attributes == {
        "department": AttributeSource(claim="dept", type=text),
        "clearance": AttributeSource(claim="https://corp.example/clearance", type=long),
    }
    assert mapping.claims.client.attributes == {"tier": AttributeSource(claim="tier", type=text)}
    assert mapping.clients.get("ci-bot") == KnownClient(
        grants=frozenset({"client_credentials"}),
        attributes={"region": ("eu",), "teams": ("a", "b")},
        typed_attributes={"tier": "gold", "level": 3},
    )


LISTED = "    clients:\n      bot: {grants: [client_credentials], attributes: {%s}}\n" + DECLARED
STRING = "a string of at most 1000 characters, without control characters"
LONG = "an integer of 64 bits"
MISTAKES = {
    "attributes: {User: {subject: string}}": (
        "11:21: `subject` is an attribute of people or machines already (give it another name)"
    ),
    "attributes: {User: {client_id: string}}": (
        "11:21: `client_id` is an attribute of people or machines already (give it another name)"
    ),
    "attributes: {Client: {email: string}}": (
        "11:23: `email` is an attribute of people or machines already (give it another name)"
    ),
    "attributes: {Client: {like: bool}}": (
        "11:23: `like` is a word of the Cedar language (give it another name)"
    ),
    "attributes: {User: {Department: string}}": (
        "11:21: `attributes.User.Department`: string should match pattern '^[a-z][a-z0-9_]{0,39}$'"
    ),
    "attributes: {User: {department: text}}": (
        "11:21: `attributes.User.department`: input should be 'string', 'strings', 'bool' or 'long'"
    ),
    "attributes: {user: {department: string}}": (
        "11:14: unknown key `attributes.user` (did you mean `User`?)"
    ),
    "    claims: {user: {attributes: {departmnt: dept}}}\n" + DECLARED: (
        "11:34: `departmnt` isn't declared as an attribute of `User` (did you mean `department`?)"
    ),
    "    claims: {client: {attributes: {department: dept}}}\n" + DECLARED: (
        "11:36: `department` isn't declared as an attribute of `Client` (declare its type, `attributes:"
        " {Client: {department: string}}`, or read it as a tag)"
    ),
    LISTED % "tier: 5": "12:56: `tier` is declared as `string`, and this isn't one (put it in quotes)",
    LISTED % "tier: [gold]": f"12:56: `tier` is declared as `string`, and this isn't one (write {STRING})",
    LISTED % r'tier: "a\nb"': f"12:56: `tier` is declared as `string`, and this isn't one (write {STRING})",
    LISTED % 'level: "3"': f"12:56: `level` is declared as `long`, and this isn't one (write {LONG})",
    LISTED % "level: true": f"12:56: `level` is declared as `long`, and this isn't one (write {LONG})",
    LISTED % "level: 9223372036854775808": (
        f"12:56: `level` is declared as `long`, and this isn't one (write {LONG})"
    ),
    (LISTED % 'level: "3"').replace("clients", "client_prefixes"): (
        f"12:56: `level` is declared as `long`, and this isn't one (write {LONG})"
    ),
    LISTED % "rank: 5": (
        "12:56: `issuers.corp.clients.bot.attributes.rank` is read as a number"
        " (put it in quotes, or declare the type of `rank` under `attributes.Client`)"
    ),
    LISTED % "rank: [a, true]": (
        "12:66: `issuers.corp.clients.bot.attributes.rank.1` is read as a boolean"
        " (put it in quotes, or declare the type of `rank` under `attributes.Client`)"
    ),
    LISTED % 'rank: ""': (
        "12:56: `issuers.corp.clients.bot.attributes.rank` is empty (write a value, or leave it out)"
    ),
    LISTED % "rank: {a: b}": (
        "12:56: `issuers.corp.clients.bot.attributes.rank`: should be a string, a list of strings, true,"
        " false or an integer"
    ),
}


@pytest.mark.parametrize("written", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_how_to_mend_it(load: Load, written: str) -> None:
    """Whatever is declared, mapped or listed."""
    with pytest.raises(ConfigError) as error:
        load(written)

    assert str(error.value).partition("policy-engine.yaml:")[2] == MISTAKES[written]
    assert error.value.others == ()


def test_all_mistakes_are_told_at_once(load: Load) -> None:
    """In the order of the file's parts."""
    written = """\
    claims: {user: {attributes: {clearence: c}}}
    clients: {bot: {grants: [client_credentials], attributes: {tier: 1}}}
attributes: {User: {issuer: string, has: bool, clearance: long}, Client: {tier: string}}
"""

    with pytest.raises(ConfigError) as error:
        load(written)

    assert [(one.line, one.column) for one in (error.value, *error.value.others)] == [
        (13, 21),
        (13, 37),
        (11, 34),
        (12, 64),
    ]


@pytest.mark.parametrize(
    "name", ["decimal", "ip", "set", "principal", "unknown", "datetime", "a" * 40, "x_1"]
)
def test_every_name_that_may_be_declared_can_be_written_after_a_dot(load: Load, name: str) -> None:
    """Also the names of Cedar's functions and variables."""
    condition = f"principal has {name} && principal.{name}"
    policy = f'@id("x") permit (principal is User, action, resource) when {{ {condition} }};'

    assert examine(load(f"attributes: {{User: {{{name}: bool}}}}", policy)).errors == ()


POLICIES = {
    'principal has department && principal.department == "payments"': [],
    "principal has clearance && principal.clearance >= 3": [],
    "principal has contractor && !principal.contractor": [],
    'principal has cost_centres && principal.cost_centres.contains("100")': [],
    'context has actor && context.actor has tier && context.actor.tier == "gold"': [],
    'principal.department == "payments"': [
        "2:18: `principal.department` may be missing in all 23 actions"
        " (guard it: `principal has department && …`)"
    ],
    'principal has department && principal.departmnt == "payments"': [
        "2:46: a `User` has no attribute `departmnt` (did you mean `department`?)"
    ],
    "principal has department && principal.department == 3": [
        "2:60: `principal.department` is a String, `3` is an integer (Long): they are never equal"
        ' (put it in quotes: `"3"`)'
    ],
    'context has actor && context.actor has level && context.actor.level == "3"': [
        '2:79: `context.actor.level` is an integer (Long), `"3"` is a String: they are never equal'
        " (write it without quotes: `3`)"
    ],
    "principal has clearance && principal.clearance": [
        "2:35: `principal.clearance` is an integer (Long): this has to be true or false"
        " (compare it: `principal.clearance == 5`)"
    ],
}


@pytest.mark.parametrize("condition", POLICIES)
def test_policies_are_validated_against_what_is_declared(load: Load, condition: str) -> None:
    """A misspelt name, a wrong type and a missing guard are told by `validate` and by loading alike."""
    policy = f'@id("x") permit (principal is User, action, resource)\nwhen {{ {condition} }};'
    loaded = load(DECLARED, policy)
    told = [str(error).partition("p.cedar:")[2] for error in examine(loaded).errors]

    assert told == POLICIES[condition]
    if told:
        with pytest.raises(ConfigError) as error:
            PolicyEngine.from_config(loaded.folder / "policy-engine.yaml")
        assert str(error.value).partition("p.cedar:")[2] == told[0]
    else:
        PolicyEngine.from_config(loaded.folder / "policy-engine.yaml").close()


def test_asking_for_what_is_declared_for_the_other_kind_is_a_warning(load: Load) -> None:
    """`has` of what can't be there is false, and Cedar's validator looks no further."""
    policy = '@id("x") permit (principal is User, action == Action::"github/search", resource)'
    condition = '\nwhen { principal has tier && principal.tier == "gold" };'

    (warning,) = examine(load(DECLARED, policy + condition)).warnings

    assert (warning.code, warning.line, warning.column) == ("PS003", 2, 22)


ENTITIES = {
    "{uid: {type: User, id: corp/a}, attrs: {department: hr, clearance: 3, cost_centres: [a]}}": None,
    "{uid: {type: Client, id: corp/bot}, attrs: {tier: gold}}": None,
    "{uid: {type: User, id: corp/a}, attrs: {clearance: many}}": '`User::"corp/a"` doesn\'t fit the schema',
    "{uid: {type: User, id: corp/a}, attrs: {tier: gold}}": '`User::"corp/a"` doesn\'t fit the schema',
    "{uid: {type: Client, id: corp/bot}, attrs: {department: hr}}": (
        '`Client::"corp/bot"` doesn\'t fit the schema'
    ),
}


@pytest.mark.parametrize("entry", ENTITIES)
def test_entities_of_ones_own_are_typed_likewise(load: Load, entry: str) -> None:
    """What isn't declared for the type, or is of another, is refused where it stands."""
    errors = examine(load(DECLARED, entities=f"- {entry}")).errors

    if (expected := ENTITIES[entry]) is None:
        assert errors == ()
    else:
        (error,) = errors
        assert str(error).partition("entities.yaml:")[2].startswith(f"1:3: entry 0: {expected}")


def test_the_schema_that_is_printed_has_them(load: Load) -> None:
    """Text and JSON are one schema, and other Cedar tools can read it."""
    file = load(DECLARED).folder / "policy-engine.yaml"
    run = CliRunner().invoke

    text = run(app, ["schema", "--config", str(file)]).stdout
    written = json.loads(run(app, ["schema", "--config", str(file), "--format", "json"]).stdout)

    types = {name: row["shape"]["attributes"] for name, row in written[""]["entityTypes"].items()}
    doc = {"annotations": {"doc": "Declared in the configuration."}, "required": False}
    assert {
        name: types["User"][name] for name in ("department", "clearance", "contractor", "cost_centres")
    } == {
        "department": {"type": "String", **doc},
        "clearance": {"type": "Long", **doc},
        "contractor": {"type": "Boolean", **doc},
        "cost_centres": {"type": "Set", "element": {"type": "String"}, **doc},
    }
    assert types["Client"].keys() == {"issuer", "client_id", "category", "tier", "level"}
    assert "clearance?: Long" in text
    assert render(written) == text
