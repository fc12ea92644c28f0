"""Policies that the loader would refuse: what is said of them must be right all the same."""

from collections.abc import Callable

import pytest

from policy_engine.cedar import parse_policies
from policy_engine.evaluator import Evaluator, StoredPolicy, flatten
from policy_engine.evaluator.explanation.policy import PolicyExplanation, explain_policy
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.model import AuthorizationRequest, Client

Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]
Said = Callable[[str], PolicyExplanation]


@pytest.fixture
def said(build: Build, ask: Ask, bot: Client) -> Said:
    """What is said of a policy that was never validated."""

    def explained(condition: str) -> PolicyExplanation:
        request = ask(
            bot,
            "github/create_issue",
            arguments={"repo": "x", "number": 7},
            approver={"__entity": {"type": "User", "id": "corp/alice"}},
        )
        evaluator = build('@id("a") permit (principal, action, resource);')
        (policy,) = parse_policies(f'@id("a") permit (principal, action, resource) when {{ {condition} }};')
        scene = Scene.of(request, evaluator.entities(request))
        return explain_policy(StoredPolicy(written=policy, effective=policy), scene, places=True)

    return explained


FAULTS = {
    "context.arguments.repo": (
        "type_error",
        '`context.arguments.repo` is "x", which is neither true nor false',
    ),
    "true && context.arguments.repo": (
        "type_error",
        '`context.arguments.repo` is "x", which is neither true nor false',
    ),
    "!context.arguments.number": (
        "type_error",
        "`context.arguments.number` is 7, which is neither true nor false",
    ),
    "if context.arguments.repo then true else false": (
        "type_error",
        '`context.arguments.repo` is "x", which is neither true nor false',
    ),
    "if true then context.arguments.number else false": (
        "type_error",
        "`if true then context.arguments.number else false` is 7, which is neither true nor false",
    ),
    "context.arguments.env == 1": ("missing_attribute", "`context.arguments.env` isn't there"),
    'principal.getTag("team").contains("x")': (
        "missing_tag",
        '`principal.getTag("team")` isn\'t there',
    ),
    "context.arguments.repo < 5": (
        "type_error",
        '`context.arguments.repo < 5` can\'t be computed of values of these types: "x", 5',
    ),
    "ip(context.arguments.repo).isIpv4()": (
        "extension_error",
        '`ip(context.arguments.repo)` can\'t be computed of "x"',
    ),
    'ip("10.0.0.1").isIpv4(1)': ("evaluation_error", '`ip("10.0.0.1").isIpv4(1)` can\'t be evaluated'),
}


@pytest.mark.parametrize(("condition", "expected"), FAULTS.items(), ids=FAULTS.keys())
def test_an_error_of_types_is_told(said: Said, condition: str, expected: tuple[str, str]) -> None:
    """Whatever it is, it has a code and a sentence."""
    each = said(condition)
    (finding,) = flatten(each.findings)

    assert (each.outcome, finding.subject) == ("erred", "fault")
    assert (finding.code, finding.text) == expected


NEEDS = {
    'principal == "x"': ("principal", '`principal` is Client::"machines/ci-bot", needs "x"'),
    "context.token.scopes.contains(1)": ("scope", "`context.token.scopes` is [], needs to hold 1"),
    "principal in []": ("group an empty set", "not in an empty set; you are in no such"),
    "context.approver is Client": (
        "condition context.approver is Client",
        '`context.approver` is User::"corp/alice", needs to be of type Client',
    ),
    '!(context.approver is User in User::"corp/alice")': (
        'condition context.approver is User in User::"corp/alice"',
        '`context.approver` is User::"corp/alice", must not be of type User in User::"corp/alice"',
    ),
    'context.approver in Group::"corp/eng"': (
        'condition context.approver in Group::"corp/eng"',
        '`context.approver` is User::"corp/alice", needs to be in Group::"corp/eng"',
    ),
}


@pytest.mark.parametrize(("condition", "expected"), NEEDS.items(), ids=NEEDS.keys())
def test_odd_comparisons_are_told(said: Said, condition: str, expected: tuple[str, str]) -> None:
    """What compares an entity with a text, or asks for a scope that isn't one."""
    each = said(condition)

    assert each.outcome == "not_applied"
    assert [(found.name, found.text) for found in flatten(each.findings)] == [expected]
