"""Checks of the configuration: who is listed for nothing, and what is offered for nothing."""

from pathlib import Path

import pytest

from policy_engine.config import load_config
from policy_engine.review.checks import find_findings
from policy_engine.review.subject import Subject
from policy_engine.review.verdict import Severity
from tests.review.checks.conftest import ENTITIES, EVERYTHING_ASKED, NOW, Reviewed, told

ROOT = Path(__file__).parents[3]

IDLE = "beyond sessions and lists (take it off the list, or write the permit that it is there for)"

SESSION = """
@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);
@id("lists") permit (principal is Client, action == Action::"list_tools", resource);
"""


def test_what_is_used_is_not_told(reviewed: Reviewed) -> None:
    """Machines, groups and scopes that policies name."""
    assert [told(one) for one in reviewed(EVERYTHING_ASKED)] == []


@pytest.mark.parametrize(
    "policies",
    [
        SESSION,
        '@id("a") permit (principal in ClientGroup::"machines/other", action, resource);',
        '@id("a") permit (principal is Client, action in Action::"read_only", resource)\n'
        'when { principal in ClientGroup::"machines/other" };',
        '@id("a") permit (principal is Client, action in Action::"destructive", resource);'
        '@id("f") forbid (principal is Client, action in Action::"destructive", resource);',
        '@id("a") @mode("shadow") permit (principal is Client, action, resource);',
    ],
    ids=["sessions and lists", "another group", "a group in a condition", "always forbidden", "shadow"],
)
def test_a_machine_that_nothing_is_permitted_to(reviewed: Reviewed, policies: str) -> None:
    """Whatever stands there for others, or for sessions and lists."""
    assert [told(one) for one in reviewed(policies, only="PS112")] == [
        f'policy-engine.yaml:28:7 PS112 no policy permits `Client::"machines/ci-bot"` anything {IDLE}'
    ]


def test_a_machine_whose_groups_tokens_tell_may_be_in_any(reviewed: Reviewed) -> None:
    """So nothing is told of it, unless the policies name another machine."""
    brought = (
        "    profile: policy-engine\n",
        "    profile: policy-engine\n    claims: {client: {groups: groups}}\n",
    )
    other = '@id("a") permit (principal in ClientGroup::"machines/other", action, resource);'

    assert reviewed(other, brought, only="PS112") == ()


def test_a_group_within_one_that_is_named_is_used(reviewed: Reviewed) -> None:
    """By what the operator says of groups."""
    nested = ENTITIES + (
        "- uid: {type: ClientGroup, id: machines/ci}\n  parents: [{type: ClientGroup, id: machines/all}]\n"
    )
    policy = (
        '@id("a") permit (principal in ClientGroup::"machines/all", '
        'action == Action::"github/list_issues", resource);'
    )

    assert reviewed(policy, entities=nested, only="PS11") == ()
    assert [told(one) for one in reviewed("", only="PS113")] == [
        'policy-engine.yaml:30:18 PS113 no policy names `ClientGroup::"machines/ci"` '
        "(name it in a policy in place of its members, or leave it out)"
    ]


def test_scopes_that_no_policy_looks_at(reviewed: Reviewed) -> None:
    """Each at its place; none where scopes are compared with what isn't written out."""
    one = (
        '@id("a") permit (principal is Client, action == Action::"github/list_issues", resource)\n'
        'when { context.token.scopes.containsAll(["issues:read", "admin"]) };'
    )
    any_ = one.replace('.containsAll(["issues:read", "admin"])', ".contains(context.arguments.repo)")
    any_ = any_.replace("when { ", "when { context.arguments has repo && ")

    assert [told(found) for found in reviewed(one, only="PS124")] == [
        "policy-engine.yaml:37:29 PS124 no policy looks at the scope `issues:write`, which "
        "tokens for `github` "
        "can be had with (ask for it where it is meant to narrow something, or don't offer it)"
    ]
    assert reviewed(any_, only="PS124") == ()


def test_static_entities_bring_facts_and_groups(reviewed: Reviewed) -> None:
    """As well as claims do; also through groups that tokens bring."""
    said = ENTITIES + (
        "- uid: {type: User, id: corp/alice}\n"
        "  tags: {clearance: [high]}\n"
        "  parents: [{type: Role, id: corp/auditor}]\n"
        "- uid: {type: Group, id: corp/eng}\n"
        "  parents: [{type: Group, id: machines/people}]\n"
    )
    policy = (
        '@id("a") permit (principal is User, action == Action::"github/list_issues", resource)\n'
        'when { principal.hasTag("clearance") }\n'
        'unless { principal in Role::"corp/auditor" || principal in Group::"machines/people" };'
    )

    assert reviewed(policy, entities=said, only="PS12") == reviewed(policy, entities=said, only="PS124")
    assert {one.code for one in reviewed(policy, only="PS12")} == {"PS121", "PS122", "PS124"}


@pytest.mark.parametrize("folder", ["baseline", "demo", "deploy-bot", "reporting", "support-agent"])
def test_worked_examples_are_clean(folder: str) -> None:
    """Nothing but notes on machines that are listed so that scenarios can show that they are denied."""
    subject = Subject.of(load_config(ROOT / "policies" / folder / "policy-engine.yaml"))
    findings = [one for one in find_findings(subject, now=NOW) if one.counts]

    assert [str(one) for one in findings if one.severity is not Severity.note] == []
    assert {one.code for one in findings} <= {"PS112", "PS113"}
