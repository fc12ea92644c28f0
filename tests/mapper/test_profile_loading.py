"""Profile files: one that loads can be relied on, and one that doesn't says where and why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.mapper import IssuerMapping, Mapper, load_profile, profile_names


def refusal(path: Path) -> ConfigError:
    """The error that a profile is refused with."""
    with pytest.raises(ConfigError) as refused:
        load_profile(path)
    return refused.value


def test_the_profiles_of_known_issuers_are_shipped() -> None:
    """Each loads, under its own name."""
    assert profile_names() == ("auth0", "entra", "keycloak", "okta", "policy-engine", "rfc9068")
    assert [load_profile(name).name for name in profile_names()] == list(profile_names())


def test_an_operators_own_profile_is_loaded_by_path(write_profile: Callable[..., Path]) -> None:
    """A path as text or as a path gives the same profile, named by the file."""
    path = write_profile()

    assert load_profile(path) == load_profile(str(path))
    assert load_profile(path).name == "own"


def test_stage_1_finds_what_a_profile_asks_of_tokens(write_profile: Callable[..., Path]) -> None:
    """Types are compared in one form, and only asymmetric algorithms are ever allowed."""
    profile = load_profile(write_profile(typ="[application/AT+JWT, JWT, null]", multiple_audiences="true"))

    assert profile.typ == {"at+jwt", "jwt", None}
    assert profile.required == ("iss", "sub", "aud", "exp", "client_id")
    assert profile.multiple_audiences is True
    assert profile.id_tokens_allowed is False
    assert profile.algorithms == (
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "EdDSA",
    )


FAULTS: list[tuple[str, dict[str, str | None], str, int, int]] = [
    ("unknown key", {"users": "x"}, "unknown key `users`", 11, 1),
    ("missing key", {"client_id": None}, "`client_id` is missing", 1, 1),
    (
        "a number for a name",
        {"client_id": "{by: ver, cases: {1.0: azp}}"},
        "the key `1.0` is read as a number",
        5,
        30,
    ),
    ("unknown flag", {"client": "flag(off)"}, "no flag is named `off`", 7, 9),
    (
        "unknown flag in a block",
        {"client": "|\n  present kind\n    and flag(off)"},
        "no flag is named `off`",
        9,
        9,
    ),
    (
        "unknown flag, folded",
        {"client": ">\n  present kind\n  and flag(off)"},
        "no flag is named `off`",
        7,
        1,
    ),
    ("unknown name", {"client": '"@app"'}, "no rule named `app` is defined above", 7, 10),
    (
        "name defined later",
        {"define": '{a: "@b", b: present kind}'},
        "no rule named `b` is defined above",
        11,
        14,
    ),
    ("not a rule", {"client": "kind = 1"}, "a rule can't be read from here on", 7, 14),
    ("half a rule", {"refuse": "{conflict: kind ==}"}, "a rule ends too early", 11, 27),
    ("unknown refusal", {"refuse": "{maybe: present kind}"}, "`refuse.maybe`: input should be", 11, 10),
    ("no rules", {"client": None, "user": None, "examples": "{}"}, "a profile needs a rule", 1, 1),
    ("people without id", {"user_id": None}, "people have no id", 7, 1),
    (
        "no example",
        {"examples": "{client: {header: {}, claims: {}}}"},
        "`user` needs a rule and an example",
        9,
        1,
    ),
    (
        "example without rule",
        {"user": None},
        "`user` needs a rule and an example, or neither",
        8,
        1,
    ),
    (
        "placeholder",
        {"examples": "{client: {header: {}, claims: {a: [$who]}}, user: {header: {}, claims: {}}}"},
        "an example has an unknown placeholder",
        9,
        12,
    ),
    (
        "half a placeholder",
        {"examples": "{client: {header: {}, claims: {a: 1$}}, user: {header: {}, claims: {}}}"},
        "an example has an unknown placeholder",
        9,
        12,
    ),
    ("assertions for access tokens", {"typ": "[oauth-id-jag+jwt]"}, "an access token never has one of", 3, 1),
    ("shared secrets", {"algorithms": "[HS256]"}, "`algorithms.0`: input should be", 11, 14),
    ("no algorithm", {"algorithms": "[]"}, "`algorithms`: tuple should have at least 1 item", 11, 1),
    ("no claim", {"user_id": "'a..b'"}, "`a..b` names no claim", 6, 1),
    ("no claim in types", {"types": "{'a b': list}"}, "`a b` names no claim", 11, 9),
    ("unknown type", {"types": "{a: text}"}, "`types.a`: input should be", 11, 9),
    (
        "two ways to the client",
        {"client_id": "{claim: a, by: b, cases: {c: d}}"},
        "`client_id`: write either",
        5,
        1,
    ),
    ("no way to the client", {"client_id": "{}"}, "`client_id`: write either", 5, 1),
    ("a choice without cases", {"client_id": "{by: b}"}, "`client_id`: write either", 5, 1),
    (
        "marker of no text",
        {"native": "{n: {client: [a]}}", "types": "{n: number}"},
        "a marker is a text or",
        11,
        10,
    ),
    (
        "marker under no flag",
        {"native": "{n: {client: [a], when: f}}"},
        "no boolean flag is named `f`",
        11,
        27,
    ),
    (
        "marker under a text",
        {"native": "{n: {client: [a], when: f}}", "flags": "{f: {type: text, description: x}}"},
        "no boolean flag is named `f`",
        11,
        27,
    ),
    ("bad pattern", {"client": 'kind matches "<a>"'}, "a pattern without text of its own matches", 7, 22),
    ("too long a rule", {"client": "present kind" + " or present kind" * 300}, "a rule is longer than", 7, 1),
    ("twice", {"title": "a\ntitle: b"}, "a key is written twice", 2, 1),
]


@pytest.mark.parametrize(
    ("changes", "problem", "line", "column"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_profile_that_can_not_be_used_says_where(
    changes: dict[str, str | None], problem: str, line: int, column: int, write_profile: Callable[..., Path]
) -> None:
    """File, line, column and problem, as an editor shows them."""
    path = write_profile(**changes)

    error = refusal(path)

    assert error.problem.startswith(problem)
    assert (error.file, error.line, error.column) == (str(path), line, column)


@pytest.mark.parametrize("name", ["key-cloak", "", "profiles/own", "../rfc9068"])
def test_an_unknown_name_is_told_the_known_ones(name: str) -> None:
    """A misspelt profile is no profile."""
    with pytest.raises(ConfigError, match="no profile is named") as refused:
        load_profile(name)

    assert "keycloak" in refused.value.remedy


def test_a_missing_file_is_told() -> None:
    """A path to nowhere is a configuration error like any other."""
    with pytest.raises(ConfigError, match="can't read the file"):
        load_profile("nowhere.yaml")


def test_two_issuers_can_not_share_a_name() -> None:
    """A name says who vouches, so it belongs to one issuer."""
    mapping = IssuerMapping(name="corp", profile=load_profile("rfc9068"))

    with pytest.raises(ConfigError, match="two issuers are named `corp`"):
        Mapper([mapping, mapping])


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_profile_says_what_it_trusts(name: str) -> None:
    """What is relied on, who writes it, what to switch on, and where that is documented."""
    documentation = load_profile(name).documentation

    assert min(map(len, (documentation.relies_on, documentation.written_by, documentation.operator))) > 20
    assert documentation.sources
