"""Forbids that cover permits are found without comparing each pair, and are those that comparing finds."""

import random

import pytest

from policy_engine.cedar import ScopeClause
from policy_engine.evaluator import KnownNames, PolicySource, examine_policies
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.validation import Validator
from policy_engine.evaluator.warnings import Survey
from policy_engine.evaluator.warnings.surveying import Covering, Subject
from policy_engine.model import CedarJson
from tests.plugins.samples import samples

PRINCIPALS = (
    "principal",
    "principal is User",
    "principal is Client",
    'principal in Group::"corp/eng"',
    'principal == User::"corp/a"',
)
ACTIONS = (
    "action",
    'action in Action::"github/*"',
    'action in Action::"call_tool"',
    'action in Action::"open_world"',
    'action == Action::"github/get_issue"',
    'action == Action::"github/create_issue"',
    'action == Action::"ping"',
    'action in [Action::"github/get_issue", Action::"ping"]',
)
RESOURCES = (
    "resource",
    "resource is Tool",
    'resource in Server::"github"',
    'resource in Server::"gitlab"',
    'resource == Tool::"github/get_issue"',
    'resource is Tool in Server::"github"',
)


@pytest.mark.parametrize("seed", range(samples(12)))
def test_the_first_that_covers_is_found(
    seed: int, full_schema: CedarJson, names: KnownNames, placeholder: CedarJson
) -> None:
    """For every policy of a random set."""
    chance = random.Random(seed)
    text = "".join(
        f'@id("{number}") forbid ({", ".join(map(chance.choice, (PRINCIPALS, ACTIONS, RESOURCES)))});'
        for number in range(40)
    )
    found = examine_policies([PolicySource(text=text)], full_schema, names, placeholder=placeholder)
    validator = Validator(full_schema, placeholder, Deployment())
    survey = Survey(found.policies.values(), validator, Deployment())
    half = [subject for subject in survey.subjects if int(subject.policy.id) % 2]

    covering = Covering(half, validator.grouping.index)

    for subject in survey.subjects:
        assert covering.first(subject) is next((one for one in half if covers(one, subject)), None)


def covers(wide: Subject, narrow: Subject) -> bool:
    """Whether every request that one head admits is admitted by the other, as far as heads alone tell."""
    principals = {environment.principal for environment in narrow.environments}
    resources = {environment.resource for environment in narrow.environments}
    asked = narrow.alike.everyone(environment.action for environment in narrow.environments)
    answered = wide.alike.everyone(environment.action for environment in wide.environments)
    above = wide.tree.resource
    on_server = (
        above.operator == "in"
        and above.entities[0].uid.type == "Server"
        and all(name.startswith(f"{above.entities[0].uid.id}/") for name in asked)
    )
    return (
        holds(wide.tree.principal, narrow.tree.principal, principals)
        and set(asked) <= set(answered)
        and (on_server or holds(above, narrow.tree.resource, resources))
    )


def holds(wide: ScopeClause, narrow: ScopeClause, types: set[str]) -> bool:
    """Whether one clause says no more than the other."""
    return wide.operator == "all" or wide == narrow or (wide.operator == "is" and types == {wide.type})
