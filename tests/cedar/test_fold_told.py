"""The fold tells which parts it looked at, in the order in which Cedar evaluates them."""

import pytest

from policy_engine.cedar import (
    CedarRequest,
    Folded,
    KnownEntities,
    PartialRequest,
    fold_expression,
    read_tree,
    render_expression,
)
from policy_engine.model import CedarJson, EntityUid

REQUEST: CedarJson = {"yes": True, "no": False, "n": 1, "list": [1]}

ROWS = {
    "context.yes && context.n == 1": [
        ("context.yes", True),
        ("context.n", None),
        ("context.n == 1", True),
        ("context.yes && context.n == 1", True),
    ],
    "context.no && context.n == 1": [("context.no", False), ("context.no && context.n == 1", False)],
    "context.yes || context.none": [("context.yes", True), ("context.yes || context.none", True)],
    "if context.no then context.none else context.yes": [
        ("context.no", False),
        ("context.yes", True),
        ("if context.no then context.none else context.yes", True),
    ],
    "context.none == context.n": [("context.none", None), ("context.none == context.n", None)],
}


@pytest.mark.parametrize("text", ROWS)
def test_parts_that_were_looked_at_are_told(text: str) -> None:
    """What a short cut, an untaken branch or an error leaves out, isn't."""
    body = read_tree(f"permit (principal, action, resource) when {{ {text} }};").conditions[0].body
    asked = CedarRequest(EntityUid("User", "a"), EntityUid("Action", "b"), EntityUid("Tool", "c"), REQUEST)
    told: list[tuple[str, Folded]] = []

    result = fold_expression(
        body,
        PartialRequest.of(asked, KnownEntities()),
        lambda part, folded: told.append((render_expression(part), folded)),
    )

    assert [(part, folded.holds) for part, folded in told] == ROWS[text]
    assert told[-1][1] == result
