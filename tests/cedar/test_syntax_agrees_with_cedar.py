"""Our parser and Cedar's are one: the same texts, the same trees."""

import json
import random
import re

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar.syntax import PolicyTree, read_tree, to_json, tree_of
from policy_engine.errors import PolicyError
from policy_engine.model import CedarJson
from tests.cedar.syntax_trees import POLICIES
from tests.cedar.syntax_writer import Writer
from tests.plugins.samples import samples

SEEDS = st.integers(0, 2**32)


def est_of(text: str) -> CedarJson | None:
    """Cedar's JSON of the one policy of a text, or None where Cedar refuses it."""
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError:
        return None
    policies: list[CedarJson] = [*parsed["staticPolicies"].values(), *parsed["templates"].values()]
    return policies[0] if len(policies) == 1 else None


def bare(est: CedarJson) -> CedarJson:
    """The same with annotations of the value "" written as those without a value."""
    if "annotations" not in est:
        return est
    return {**est, "annotations": {name: value or None for name, value in est["annotations"].items()}}


@given(POLICIES, SEEDS)
@settings(max_examples=samples(250))
def test_a_policy_however_it_is_written_reads_as_its_tree(tree: PolicyTree, seed: int) -> None:
    """By Cedar's parser and by ours; and Cedar's JSON comes back from the tree."""
    text = Writer(seed).policy(tree)
    est = est_of(text)

    assert est is not None
    assert tree_of(est) == tree
    assert read_tree(text) == tree
    assert to_json(tree) == bare(est)
    assert tree_of(to_json(tree)) == tree


WORD = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n\r]*|\w+|\s+|::|==|!=|<=|>=|&&|\|\||.', re.DOTALL)
STRAY = (
    *(
        '"',
        "'",
        "\\",
        "//",
        ";",
        ",",
        ".",
        "::",
        ":",
        "?",
        "=",
        "==",
        "!=",
        "<",
        ">",
        "&&",
        "&",
        "|",
        "+",
        "-",
        "*",
        "/",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "@",
        "!",
        "%",
        " ",
        "\n",
        "\r",
        "\x85",
        "\u2028",
        "\u200b",
        "\ufeff",
        "\x1c",
        "\0",
    ),
    *(
        "permit",
        "forbid",
        "when",
        "unless",
        "principal",
        "action",
        "resource",
        "context",
        "?principal",
        "?resource",
    ),
    *(
        "in",
        "is",
        "has",
        "like",
        "if",
        "then",
        "else",
        "true",
        "false",
        "__cedar",
        "a",
        "Action",
        "isEmpty",
        "ip",
    ),
    *("0", "9223372036854775807", "9223372036854775808", '""', '"\\*"', '"a*"', '"\\u{41}"', "é", "٣"),
)


def mutated(text: str, seed: int) -> str:
    """A text with a word or a character left out, put in, or put in another's place."""
    chance = random.Random(seed)
    for _ in range(chance.choice([1, 1, 1, 2])):
        parts = WORD.findall(text) if chance.random() < 0.6 else list(text)
        place, stray = chance.randrange(len(parts) + 1), chance.choice(STRAY)
        match chance.randrange(4):
            case 0:
                parts[place : place + 1] = []
            case 1:
                parts[place:place] = [stray]
            case 2:
                parts[place : place + 1] = [stray]
            case _:
                other = chance.randrange(len(parts) + 1)
                parts[place : place + 1], parts[other : other + 1] = (
                    parts[other : other + 1],
                    parts[place : place + 1],
                )
        text = "".join(parts)
    return text


@given(POLICIES, SEEDS)
@settings(max_examples=samples(400))
def test_what_cedar_refuses_is_refused_and_nothing_else(tree: PolicyTree, seed: int) -> None:
    """Policies with a word or a character too many, too few, or in the wrong place."""
    text = mutated(Writer(seed).policy(tree), seed)
    est = est_of(text)

    if est is not None:
        assert read_tree(text) == tree_of(est)
        return
    with pytest.raises(PolicyError) as caught:
        read_tree(text)
    error = caught.value
    lines = text.split("\n")
    assert error.code == "policy_syntax"
    assert error.line is not None
    assert error.column is not None
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    assert error.problem
    assert error.remedy
