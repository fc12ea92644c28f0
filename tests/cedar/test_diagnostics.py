"""Cedar's evaluation errors → codes, without a word of what was asked."""

import pytest

from policy_engine.cedar import Authorizer, CedarError, CedarRequest
from policy_engine.cedar.diagnostics import read_error
from policy_engine.model import CedarJson, EntityUid, PolicyFault

HOSTILE = 'x`"\n does not have the tag `'
ASKER = EntityUid("User", HOSTILE)
ENTITIES: list[CedarJson] = [{"uid": ASKER.to_json(), "attrs": {"y": 1}, "parents": [], "tags": {"t": "v"}}]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("context.missing", "missing_attribute"),
        ("principal.missing", "missing_attribute"),
        ('principal["does not have the tag `x`"]', "missing_attribute"),
        ('principal.getTag("missing")', "missing_tag"),
        ("principal.getTag(context.hostile)", "missing_tag"),
        ("context.entity.a", "missing_entity"),
        ('context.entity.getTag("a")', "missing_entity"),
        ("principal.y", "type_error"),
        ("principal.y + true == 1", "type_error"),
        ("9223372036854775807 + principal.y == 1", "overflow"),
        ("9223372036854775807 * -2 == 1", "overflow"),
        ("-(-9223372036854775808) == 1", "overflow"),
        ("ip(context.hostile).isLoopback()", "extension_error"),
        ('decimal("1.23456") == decimal("1.0")', "extension_error"),
        (
            'datetime("2024-01-01").offset(duration("9223372036854775807ms")) == datetime("2024-01-01")',
            "extension_error",
        ),
        (f"{'1 + ' * 7_000} 1 == 1", "recursion"),
        ('ip("::1", "::1").isLoopback()', "evaluation_error"),
    ],
)
def test_every_kind_of_error_has_its_code(condition: str, code: str) -> None:
    """The code says what kind of error it was, whatever the ids of the request look like."""
    authorizer = Authorizer.from_text(
        f'@id("p`x") permit(principal, action, resource) when {{ {condition} }};'
    )
    entity = {"__entity": {"type": "Tool", "id": HOSTILE}}
    request = CedarRequest(ASKER, EntityUid("Action", "a"), ASKER, {"hostile": HOSTILE, "entity": entity})

    assert authorizer.authorize(request, ENTITIES).errors == (PolicyFault("p`x", code),)


def test_a_sentence_that_names_no_policy_is_not_guessed_at() -> None:
    """An unknown form of error would hide which policy failed, so it is an error of its own."""
    with pytest.raises(CedarError) as caught:
        read_error("something new about policy `policy0`")

    assert (caught.value.code, caught.value.detail) == ("internal_error", "cedar_answer")
