"""The rule language: what each word means, what absence means, and what is refused when a rule is read."""

from collections.abc import Mapping
from typing import Any

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper.language import (
    ClaimPath,
    ClaimType,
    FlagType,
    FlagValue,
    Layout,
    Root,
    Vocabulary,
    bind,
    parse_rule,
    spell,
)
from policy_engine.mapper.language.settling import settle

VOCABULARY = Vocabulary(
    types={
        ClaimPath(("groups",)): ClaimType.LIST,
        ClaimPath(("scope",)): ClaimType.SPACES,
        ClaimPath(("either",)): ClaimType.STRINGS,
        ClaimPath(("box",)): ClaimType.OBJECT,
        ClaimPath(("gty",), Root.HEADER): ClaimType.LIST,
        ClaimPath(("realm", "roles")): ClaimType.LIST,
    },
    flags={"on": FlagType.BOOLEAN, "tenant": FlagType.TEXT, "listed": FlagType.TEXTS},
    names={
        "app": parse_rule('kind == "app"', Vocabulary()),
        "on_flag": parse_rule("flag(on)", Vocabulary(flags={"on": FlagType.BOOLEAN})),
    },
)
FLAGS: Mapping[str, FlagValue] = {"on": True, "tenant": "acme", "listed": ("svc-1", "svc-2")}
GRANTS = {"web": frozenset({"authorization_code"}), "bot": frozenset({"client_credentials"})}


def answer(
    text: str,
    claims: Mapping[str, Any],
    *,
    header: Mapping[str, Any] | None = None,
    client_id: str | None = "bot",
    user_id: str | None = None,
    flags: Mapping[str, FlagValue] = FLAGS,
) -> bool | None:
    """What a rule says: yes, no or can't be told."""
    layout = Layout()
    rule = bind(parse_rule(text, VOCABULARY), flags, layout, GRANTS.get)
    frame = layout.fill(header or {}, claims, client_id=client_id, machine_id=client_id, user_id=user_id)
    clauses = rule.explain(frame)
    holds = rule.holding(frame) is not None
    assert holds == any(check(frame) is True for _, check in rule.alternatives)
    if len(clauses) == 1:
        return clauses[0].holds
    return holds or None


ANSWERS: list[tuple[str, dict[str, Any], bool | None]] = [
    ('sub == "a"', {"sub": "a"}, True),
    ('sub == "a"', {"sub": "b"}, False),
    ('sub == "a"', {}, None),
    ('sub != "a"', {"sub": "b"}, True),
    ('sub != "a"', {}, None),
    ('not sub == "a"', {}, None),
    ('not sub != "a"', {"sub": "a"}, True),
    ("sub == other", {"sub": "a"}, None),
    ("sub == client_id", {"sub": "bot"}, True),
    ('sub == client_id + "@clients"', {"sub": "bot@clients"}, True),
    ('sub == client_id + other + "!"', {"sub": "botx!"}, None),
    ('sub in ["a", "b"]', {"sub": "b"}, True),
    ('sub in ["a", "b"]', {"sub": "c"}, False),
    ('sub in ["a", "b"]', {}, None),
    ('groups contains "x"', {"groups": ["y", "x"]}, True),
    ('scope contains "x"', {"scope": "xy  x"}, True),
    ('scope contains "x"', {"scope": "xy"}, False),
    ('scope contains "x"', {}, None),
    ('either contains "x"', {"either": "x"}, True),
    ('either contains "x"', {"either": ["x"]}, True),
    ('scope within ["a", "b"]', {"scope": "b a"}, True),
    ('scope within ["a", "b"]', {"scope": "b c"}, False),
    ('scope within ["a", "b"]', {"scope": " "}, False),
    ('groups == ["a", "b"]', {"groups": ["a", "b"]}, True),
    ('groups != ["a"]', {"groups": ["a", "b"]}, True),
    ("email_verified == true", {"email_verified": True}, True),
    ("email_verified == false", {"email_verified": True}, False),
    ('sub matches "<connection>|<id>"', {"sub": "auth0|1"}, True),
    ('sub matches "<connection>|<id>"', {"sub": "auth0"}, False),
    ('sub matches "<connection>|<id>"', {}, None),
    ('sub under "example.com"', {"sub": "a.example.com"}, True),
    ('sub under "example.com"', {"sub": "example.com"}, True),
    ('sub under "example.com"', {"sub": "notexample.com"}, False),
    ("present sub", {"sub": "a"}, True),
    ("present sub", {}, False),
    ("absent sub", {}, True),
    ("absent sub", {"sub": ""}, False),
    ("present box", {"box": {}}, True),
    ("nonempty sub", {"sub": "a"}, True),
    ("nonempty sub", {"sub": ""}, False),
    ("nonempty sub", {}, None),
    ("nonempty scope", {"scope": "  "}, False),
    ("nonempty groups", {"groups": ["a"]}, True),
    ("registered(client_id)", {}, True),
    ('registered(client_id, "client_credentials")', {}, True),
    ('registered(client_id, "authorization_code")', {}, False),
    ("flag(on)", {}, True),
    ("not flag(on)", {}, False),
    ("sub == flag(tenant)", {"sub": "acme"}, True),
    ('sub == flag(tenant) + "-1"', {"sub": "acme-1"}, True),
    ("sub in flag(listed)", {"sub": "svc-2"}, True),
    ("sub in flag(listed)", {"sub": "svc-3"}, False),
    ('claim("https://x/kind") == "app"', {"https://x/kind": "app"}, True),
    ('claim("a.b", "c") == "x"', {"a.b": {"c": "x"}}, True),
    ('claim("client_id") == "x"', {"client_id": "x"}, True),
    ('realm.roles contains "x"', {"realm": {"roles": ["x"]}}, True),
    ('realm.roles contains "x"', {"realm": {}}, None),
    ('realm.roles contains "x"', {"realm.roles": ["x"]}, None),
    ('sub == "say \\"hi\\" \\\\"', {"sub": 'say "hi" \\'}, True),
    ('android == "x"', {"android": "x"}, True),
]


