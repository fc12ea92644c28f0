"""Texts that are too deep or too large are errors, at exactly the size at which `Policy` refuses them."""

from collections.abc import Callable

import pytest

from policy_engine.cedar import parse_policies
from policy_engine.cedar.syntax import build_up, read_tree, tree_of, walk
from policy_engine.errors import PolicyError

Make = Callable[[int], str]

CHAINS: dict[str, Make] = {
    "alternatives": lambda size: "context.a || " * size + "true",
    "entity": lambda size: 'U::"x"' + " || true" * size,
    "pattern": lambda size: 'context.a like "a"' + " || true" * size,
    "wildcard": lambda size: 'context.a like "*"' + " || true" * size,
    "sums": lambda size: "1 + " * size + "1",
    "conditionals": lambda size: "if true then 1 else " * size + "2",
    "path": lambda size: "context has " + ".".join(["a"] * size),
    "members": lambda size: "context" + ".a" * size,
    "brackets": lambda size: "(" * size + "1" + ")" * size,
    "sets": lambda size: "[" * size + "]" * size,
    "signs": lambda size: "-(" * size + "1" + ")" * size,
    "types": lambda size: "A::" * size + '"x"',
}


def accepts(read: Callable[[str], object], text: str) -> bool:
    """Whether a text is read or refused; nothing else may come of it."""
    try:
        read(text)
    except PolicyError as error:
        assert error.code == "policy_syntax"
        return False
    return True


@pytest.mark.parametrize("make", CHAINS.values(), ids=CHAINS)
def test_what_is_too_deep_for_a_policy_is_too_deep_for_a_tree(make: Make) -> None:
    """To the level."""
    for size in (1, 50, 99, 100, 101, 102, 292, 293, 294, 295, 296, 297, 298, 299, 301, 3000):
        text = f"permit(principal, action, resource) when {{ {make(size)} }};"

        assert accepts(read_tree, text) == accepts(parse_policies, text), size


def test_the_deepest_policy_has_equal_trees() -> None:
    """Comparing them doesn't exhaust the stack, either."""
    text = f"permit(principal, action, resource) when {{ {'context.a || ' * 295} true }};"
    (policy,) = parse_policies(text)

    assert tree_of(policy.est) == read_tree(text)
    assert len(list(walk(read_tree(text).conditions[0].body))) == 3 * 295 - 294 + 295


def test_paths_within_paths_end_somewhere() -> None:
    """Each step of `has a.b` writes its target out again, and so doubles what stands before it."""
    text = f"permit(principal, action, resource) when {{ {'(' * 40}context{' has a.b)' * 40} }};"

    with pytest.raises(PolicyError, match=r"paths after `has` within one another") as caught:
        read_tree(text)
    assert caught.value.remedy == "write it as several policies"


def test_no_depth_is_too_deep_to_build_up() -> None:
    """What is nested a hundred thousand times is built up without recursion."""
    nested: object = []
    for _ in range(100_000):
        nested = [nested]

    def parts(item: object) -> list[object]:
        assert isinstance(item, list)
        return item

    assert build_up(nested, parts, lambda _, depths: 1 + max([0, *depths])) == 100_001
