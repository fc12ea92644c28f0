"""Forty mistakes that authors make, a line each, and what finds each of them.

`office/` is right: its cases pass, and twins show nothing. Each row puts one mistake into its policies. Those
that a test finds fail in `full`, which expects the outcome and the policies of every call. Others get
through: `plain` expects but yes and no, and `happy` looks hardly at anything but what should work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pytest

from policy_engine.harness import Case
from policy_engine.harness.coverage import Coverage, gaps_of
from policy_engine.harness.mutation import Fate, run_mutants
from policy_engine.harness.running import run_cases
from policy_engine.harness.scenarios import load_scenarios
from policy_engine.harness.twins import check_twins
from policy_engine.harness.world import World

OFFICE = Path(__file__).parent / "office"
POLICIES = (OFFICE / "policies" / "office.cedar").read_text()

Feature = Literal["test", "twin", "coverage", "mutant"]
Scenario = Literal["full", "plain", "happy"]


@dataclass(frozen=True)
class Defect:
    """A mistake.

    Attributes:
        name: what the author did.
        old: what stood there.
        new: what they wrote.
        scenario: the cases that they have.
        feature: what finds it.
        policy: the policy that is told.
        evidence: a case that fails; the rule of a twin; what no case exercises; the operator of a mutant.
    """

    name: str
    old: str
    new: str
    scenario: Scenario
    feature: Feature
    policy: str
    evidence: str


def _test(name: str, old: str, new: str, policy: str, evidence: str) -> Defect:
    return Defect(name, old, new, "full", "test", policy, evidence)


def _twin(name: str, old: str, new: str, policy: str, evidence: str) -> Defect:
    return Defect(name, old, new, "happy", "twin", policy, evidence)


READ = '@id("people-read")\npermit (principal is User, action in Action::"read_only", resource);'
REPORTS = 'permit (principal in ClientGroup::"machines/reports", action == Action::"desk/export", resource)'
OPERATORS = 'permit (principal in Group::"corp/operators",'
HR = 'context.arguments.queue == "hr" }'
SCOPE = 'context.token.scopes.contains("deploy")'
TABLES = '["sales", "stock", "customers"]'
DELETE = 'unless { principal is User && principal in Group::"corp/leads" };'

DEFECTS = (
    # What a test finds that expects whatever should come of every call.
    _test("the kind is left out", READ, READ.replace("principal is User", "principal"),
          "people-read", "ci-bot::search"),
    _test("the kinds are mixed up", READ, READ.replace("is User", "is Client"), "people-read", "ann::search"),
    _test("people may call every tool", READ, READ.replace("read_only", "call_tool"),
          "people-read", "ann::add a note"),
    _test("the bound isn't in the range", "amount <= 100 }", "amount < 100 }",
          "support-refunds", "sam of support::refund 100"),
    _test("the bound has a nought more", "amount <= 100 }", "amount <= 1000 }",
          "support-refunds", "sam of support::refund 101"),
    _test("a reason isn't asked for", " && context.arguments has reason", "",
          "leads-refund-more", "lea of leads::refund 100"),
    _test("one of two is enough", "<= 1000 && context.arguments has reason",
          "<= 1000 || context.arguments has reason", "leads-refund-more", "lea of leads::refund 101"),
    _test("the wrong group", 'permit (principal in Group::"corp/leads", action == Action::"desk/refund"',
          'permit (principal in Group::"corp/support", action == Action::"desk/refund"',
          "leads-refund-more", "lea of leads::refund 1000 for a reason"),
    _test("the scope isn't asked for", f" && {SCOPE}", "", "ci-deploys",
          "ci-bot without scope::deploy to staging"),
    _test("the wrong environment", '== "staging"', '== "prod"', "ci-deploys", "ci-bot::deploy to production"),
    _test("every machine deploys", 'principal == Client::"machines/ci-bot"', "principal is Client",
          "ci-deploys", "nightly::deploy to staging"),
    _test("when for unless", DELETE, DELETE.replace("unless", "when"), "only-leads-delete",
          "lea of leads::delete a customer"),
    _test("any bucket will do", 'like "reports-*"', 'like "*"', "reports-export",
          "nightly::export sales elsewhere"),
    _test("a table too many", TABLES, '["sales", "stock", "customers", "payroll"]', "reports-export",
          "nightly::export payroll"),
    _test("permit for forbid", 'forbid (principal, action == Action::"desk/export"',
          'permit (principal, action == Action::"desk/export"', "customers-stay-here",
          "nightly::export customers"),
    _test("a forbid is tried out, and left so", '@id("machines-not-destructive")',
          '@id("machines-not-destructive") @mode("shadow")', "machines-not-destructive",
          "ci-bot::refund 100"),
    _test("an agent too many", '@id("operators-deploy")', '@id("operators-deploy") @delegable',
          "operators-deploy", "oli through assistant::deploy to staging"),
    _test("any agent will do", ' && context.actor == Client::"corp/assistant"', "", "assistant-reads",
          "ann through gadget::search"),
    # What twins find where cases look only at what should work.
    _twin("the kind is left out, and nobody looks", READ, READ.replace("principal is User", "principal"),
          "people-read", "kind-blind"),
    _twin("a group is left out, and the kind with it", OPERATORS, "permit (principal,",
          "operators-deploy", "kind-blind"),
    _twin("the machine is told by its scope alone", 'principal == Client::"machines/ci-bot"', "principal",
          "ci-deploys", "kind-blind"),
    _twin("the machine is told by its issuer",
          f"{REPORTS}\nwhen {{ ",
          'permit (principal, action == Action::"desk/export", resource)\n'
          'when { principal.issuer == "machines" && ',
          "reports-export", "kind-blind"),
    _twin("the machine is told by how it got its token",
          f"{REPORTS}\nwhen {{ ",
          'permit (principal, action == Action::"desk/export", resource)\n'
          'when { context.token has grant && context.token.grant == "client_credentials" && ',
          "reports-export", "kind-blind"),
    _twin("a forbid for people alone", 'forbid (principal, action == Action::"desk/export"',
          'forbid (principal is User, action == Action::"desk/export"', "customers-stay-here",
          "machine-slips"),
    _twin("a permit to find a fault with is left behind", '@id("support-notes")',
          '@id("debugging")\npermit (principal is Client, action == Action::"desk/add_note", resource);\n\n'
          '@id("support-notes")', "debugging", "machine-gains"),
    _twin("what operators do can be delegated", '@id("operators-deploy")',
          '@id("operators-deploy") @delegable', "operators-deploy", "agent-alike"),
    _twin("what leads do can be delegated", '@id("leads-delete")', '@id("leads-delete") @delegable',
          "leads-delete", "agent-alike"),
    _twin("a forbid lets agents through", f"when {{ {HR};", f"when {{ {HR} unless {{ context has actor }};",
          "hr-is-private", "agent-slips"),
    _twin("an agent may do more than the person",
          '@id("assistant-reads") @delegable\npermit (principal is User, action in Action::"read_only",',
          '@id("assistant-reads") @delegable\npermit (principal is User, action in [Action::"read_only",'
          ' Action::"desk/add_note"],', "assistant-reads", "agent-gains"),
    # What coverage finds where all that cases look at is as it should be.
    Defect("a forbid names an agent that isn't there", "when { context has actor };",
           'when { context has actor && context.actor == Client::"corp/asistant" };',
           "plain", "coverage", "agents-do-not-refund", "policy: never applied, though its head admitted"),
    Defect("a forbid asks for the opposite", "when { context has actor };",
           "when { context has actor && context.arguments.amount < 0 };",
           "plain", "coverage", "agents-do-not-refund", "policy: never applied, though its head admitted"),
    Defect("a forbid names the wrong group of tools",
           'forbid (principal is Client, action in Action::"destructive", resource);',
           'forbid (principal is Client, action in Action::"idempotent", resource);',
           "plain", "coverage", "machines-not-destructive", "policy: no case comes past its head"),
    Defect("a forbid is for nobody who asks", DELETE, "unless { principal is User || principal is Client };",
           "plain", "coverage", "only-leads-delete", "policy: never applied, though its head admitted"),
    Defect("a way in by another scope", '"staging" && ',
           '"staging" && context.token.scopes.contains("root") || context.arguments.env == "staging" && ',
           "plain", "coverage", "ci-deploys", "condition: never true"),
    Defect("a way in for one person", "when { context.arguments.amount <= 100 };",
           'when { context.arguments.amount <= 100 || principal == User::"corp/bob" };',
           "plain", "coverage", "support-refunds", "condition: never true"),
    Defect("meant for both, and tried by one",
           '@id("leads-delete")\npermit (principal in Group::"corp/leads",',
           '@id("leads-delete") @kinds("both")\npermit (principal,',
           "happy", "coverage", "leads-delete", "kind: never decided for a Client"),
    # What mutants find: a mistake that can be undone, and no case notices.
    Defect("a bound is one off", "amount <= 1000 &&", "amount <= 1001 &&",
           "happy", "mutant", "leads-refund-more", "number-nudged"),
    Defect("a bound isn't in the range, and nobody looks", "amount <= 100 }", "amount < 100 }",
           "happy", "mutant", "support-refunds", "comparison-changed"),
    Defect("one of two is enough, and nobody looks", "<= 1000 && context.arguments has reason",
           "<= 1000 || context.arguments has reason", "happy", "mutant", "leads-refund-more",
           "and-or-swapped"),
    Defect("a table too many, and nobody looks", TABLES, '["sales", "stock", "customers", "payroll"]',
           "happy", "mutant", "reports-export", "item-removed"),
    Defect("an action too many", 'action == Action::"desk/add_note"',
           'action in [Action::"desk/add_note", Action::"desk/deploy"]',
           "happy", "mutant", "support-notes", "action-removed"),
    Defect("the kinds of a forbid are mixed up within", "principal is User && principal in",
           "principal is Client || principal in", "happy", "mutant", "only-leads-delete", "operand-dropped"),
)  # fmt: skip


@cache
def _office() -> World:
    return World.load(OFFICE / "policy-engine.yaml")


@cache
def _cases(scenario: Scenario) -> tuple[Case, ...]:
    return load_scenarios([OFFICE / f"{scenario}.scenario.yaml"], _office())


def _mistaken(defect: Defect) -> World:
    assert POLICIES.count(defect.old) == 1, "the row is about one place"
    return _office().with_policies(POLICIES.replace(defect.old, defect.new))


def _failing(world: World, scenario: Scenario) -> list[str]:
    return [result.case.id.partition("::")[2] for result in run_cases(world, _cases(scenario)).failures]


def _told(world: World, defect: Defect) -> Iterator[tuple[str, str]]:
    """What a feature tells: of which policy, and what."""
    cases = _cases(defect.scenario)
    match defect.feature:
        case "test":
            for result in run_cases(world, cases).failures:
                yield defect.policy, result.case.id.partition("::")[2]
        case "twin":
            for finding in check_twins(world, cases).findings:
                yield finding.policy, finding.rule.name
        case "coverage":
            coverage = Coverage(world)
            run_cases(world, cases, observe=coverage.observe)
            for name, place in coverage.policies.items():
                yield from ((name, f"{gap.subject}: {gap.says}") for gap in gaps_of(place))
        case "mutant":
            report = run_mutants(world, cases, policies=[defect.policy], jobs=1, suggest=False)
            for outcome in report.outcomes:
                if outcome.fate is Fate.survived:
                    yield outcome.mutant.policy, outcome.mutant.operator


def _finds(world: World, defect: Defect) -> bool:
    return any(
        policy == defect.policy and evidence.startswith(defect.evidence)
        for policy, evidence in _told(world, defect)
    )


@pytest.mark.parametrize("scenario", ["full", "plain", "happy"])
def test_without_a_mistake_all_is_as_expected(scenario: Scenario) -> None:
    """No case fails, and twins show nothing that nobody meant."""
    assert _failing(_office(), scenario) == []
    assert check_twins(_office(), _cases(scenario)).findings == ()


def test_there_are_forty_mistakes_and_every_feature_has_its_own() -> None:
    """Each has a name of its own."""
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 40
    assert {defect.feature for defect in DEFECTS} == {"test", "twin", "coverage", "mutant"}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.feature}-{defect.name}")
def test_a_mistake_is_found(defect: Defect) -> None:
    """By the feature that is named, of the policy that it is in; those that tests don't find pass them."""
    world = _mistaken(defect)

    assert (_failing(world, defect.scenario) != []) is (defect.feature == "test")
    assert _finds(world, defect), sorted(set(_told(world, defect)))


@pytest.mark.parametrize(
    "defect", [each for each in DEFECTS if each.feature in ("test", "twin", "coverage")],
    ids=lambda defect: f"{defect.feature}-{defect.name}",
)  # fmt: skip
def test_without_that_mistake_it_is_not_told(defect: Defect) -> None:
    """What finds it says nothing of the kind where all is right."""
    assert not _finds(_office(), defect)