@pytest.mark.parametrize(("text", "claims", "expected"), ANSWERS, ids=[f"{a} {b}" for a, b, _ in ANSWERS])
def test_each_word_means_one_thing(text: str, claims: dict[str, Any], expected: bool | None) -> None:  # noqa: FBT001 -- an answer
    """Yes, no, and None where an absent claim leaves it open."""
    assert answer(text, claims) is expected


JUNCTIONS: list[tuple[str, dict[str, Any], bool]] = [
    ("present a and present b", {"a": "1", "b": "1"}, True),
    ("present a and present b", {"a": "1"}, False),
    ("present a or present b", {"b": "1"}, True),
    ("present a or present b", {}, False),
    ("present a or present b and absent b", {"a": "1"}, True),
    ("(present a or present b) and absent b", {"b": "1"}, False),
    ("not (present a and present b)", {"a": "1"}, True),
    ('a == "1" or present b', {"b": "1"}, True),
    ('not (a == "1" and present b)', {"b": "1"}, False),
    ('not (a == "1" and present b)', {}, True),
    ('not (a == "1" or absent b)', {"b": "1"}, False),
    ('a == "1" and b == "1"', {"a": "1"}, False),
    ("@app and present b", {"kind": "app", "b": "1"}, True),
    ("@app or @app", {"kind": "web"}, False),
]


@pytest.mark.parametrize(("text", "claims", "holds"), JUNCTIONS, ids=[f"{a} {b}" for a, b, _ in JUNCTIONS])
def test_and_or_and_not_decide_as_soon_as_they_can(text: str, claims: dict[str, Any], holds: bool) -> None:  # noqa: FBT001 -- an answer
    """What is decided stays decided, whatever else can't be told; what isn't doesn't hold."""
    assert (answer(text, claims) is True) is holds


def test_header_parameters_are_no_claims() -> None:
    """`header.` reads the JOSE header, and a claim of that name is reached with `claim`."""
    assert answer('header.gty within ["cc"]', {"gty": ["cc"]}, header={}) is None
    assert answer('header.gty within ["cc"]', {}, header={"gty": ["cc"]}) is True
    assert answer('claim("header", "gty") == "x"', {"header": {"gty": "x"}}, header={"gty": ["cc"]}) is True


def test_ids_that_the_profile_did_not_find_can_not_be_compared() -> None:
    """An absent client or user is no evidence either."""
    assert answer("sub == user_id", {"sub": "a"}) is None
    assert answer("sub == user_id", {"sub": "a"}, user_id="a") is True
    assert answer("sub != client_id", {"sub": "a"}, client_id=None) is None
    assert answer("registered(client_id)", {}, client_id=None) is None
    assert answer("registered(client_id)", {}, client_id="nobody") is False


@pytest.mark.parametrize("value", [None, 1, True, ["a"], {"a": 1}, 1.5])
@pytest.mark.parametrize("text", ['sub == "a"', "present sub", "absent sub", 'absent other or sub == "a"'])
def test_a_claim_of_the_wrong_type_refuses_however_the_rule_would_have_gone(text: str, value: object) -> None:
    """`null` isn't absent, `1` isn't a text, and no other part of the rule hides that."""
    with pytest.raises(MappingError) as refused:
        answer(text, {"sub": value})

    assert (refused.value.code, refused.value.detail) == ("invalid_claim", "claim_type")
    assert refused.value.evidence == ("`sub` is there, but isn't of type string",)


