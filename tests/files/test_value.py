"""A value in a file that a person wrote is replaced, and nothing around it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from policy_engine.errors import ConfigError
from policy_engine.files import set_value, value_at
from tests.plugins.samples import samples

TEXT = """\
# top
rows:
  - {who: x, expect: allow}   # keep
  - who: y
    # c
    expect: deny by a   # keep too
matrix:
  bot:
    allow: [a, b]  # row
    deny:
      - c
      - d
  # above
  other: {allow: a}
"""
WORDS = st.text("abc:#,{}[]\"' -|>&*!%@`?", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("rows", 0, "expect"), "deny by a, b", "allow}   #", "'deny by a, b'}   #"),
        (("rows", 1, "expect"), "allow", "deny by a   #", "allow   #"),
        (("matrix", "bot", "allow"), ["b"], "[a, b]  #", "[b]  #"),
        (("matrix", "bot", "deny"), ["c"], "deny:\n      - c\n      - d\n", "deny: [c]\n"),
        (("matrix", "other"), {"allow": ["a", "b c"]}, "{allow: a}", "{allow: [a, b c]}"),
        (("matrix", "other", "allow"), 'User::"x"', "allow: a}", "allow: 'User::\"x\"'}"),
    ],
)
def test_a_value_is_replaced_in_its_place(path: list[str | int], value: Any, before: str, after: str) -> None:
    """Comments and layout around it stay."""
    edit = set_value(TEXT, path, value)

    assert edit.before == TEXT
    assert edit.after == TEXT.replace(before, after)
    assert value_at(edit.after, path) == value


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        (
            TEXT,
            ("matrix", "bot"),
            "`matrix.bot` is written in a way that can't be replaced (write it yourself: x)",
        ),
        (TEXT, ("rows", 7), "there is no `rows.7` to be replaced (look at the file)"),
        (TEXT, ("matrix", "who"), "there is no `matrix.who` to be replaced (look at the file)"),
        ("a: [", ("a",), "there is no `a` to be replaced (look at the file)"),
    ],
    ids=["a comment in it", "no item", "no key", "not YAML"],
)
def test_what_cannot_be_replaced_is_told(text: str, path: list[str | int], told: str) -> None:
    """With what to write."""
    with pytest.raises(ConfigError) as caught:
        set_value(text, path, "x")

    assert str(caught.value) == told


def test_what_is_not_there_is_told() -> None:
    """As for a replacement."""
    with pytest.raises(ConfigError, match=r"^there is no `rows\.9` \(look at the file\)$"):
        value_at(TEXT, ("rows", 9))


@settings(max_examples=samples(150), deadline=None)
@given(st.sampled_from([("rows", 0, "expect"), ("rows", 1, "expect"), ("matrix", "bot", "deny")]), WORDS)
def test_whatever_is_written_is_read_again(path: list[str | int], value: str) -> None:
    """As the very text, and all else as it was; or it is refused."""
    try:
        edit = set_value(TEXT, path, value)
    except ConfigError:
        return

    old, new = (YAML(typ="safe", pure=True).load(text) for text in (TEXT, edit.after))
    inner = new
    for step in path[:-1]:
        inner = inner[step]
    assert inner[path[-1]] == value
    inner[path[-1]] = value_at(TEXT, path)
    assert new == old
    assert [line for line in edit.after.splitlines() if "#" in line and "keep" in line] != []
