"""Reading rules: what can't be meant is told with its place, and what is read has one spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import ConfigError
from policy_engine.mapper.language import ClaimPath, ClaimType, FlagType, Root, Vocabulary, parse_rule, spell
from tests.plugins.samples import samples

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

FAULTS: list[tuple[str, str, int, int]] = [
    ("", "a rule ends too early", 1, 1),
    ("sub ==", "a rule ends too early", 1, 7),
    ("sub == 'a'", "a rule can't be read from here on", 1, 8),
    ('sub =="a" and\n and present b', "a rule can't be read from here on", 2, 2),
    ("sub", "a rule ends too early", 1, 4),
    ('present present == "a"', "a rule can't be read from here on", 1, 9),
    ("sub in []", "a rule can't be read from here on", 1, 9),
    ("flag(off)", "no flag is named `off`", 1, 1),
    ("sub == flag(off)", "no flag is named `off`", 1, 8),
    ("present a and\n  @nobody", "no rule named `nobody` is defined above", 2, 3),
    ("flag(tenant)", "a flag that stands alone must be a boolean", 1, 1),
    ("sub == flag(on)", "a boolean flag stands alone; it has no value to compare", 1, 8),
    ('groups == "x"', "`==` doesn't go between a list of texts and a text", 1, 1),
    ('sub contains "x"', "`contains` doesn't go between a text and a text", 1, 1),
    ('box == "x"', "`==` doesn't go between a claim whose value isn't compared and a text", 1, 1),
    ('groups in ["x"]', "`in` doesn't go between a list of texts and a list of texts", 1, 1),
    ('sub in "x"', "`in` doesn't go between a text and a text", 1, 1),
    ("sub matches other", "`matches` doesn't go between a text and a text", 1, 1),
    ('groups matches "x<a>"', "`matches` doesn't go between a list of texts and a pattern", 1, 1),
    ('sub == groups + "x"', "`+` joins texts alone", 1, 8),
    ("nonempty box", "`nonempty` asks it of a text or a list of texts", 1, 1),
    ('sub matches "<a>"', "a pattern without text of its own matches everything", 1, 13),
    ('sub == "a\u200b"', "a text in a rule holds a character that can't be seen", 1, 8),
    ('sub in ["a", "\ue000"]', "a text in a rule holds a character that can't be seen", 1, 14),
    ('claim("\u0007") == "a"', "a text in a rule holds a character that can't be seen", 1, 7),
    ("not " * 60 + "present a", "a rule nests deeper than 40 levels", 1, 0),
    ("present a or " * 400 + "present b", "a rule is longer than 4000 characters", 1, 0),
]


@pytest.mark.parametrize(
    ("text", "problem", "line", "column"),
    FAULTS,
    ids=[fault[0][:30] for fault in FAULTS],
)
def test_a_rule_that_can_not_be_used_says_where(text: str, problem: str, line: int, column: int) -> None:
    """Problem, line and column, all told before any token comes."""
    with pytest.raises(ConfigError) as refused:
        parse_rule(text, VOCABULARY)

    assert (refused.value.problem, refused.value.line, refused.value.column or 0) == (problem, line, column)


def test_parentheses_alone_are_no_depth() -> None:
    """Grouping what needs no grouping changes nothing."""
    assert parse_rule("(" * 60 + "present a" + ")" * 60, VOCABULARY) == parse_rule("present a", VOCABULARY)


words = st.sampled_from(
    [
        *("and", "or", "not", "(", ")", "==", "!=", "in", "contains", "within", "matches", "under", "+"),
        *("present", "absent", "nonempty", "registered", "flag", "claim", "true", ",", "[", "]"),
        *('"a"', '"<a>|<b>"', "sub", "groups", "scope", "client_id", "user_id", "header.gty"),
        *("@app", "@nobody", "on", "tenant", "realm.roles"),
    ]
)


@settings(max_examples=samples(300))
@given(st.lists(words, max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_rule_or_a_configuration_error(text: str) -> None:
    """Nothing that an operator writes escapes as another exception, and what is read spells back the same."""
    try:
        rule = parse_rule(text, VOCABULARY)
    except ConfigError:
        return

    assert parse_rule(spell(rule), VOCABULARY) == rule


tests = st.recursive(
    st.sampled_from(
        [
            'sub == client_id + "@\\"\\\\"',
            'claim("a.b", "c/d") != "x"',
            'claim("present") in ["a", "b"]',
            'sub matches "<a:b|c>|<d>"',
            "absent header.gty",
            'registered(client_id, "x")',
            "registered(client_id)",
            "flag(on)",
            "@app",
            "email_verified == false",
            "sub in flag(listed)",
        ]
    ),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})")
        | inner.map(lambda part: f"not {part}")
    ),
    max_leaves=6,
)


@settings(max_examples=samples(100))
@given(tests)
def test_the_spelling_of_a_rule_reads_back_as_the_same_rule(text: str) -> None:
    """One canonical spelling, and no meaning lost in it."""
    rule = parse_rule(text, VOCABULARY)

    assert parse_rule(spell(rule), VOCABULARY) == rule
