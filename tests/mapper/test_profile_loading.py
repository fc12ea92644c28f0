"""Profile files: one that loads can be relied on, and one that doesn't says where and why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.mapper import IssuerMapping, Mapper, load_profile, profile_names, rehearsed_profile

SHIPPED = """
adfs auth0 authentik aws-sts clerk cloudflare-access cognito curity descope dex duende entity-profiles
entra fusionauth github-actions gitlab-ci google hydra keycloak kinde kubernetes logto okta openiddict
oracle pingam pingfederate pingone policy-engine registry-only rfc9068 salesforce spiffe spring stytch
teleport toolhive vault workos zitadel
"""


def refusal(path: Path) -> ConfigError:
    """The error that a profile is refused with."""
    with pytest.raises(ConfigError) as refused:
        load_profile(path)
    return refused.value


def test_the_profiles_of_known_issuers_are_shipped() -> None:
    """Each loads, under its own name."""
    assert profile_names() == tuple(sorted(SHIPPED.split()))
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
    ("missing key", {"typ": None}, "`typ` is missing", 1, 1),
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
        "`client_id`: write one of",
        5,
        1,
    ),
    ("no way to the client", {"client_id": "{}"}, "`client_id`: write one of", 5, 1),
    ("a choice without cases", {"client_id": "{by: b}"}, "`client_id`: write one of", 5, 1),
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
        "no flag of type boolean is named `f`",
        11,
        27,
    ),
    (
        "marker under a text",
        {"native": "{n: {client: [a], when: f}}", "flags": "{f: {type: text, description: x}}"},
        "no flag of type boolean is named `f`",
        11,
        27,
    ),
    ("bad pattern", {"client": 'kind matches "<a>"'}, "a pattern without text of its own matches", 7, 22),
    ("too long a rule", {"client": "present kind" + " or present kind" * 300}, "a rule is longer than", 7, 1),
    (
        "two ways to an id",
        {"user_id": "{claim: sub, matches: 'u<id>', prefix: u}"},
        "`user_id`: write `mat",
        6,
        1,
    ),
    (
        "an id without a hole",
        {"user_id": "{claim: sub, matches: usr}"},
        "it isn't text around one hole",
        6,
        23,
    ),
    ("two holes", {"user_id": "{claim: sub, matches: '<id>|<id>'}"}, "it isn't text around one hole", 6, 23),
    (
        "another hole",
        {"user_id": "{claim: sub, matches: '<a>|<id>'}"},
        "it isn't text around one hole",
        6,
        23,
    ),
    ("an id of numbers", {"user_id": "iat"}, "`iat` is of type number, which is no id", 6, 1),
    ("no id of machines", {"client_id": None}, "machines have no id", 6, 1),
    (
        "no such decoder",
        {"decode": "{a: {claim: sub, decoder: rot13}}"},
        "no decoder is named `rot13`",
        11,
        26,
    ),
    ("nothing decoded", {"user_id": "decoded.a.b"}, "`decoded.a.b` names nothing that is decoded", 6, 1),
    (
        "no such field",
        {"decode": "{a: {claim: sub, decoder: dex_subject}}", "tags": "{user: {x: decoded.a.name}}"},
        "`decoded.a.name` names nothing that is decoded",
        12,
        15,
    ),
    (
        "a tenant without a flag",
        {"tenant": "{claim: t, flag: f}"},
        "no flag of type text or texts is named `f`",
        11,
        20,
    ),
    (
        "a list of one",
        {"listed": "{client: a, user: a}", "flags": "{a: {type: text, description: x}}"},
        "no flag of type texts is named `a`",
        11,
        10,
    ),
    ("no trust domain", {"trust_domain": "f"}, "no flag of type text is named `f`", 11, 1),
    ("a form of anything", {"issuer_forms": "['<a>']"}, "a pattern without text of its own matches", 11, 1),
    (
        "people among machines",
        {"machines_only": "true\nprefix_separator: ':'"},
        "an issuer of machines only has no rule for",
        8,
        1,
    ),
    (
        "machines' names without an end",
        {"machines_only": "true"},
        "`machines_only` and `prefix_separator` go together",
        11,
        1,
    ),
    (
        "an end of names that nobody lists",
        {"prefix_separator": "':'"},
        "`machines_only` and `prefix_separator` go together",
        11,
        1,
    ),
    ("an empty end of names", {"prefix_separator": "''"}, "`prefix_separator`: string should have at", 11, 1),
    (
        "tags of their own making",
        {"self_written": "[client]", "tags": "{client: {x: x}}"},
        "a tag would say what its bearer wrote",
        12,
        8,
    ),
    ("written by nobody", {"self_written": "[machine]"}, "`self_written.0`: input should be", 11, 16),
    (
        "nothing decoded in a rule",
        {"refuse": "{conflict: kind == decoded.sub.conn_id}"},
        "`decoded.sub.conn_id` names nothing that is decoded",
        11,
        28,
    ),
    (
        "no such field in a rule",
        {"client": "|\n  present decoded.a.con_id", "decode": "{a: {claim: sub, decoder: dex_subject}}"},
        "`decoded.a.con_id` names nothing that is decoded",
        8,
        11,
    ),
    (
        "decoded twice",
        {
            "decode": (
                "{a: {claim: sub, decoder: dex_subject}, b: {claim: decoded.a.user_id, decoder: dex_subject}}"
            )
        },
        "`decoded.a.user_id` names nothing that is decoded",
        11,
        53,
    ),
    ("nobody's audience", {"audience": "[]"}, "`audience`: tuple should have at least 1 item", 11, 1),
    (
        "an example of no decoder",
        {
            "examples": "{client: {header: {}, claims: {a: {$encode: b}}}, user: {header: {}, claims: {}}}",
        },
        "an example names no decoder after `$encode`",
        9,
        12,
    ),
    ("twice", {"title": "a\ntitle: b"}, "a key is written twice", 2, 1),
    (
        "an example that sets no flag",
        {
            "examples": (
                "{client: {header: {}, claims: {}}, user: {header: {}, claims: {},\n    flags: {zz: true}}}"
            )
        },
        "the example sets `zz`, which profile `own` doesn't have",
        10,
        5,
    ),
    (
        "an example that sets a flag to something else",
        {
            "flags": "{m: {description: x}}",
            "examples": (
                "{client: {header: {}, claims: {}}, user: {header: {}, claims: {},\n    flags: {m: [1]}}}"
            ),
        },
        "flag `m` of the example isn't of type boolean",
        10,
        5,
    ),
    (
        "an example without a flag that is needed",
        {"flags": "{m: {type: text, required: true, description: x}}"},
        "the example doesn't set `m`, which profile `own` needs",
        9,
        12,
    ),
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


FIELDS: dict[str, tuple[str, str]] = {
    "a list of decoders": ("{$encode: [a]}", "an example names no decoder after `$encode`"),
    "a map of decoders": ("{$encode: {a: b}}", "an example names no decoder after `$encode`"),
    "no fields": ("{$encode: dex_subject}", "an example gives `dex_subject` other fields than it has"),
    "a field too many": (
        "{$encode: dex_subject, user_id: a, conn_id: b, c: d}",
        "an example gives `dex_subject` other fields than it has",
    ),
    "a field that is no text": (
        "{$encode: dex_subject, user_id: [a], conn_id: b}",
        "an example gives `dex_subject` other fields than it has",
    ),
    "a field that can't be empty": (
        "{$encode: dex_subject, user_id: '', conn_id: b}",
        "an example's fields can't be encoded by `dex_subject`: "
        "a subject has a `user_id` and a `conn_id`, which alone may be empty",
    ),
    "a field in another spelling": (
        "{$encode: spiffe_id, trust_domain: BAD, path: x}",
        "an example's fields can't be encoded by `spiffe_id`: "
        "a SPIFFE ID has a `trust_domain` in small letters, and a `path` after it",
    ),
}


@pytest.mark.parametrize(("value", "problem"), FIELDS.values(), ids=FIELDS.keys())
def test_an_example_that_can_not_be_encoded_says_where(
    value: str, problem: str, write_profile: Callable[..., Path]
) -> None:
    """A slip of the pen in a file of one's own is told like any other, at the example."""
    path = write_profile(
        examples=(
            "{client: {header: {}, claims: {}}, user: {header: {}, claims: {}},\n"
            f"  refused: [{{because: conflict, header: {{}}, claims: {{a: {value}}}}}]}}"
        )
    )

    error = refusal(path)

    assert (error.problem, error.line, error.column) == (problem, 10, 13)
    assert error.remedy


