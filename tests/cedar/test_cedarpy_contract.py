"""What this project relies on in cedarpy: a new series that changes any of it turns one of these red."""

import json
import re
from typing import Any

import cedarpy
import pytest

USER = {"type": "User", "id": "a"}
ASKED = {"principal": USER, "action": {"type": "Action", "id": "v"}, "resource": USER}


def ask(policies: str, context: dict[str, Any] | None = None, entities: Any = ()) -> cedarpy.AuthzResult:
    """One request with uids as dicts."""
    entities = list(entities) if isinstance(entities, tuple) else entities
    return cedarpy.is_authorized({**ASKED, "context": context or {}}, policies, entities)


def test_the_version_is_of_the_series_that_was_tried() -> None:
    """Another series has to be tried first."""
    from importlib.metadata import version  # noqa: PLC0415 -- the one use

    assert version("cedarpy").startswith("4.12.")


def test_policies_and_templates_are_numbered_together_by_place() -> None:
    """`policyN` counts what is written, templates included."""
    text = "permit(principal == ?principal, action, resource); forbid(principal, action, resource);"
    parsed = json.loads(cedarpy.policies_to_json_str(text))

    assert list(parsed["templates"]) == ["policy0"]
    assert list(parsed["staticPolicies"]) == ["policy1"]
    assert ask(text).diagnostics.reasons == ["policy1"]


def test_the_json_policy_format_has_the_members_that_are_read() -> None:
    """Scope, conditions and annotations are found where they are looked for."""
    text = (
        '@id("a") @bare permit(principal is User in Group::"g", action in [Action::"x", Action::"y"], '
        'resource == Tool::"t") when { principal in Group::"h" };'
    )

    assert json.loads(cedarpy.policies_to_json_str(text)) == {
        "templates": {},
        "templateLinks": [],
        "staticPolicies": {
            "policy0": {
                "effect": "permit",
                "principal": {
                    "op": "is",
                    "entity_type": "User",
                    "in": {"entity": {"type": "Group", "id": "g"}},
                },
                "action": {
                    "op": "in",
                    "entities": [{"type": "Action", "id": "x"}, {"type": "Action", "id": "y"}],
                },
                "resource": {"op": "==", "entity": {"type": "Tool", "id": "t"}},
                "conditions": [
                    {
                        "kind": "when",
                        "body": {
                            "in": {
                                "left": {"Var": "principal"},
                                "right": {"Value": {"__entity": {"type": "Group", "id": "h"}}},
                            }
                        },
                    }
                ],
                "annotations": {"id": "a", "bare": None},
            }
        },
    }


def test_errors_begin_with_the_policys_own_id() -> None:
    """The id is read from this form alone."""
    (error,) = ask("permit(principal, action, resource) when { context.x };").diagnostics.errors

    assert re.fullmatch(r"error while evaluating policy `policy0`: .+", error)


def test_an_erring_forbid_is_skipped() -> None:
    """Cedar alone says Allow, which is why the evaluator looks at errors."""
    result = ask("permit(principal, action, resource); forbid(principal, action, resource) when {context.x};")

    assert result.decision is cedarpy.Decision.Allow
    assert len(result.diagnostics.errors) == 1


def test_a_request_that_cannot_be_read_has_no_decision() -> None:
    """It is an answer of its own, neither Allow nor an exception."""
    assert ask("permit(principal, action, resource);", {"a": None}).decision is cedarpy.Decision.NoDecision


def test_parse_errors_are_value_errors() -> None:
    """Nothing else is caught."""
    with pytest.raises(ValueError, match="unexpected end of input"):
        cedarpy.policies_to_json_str("permit(principal, action, resource)")
    with pytest.raises(ValueError, match="unexpected end of input"):
        cedarpy.PolicySet.from_str("permit(principal, action, resource)")


def test_json_policies_nest_less_than_text_may() -> None:
    """A set made from Cedar's JSON refuses 60 alternatives that text allows: policies run from text."""
    text = f"permit(principal, action, resource) when {{ {'context.a == 1 || ' * 60} true }};"

    assert len(cedarpy.PolicySet.from_str(text)) == 1
    with pytest.raises(ValueError, match="from JSON"):
        cedarpy.PolicySet.from_json_str(cedarpy.policies_to_json_str(text))


def test_the_validator_names_policies_by_place_and_says_when_no_action_fits() -> None:
    """The loader looks for this sentence to find groups without a member."""
    schema = "entity User; action g; action v appliesTo { principal: User, resource: User };"
    result = cedarpy.validate_policies('permit(principal, action in Action::"g", resource);', schema)

    assert not result.validation_passed
    assert [(finding.policy_id, finding.error) for finding in result.errors] == [
        (
            "policy0",
            "for policy `policy0`, unable to find an applicable action given the policy scope constraints",
        )
    ]


ENTITY_SCHEMA = "entity Group; entity ClientGroup; entity Client in [ClientGroup];"
ACTION: dict[str, Any] = {
    "uid": {"type": "Action", "id": "v"},
    "attrs": {},
    "parents": [{"type": "Action", "id": "g"}],
}


def client(parent: str) -> str:
    """A machine with one parent, as Cedar JSON text."""
    entity = {"uid": {"type": "Client", "id": "c"}, "attrs": {}, "parents": [{"type": parent, "id": "p"}]}
    return json.dumps([entity])


def test_a_schema_without_actions_checks_additions_to_a_base_with_actions() -> None:
    """A base of actions takes a well-typed machine, and refuses one with a human parent."""
    schema = cedarpy.Schema.from_str(ENTITY_SCHEMA)
    base = cedarpy.Entities.from_json_str(json.dumps([ACTION]))

    assert len(base.with_added_json_str(client("ClientGroup"), schema)) == 2
    with pytest.raises(ValueError, match="does not conform to the schema"):
        base.with_added_json_str(client("Group"), schema)
    assert len(base.with_added_json_str(client("Group"))) == 2


def test_a_full_schema_refuses_a_base_whose_actions_it_declares_differently() -> None:
    """Adding with the full schema adds its actions too, and two entities can't have one uid."""
    schema = cedarpy.Schema.from_str(f"{ENTITY_SCHEMA} action v;")
    base = cedarpy.Entities.from_json_str(json.dumps([ACTION]))

    with pytest.raises(ValueError, match="duplicate entity entry"):
        base.with_added_json_str(client("ClientGroup"), schema)


def test_ancestors_are_found_anew_over_base_and_addition() -> None:
    """A parent added later still makes ancestors of what was there before."""

    def group(name: str, parent: str) -> dict[str, Any]:
        uid = {"type": "Group", "id": name}
        return {"uid": uid, "attrs": {}, "parents": [{"type": "Group", "id": parent}]}

    base = cedarpy.Entities.from_json_str(json.dumps([{**group("a", "b"), "uid": USER}, group("b", "c")]))
    both = base.with_added_json_str(json.dumps([group("c", "d")]))

    assert not ask('permit(principal in Group::"d", action, resource);', entities=base).allowed
    assert ask('permit(principal in Group::"d", action, resource);', entities=both).allowed


def test_without_a_schema_action_policies_need_action_entities() -> None:
    """A list of entities without actions loses every action-group policy in silence."""
    policies = 'forbid(principal, action in Action::"g", resource); permit(principal, action, resource);'

    assert ask(policies).allowed
    assert not ask(policies, entities=(ACTION,)).allowed
