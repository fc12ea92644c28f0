"""Whole-string patterns: they match as a regular expression would, in time proportional to the text."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.mapper.language import ClaimPath, Root
from policy_engine.mapper.language.patterns import Pattern
from tests.plugins.samples import samples

MATCHES: list[tuple[str, str, bool]] = [
    ("<connection>|<id>", "auth0|65f0", True),
    ("<connection>|<id>", "auth0|a|b", True),
    ("<connection>|<id>", "|a", False),
    ("<connection>|<id>", "a|", False),
    ("<connection>|<id>", "|", False),
    ("<id>@clients", "x@clients", True),
    ("<id>@clients", "@clients", False),
    ("<id>@clients", "x@clients.", False),
    ("on<form:rt|lt>cc:<id>", "onltcc:1", True),
    ("on<form:rt|lt>cc:<id>", "onxxcc:1", False),
    ("on<form:rt|lt>cc:<id>", "onrtcc:", False),
    ("<a:x|xy>z", "xyz", True),
    ("<a>,<b:x|xx>,<c>", "1,x,,xx,2", True),
    ("plain", "plain", True),
    ("plain", "plain ", False),
    ("<a>x", "x", False),
    ("<a>x", "1\nx", False),
    ("<a>x", "\u0430x", True),
    ("(a.*)+$", "(a.*)+$", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHES, ids=[f"{p} {t!r}" for p, t, _ in MATCHES])
def test_the_whole_text_must_match(pattern: str, text: str, expected: bool) -> None:  # noqa: FBT001 -- an answer
    """Literal text is literal, a hole is one or more printable characters, a choice is one of its words."""
    assert Pattern.parse(pattern).matches(text) is expected


FAULTS = [
    ("", "a pattern without text of its own matches everything"),
    ("<a>", "a pattern without text of its own matches everything"),
    ("<a><b>x", "two holes side by side; put the text between them that tells them apart"),
    ("x<a", "a hole is written `<name>` or `<name:one|other>`, its name in small letters"),
    ("x<A>", "a hole is written `<name>` or `<name:one|other>`, its name in small letters"),
    ("x>y", "a hole is written `<name>` or `<name:one|other>`, its name in small letters"),
    ("<a:x||y>", "the hole `a` has an empty choice"),
    ("<a:>", "the hole `a` has an empty choice"),
]


@pytest.mark.parametrize(("pattern", "problem"), FAULTS, ids=[pattern for pattern, _ in FAULTS])
def test_a_pattern_that_says_nothing_is_refused(pattern: str, problem: str) -> None:
    """What matches anything, or can't be read, never gets as far as a token."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        Pattern.parse(pattern)


parts = st.lists(
    st.sampled_from(["<h>", "a", "b", "ab", "<c:a|ab>", "<c:b|ba|a>"]), min_size=1, max_size=6
).map("".join)


def as_regular_expression(pattern: str) -> str:
    """The pattern as Python would match it, slowly."""

    def turned(part: re.Match[str]) -> str:
        return f"(?:{part[2]})" if part[2] else "[^\\n]+"

    return re.sub(r"<(\w+)(?::([^>]*))?>", turned, pattern)


@settings(max_examples=samples(500))
@given(pattern=parts, text=st.text("ab", max_size=10))
def test_patterns_match_what_regular_expressions_match(pattern: str, text: str) -> None:
    """Seeking words from the earliest possible place loses no match and adds none."""
    try:
        parsed = Pattern.parse(pattern)
    except ValueError:
        return

    assert parsed.matches(text) is (re.fullmatch(as_regular_expression(pattern), text) is not None)


def test_hostile_text_takes_no_longer_than_its_length() -> None:
    """A text on which backtracking would take years is answered at once."""
    pattern = Pattern.parse("".join(f"<{name}>a" for name in "abcdefgh") + "b")
    started = time.perf_counter()

    assert pattern.matches("a" * 5000) is False
    assert time.perf_counter() - started < 1


PATHS: list[tuple[str, ClaimPath, str]] = [
    ("sub", ClaimPath(("sub",)), "sub"),
    ("realm_access.roles", ClaimPath(("realm_access", "roles")), "realm_access.roles"),
    ("header.typ", ClaimPath(("typ",), Root.HEADER), "header.typ"),
    ("header", ClaimPath(("header",)), 'claim("header")'),
    ('"header".typ', ClaimPath(("header", "typ")), 'claim("header", "typ")'),
    (
        '"kubernetes.io".namespace',
        ClaimPath(("kubernetes.io", "namespace")),
        'claim("kubernetes.io", "namespace")',
    ),
    ("https://x.example/kind", ClaimPath(("https://x.example/kind",)), 'claim("https://x.example/kind")'),
    ("cognito:groups", ClaimPath(("cognito:groups",)), 'claim("cognito:groups")'),
    ("client_id", ClaimPath(("client_id",)), 'claim("client_id")'),
    ("x-groups", ClaimPath(("x-groups",)), 'claim("x-groups")'),
]


@pytest.mark.parametrize(("text", "path", "spelling"), PATHS, ids=[text for text, _, _ in PATHS])
def test_a_claim_is_named_one_way_in_files_and_one_way_in_rules(
    text: str, path: ClaimPath, spelling: str
) -> None:
    """Dots lead inwards, quotes keep a name whole, and names that can't be paths need none."""
    assert ClaimPath.parse(text) == path
    assert str(path) == spelling


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a b", '"a', 'a"b"', '""'])
def test_a_name_of_nothing_is_refused(text: str) -> None:
    """A path has a name in each of its parts."""
    with pytest.raises(ValueError, match="names no claim"):
        ClaimPath.parse(text)