@pytest.mark.parametrize("name", ["key-cloak", "", "profiles/own", "../rfc9068"])
def test_an_unknown_name_is_told_the_known_ones(name: str) -> None:
    """A misspelt profile is no profile."""
    with pytest.raises(ConfigError, match="no profile is named") as refused:
        load_profile(name)

    assert "`policy-engine issuers list-profiles` shows all" in refused.value.remedy
    assert ("did you mean `keycloak`?" in refused.value.remedy) == (name == "key-cloak")


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


def test_an_operators_own_profile_is_rehearsed(write_profile: Callable[..., Path]) -> None:
    """An example that isn't taken for what it stands for, or lacks a claim, is told with its file."""
    good = "{sub: $id, client_id: $id, kind: app, iss: i, aud: a, exp: $exp}"
    person = "{sub: $id, client_id: $client, kind: person, iss: i, aud: a, exp: $exp}"

    def written(client: str, user: str, refused: str = "[]") -> Path:
        header = "header: {typ: at+jwt}"
        return write_profile(
            examples=(
                f"{{client: {{{header}, claims: {client}}}, user: {{{header}, claims: {user}}}, "
                f"refused: {refused}}}"
            )
        )

    def problem(path: Path) -> str:
        with pytest.raises(ConfigError) as refused:
            rehearsed_profile(path)
        assert refused.value.file == str(path)
        return refused.value.problem

    trap = "[{because: conflict, header: {typ: at+jwt}, claims: {sub: $id, client_id: $client, kind: app}}]"
    assert rehearsed_profile(written(good, person)).name == "own"
    assert problem(written(person, person)) == (
        "`examples.client` isn't taken for a machine with the id `example-client`: subject_is_client"
    )
    assert problem(written(good.replace("kind: app, ", ""), person)) == (
        "`examples.client` isn't taken for a machine with the id `example-client`: undetermined"
    )
    assert problem(written(good, person.replace("aud: a, ", ""))) == (
        "`examples.user` lacks `aud`, which is required"
    )
    assert problem(written(good, person, trap)) == (
        "`examples.refused` number 1 isn't refused because of `conflict`: mixed_grant_client"
    )
