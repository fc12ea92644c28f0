"""The guard that a loader adds: plain Cedar, and nothing else changes."""

import pytest

from policy_engine.cedar import (
    Authorizer,
    CedarRequest,
    guarded_json,
    parse_policies,
    unless_context_has,
)
from policy_engine.model import EntityUid


def test_the_guard_is_one_more_condition() -> None:
    """Text and syntax tree agree; place, file and annotations stay."""
    (policy,) = parse_policies(
        '\n @id("a") permit(principal, action, resource) when { true } // c;\n;', "a.cedar"
    )

    guarded = unless_context_has(policy, "actor")

    assert guarded.text == (
        '@id("a") permit(principal, action, resource) when { true } // c;\n unless { context has actor };'
    )
    assert guarded.est == {
        **policy.est,
        "conditions": [
            *policy.est["conditions"],
            {"kind": "unless", "body": {"has": {"left": {"Var": "context"}, "attr": "actor"}}},
        ],
    }
    assert guarded_json(policy.est, "actor") == guarded.est
    assert (guarded.id, guarded.file, guarded.line, guarded.column) == ("a", "a.cedar", 2, 2)
    assert (guarded.annotations, guarded.template) == (policy.annotations, False)


@pytest.mark.parametrize("condition", ["", "when { true }", "unless { false } when { context.n == 1 }"])
def test_a_guarded_policy_applies_exactly_where_the_attribute_is_absent(condition: str) -> None:
    """Whatever conditions it had."""
    (policy,) = parse_policies(f"permit(principal, action, resource) {condition};")
    authorizer = Authorizer.from_policies([unless_context_has(policy, "actor")])
    uid = EntityUid("User", "a")

    def allowed(context: dict[str, int]) -> bool:
        return authorizer.authorize(CedarRequest(uid, EntityUid("Action", "a"), uid, context)).allowed

    assert allowed({"n": 1})
    assert not allowed({"n": 1, "actor": 1})
