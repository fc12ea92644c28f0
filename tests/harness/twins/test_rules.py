"""What twins show, rule by rule; and what they don't, since policies are there for it."""

from pathlib import Path

import pytest

from policy_engine.harness.entries import entry_text
from policy_engine.harness.scenarios import find_scenarios, load_scenarios
from policy_engine.harness.twins import TwinReport, check_twins
from policy_engine.harness.world import World
from policy_engine.model import User
from tests.harness.twins.conftest import Twins

LOOK = 'action == Action::"shop/look", resource)'
ORDER = 'action == Action::"shop/order", resource)'
PROJECT = Path(__file__).parents[3]


def told(report: TwinReport) -> set[tuple[str, str, str]]:
    """Rules, policies, and who the twin is."""
    return {
        (finding.rule.name, finding.policy, _who(finding.twin.identity.principal))
        for finding in report.findings
    }


def _who(principal: object) -> str:
    actor = principal.actor if isinstance(principal, User) else None
    return str(getattr(principal, "uid", "")) + ("" if actor is None else f" through {actor.uid}")


def test_a_permit_for_nobody_in_particular_is_blind_to_the_kind(twins: Twins) -> None:
    """It lets the machine in as the person of the same name; what is told can be pasted and fails."""
    report = twins(
        f'@id("all-look") permit (principal, {LOOK};', "  - {who: bot, asks: look, expect: allow}\n"
    )

    assert told(report) == {("kind-blind", "all-look", 'User::"machines/bot"')}
    (finding,) = report.findings
    assert finding.place.endswith("policies/shop.cedar:1:1")
    assert (finding.calls, finding.decision.allowed, finding.twin_decision.allowed) == (1, True, True)
    assert entry_text(finding.entry) == (
        "principals:\n"
        '  "the person bot": {"entity": "User::\\"machines/bot\\"", "groups": ["stock"],'
        ' "facts": {"grant": "client_credentials", "client_id": "bot",'
        ' "issued_at": 1767225600.0, "expires_at": 1767226200.0}}\n'
        "calls:\n"
        '  "look": {"tool": "look", "arguments": {"item": "mouse"}}\n'
        "tests:\n"
        '  - {who: "the person bot", asks: "look", expect: "deny"}'
    )


def test_what_a_finding_says_is_a_scenario_that_fails(twins: Twins, shop: Path) -> None:
    """As it is printed, with a version."""
    report = twins(
        f'@id("all-look") permit (principal, {LOOK};', "  - {who: bot, asks: look, expect: allow}\n"
    )
    file = shop / "policies" / "twin.scenario.yaml"
    file.write_text(f"version: 1\n{entry_text(report.findings[0].entry)}\n")
    world = World.load(shop / "policy-engine.yaml")

    (case,) = load_scenarios([file], world)

    (again,) = check_twins(world, [case]).findings
    assert again.decision.allowed
    assert not case.expect.allowed


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param(f'@id("all") @kinds("both") permit (principal, {LOOK};', id="it is said"),
        pytest.param(f'@id("bots") permit (principal is Client, {LOOK};', id="one kind"),
        pytest.param(
            f'@id("bots") permit (principal is Client, {LOOK};\n'
            f'@id("people") permit (principal is User, {LOOK};',
            id="each kind by itself",
        ),
    ],
)
def test_separate_policies_show_nothing(twins: Twins, policies: str) -> None:
    """Nor does one that is meant for both."""
    assert told(twins(policies, "  - {who: bot, asks: look, expect: allow}\n")) == set()


MACHINES = f'@id("stock-orders") permit (principal in ClientGroup::"machines/stock", {ORDER};\n'
PEOPLE = f'@id("people-order") permit (principal in Group::"corp/stock", {ORDER};\n'


def test_a_forbid_for_people_alone_lets_the_machine_of_their_name_through(twins: Twins) -> None:
    """Unless a case expects a machine to be allowed that very call."""
    policies = MACHINES + PEOPLE + f'@id("no-mice") forbid (principal is User, {ORDER};'
    denied = "  - {who: sue of stock, asks: order, expect: deny}\n"
    machine = 'Client::"machines/sue"'

    assert told(twins(policies, denied)) == {
        ("machine-slips", "no-mice", machine),
        ("machine-gains", "stock-orders", machine),
    }
    assert told(twins(policies, f"{denied}  - {{who: bot, asks: order, expect: allow}}\n")) == set()


def test_a_machine_that_is_denied_what_the_person_may_is_as_it_should_be(twins: Twins) -> None:
    """That is what policies are for."""
    policies = PEOPLE + f'@id("no-machines") forbid (principal is Client, {ORDER};'

    assert told(twins(policies, "  - {who: sue of stock, asks: order, expect: allow}\n")) == set()


DELEGABLE = f'@id("people-look") @delegable permit (principal is User, {LOOK};'


def test_a_permit_that_agents_may_use_is_told_if_no_case_does(twins: Twins) -> None:
    """Acting through an agent is opted into; whoever did so has a case of it."""
    direct = "  - {who: ann, asks: look, expect: allow}\n"
    agent = 'User::"corp/ann" through Client::"corp/helper"'

    assert told(twins(DELEGABLE, direct)) == {("agent-alike", "people-look", agent)}
    assert (
        told(twins(DELEGABLE, f"{direct}  - {{who: ann through helper, asks: look, expect: allow}}\n"))
        == set()
    )


def test_a_forbid_that_agents_get_around_is_told(twins: Twins) -> None:
    """Together with the permit that lets them in, of which no case tells."""
    forbid = f'@id("no-look") forbid (principal is User, {LOOK} unless {{ context has actor }};'
    report = twins(f"{DELEGABLE}\n{forbid}", "  - {who: ann, asks: look, expect: deny}\n")

    agent = 'User::"corp/ann" through Client::"corp/helper"'
    assert told(report) == {("agent-slips", "no-look", agent)}


def test_an_agent_that_may_more_than_the_person_is_told(twins: Twins) -> None:
    """A permit for agents alone opens what nobody may."""
    policies = (
        f'@id("agents-order") @delegable permit (principal is User, {ORDER} when {{ context has actor }};'
    )
    report = twins(policies, "  - {who: ann, asks: order, expect: no_permit}\n")

    agent = 'User::"corp/ann" through Client::"corp/helper"'
    assert told(report) == {("agent-gains", "agents-order", agent)}


def test_whoever_is_refused_before_the_policies_has_no_twins(twins: Twins) -> None:
    """There is nothing to compare."""
    tests = "  - {who: late bot, asks: look, expect: expired_token}\n"
    report = twins(f'@id("all-look") permit (principal, {LOOK};', tests)

    assert (report.cases, report.twins, report.findings) == (0, 0, ())


@pytest.mark.parametrize("name", ["baseline", "demo", "deploy-bot", "reporting", "support-agent"])
def test_the_shipped_policies_show_nothing(name: str) -> None:
    """They keep the kinds apart."""
    folder = PROJECT / "policies" / name
    world = World.load(folder / "policy-engine.yaml")

    assert check_twins(world, load_scenarios(find_scenarios(folder), world)).findings == ()