WRONG_TYPES: list[tuple[str, dict[str, Any]]] = [
    ('groups contains "x"', {"groups": "x"}),
    ('groups contains "x"', {"groups": ["x", 1]}),
    ('scope contains "x"', {"scope": ["x"]}),
    ('either contains "x"', {"either": [None]}),
    ("present box", {"box": []}),
    ("email_verified == true", {"email_verified": "true"}),
    ("email_verified == true", {"email_verified": 1}),
    ("present auth_time", {"auth_time": True}),
    ("present auth_time", {"auth_time": "1"}),
    ('realm.roles contains "x"', {"realm": "x"}),
    ('realm.roles contains "x"', {"realm": {"roles": None}}),
]


@pytest.mark.parametrize(("text", "claims"), WRONG_TYPES, ids=[f"{a} {b}" for a, b in WRONG_TYPES])
def test_every_type_is_exact(text: str, claims: dict[str, Any]) -> None:
    """Nothing is converted into the type that a claim should have."""
    with pytest.raises(MappingError) as refused:
        answer(text, claims)

    assert refused.value.detail == "claim_type"


def test_parts_that_flags_switch_off_read_nothing() -> None:
    """A claim that only a switched-off part mentions may have any type."""
    text = 'flag(on) and odd == "x" or present sub'

    assert answer(text, {"odd": 1, "sub": "a"}, flags={**FLAGS, "on": False}) is True
    with pytest.raises(MappingError):
        answer(text, {"odd": 1, "sub": "a"})


SETTLED: list[tuple[str, FlagValue, str]] = [
    ("flag(on) and present a", True, "present a"),
    ("flag(on) and present a", False, "never"),
    ("flag(on) or present a", True, "always"),
    ("flag(on) or present a", False, "present a"),
    ("flag(on) and flag(on)", True, "always"),
    ("flag(on) or flag(on)", False, "never"),
    ("not flag(on)", True, "never"),
    ("not (flag(on) and present a)", True, "not present a"),
    ("@on_flag and present a", True, "present a"),
    ("@app and present a and flag(on)", True, "@app and present a"),
    ("registered(client_id) and flag(on)", True, "registered(client_id)"),
]


@pytest.mark.parametrize(("text", "on", "expected"), SETTLED, ids=[f"{a}, {b}" for a, b, _ in SETTLED])
def test_flags_are_settled_once(text: str, on: bool, expected: str) -> None:  # noqa: FBT001 -- a flag's value
    """What a flag decides is no longer asked when a token comes."""
    assert spell(settle(parse_rule(text, VOCABULARY), {**FLAGS, "on": on})) == expected


@pytest.mark.parametrize(
    "text", ["sub == flag(tenant)", "not sub == flag(tenant)", 'sub != flag(tenant) + "x"']
)
def test_a_flag_that_is_not_set_is_no_evidence(text: str) -> None:
    """A comparison with nothing can't be told, and neither can its contrary."""
    assert answer(text, {"sub": "a"}, flags={**FLAGS, "tenant": None}) is None


def test_settings_of_operators_are_not_spelt_out() -> None:
    """A list of people's ids in a flag doesn't reach the evidence."""
    assert spell(settle(parse_rule("sub in flag(listed)", VOCABULARY), FLAGS)) == "sub in flag(listed)"


def test_the_alternative_that_holds_is_named() -> None:
    """Evidence says which part of a rule spoke, and every clause what it says."""
    layout = Layout()
    rule = bind(parse_rule('@app and present a or b == "1"', VOCABULARY), FLAGS, layout, GRANTS.get)
    opened = bind(parse_rule("@app or present c", VOCABULARY), FLAGS, layout, GRANTS.get)
    frame = layout.fill({}, {"b": "1", "kind": "web"}, client_id=None, machine_id=None, user_id=None)
    other = layout.fill({}, {"kind": "app"}, client_id=None, machine_id=None, user_id=None)

    assert rule.holding(frame) == 'b == "1"'
    assert opened.holding(other) == 'kind == "app"'
    assert [(clause.text, clause.holds) for clause in rule.explain(frame)] == [
        ("@app", False),
        ('kind == "app"', False),
        ("present a", False),
        ('b == "1"', True),
    ]


def test_unset_flags_are_spelt_as_what_they_are() -> None:
    """A rule that needs a flag that isn't set says so."""
    unset: Mapping[str, FlagValue] = {"on": False, "tenant": None, "listed": ()}
    rule = settle(parse_rule("sub == flag(tenant)", VOCABULARY), unset)

    assert spell(rule) == "never (a flag isn't set)"
