"""A failure is told with its place, its token's issuer, profile and kind, and why; never with the token."""

from pathlib import Path

from policy_engine.harness import Who
from policy_engine.harness.running import decide, failure_lines, nearest_config, trace_lines, whose
from policy_engine.harness.world import World
from policy_engine.model import Client, Identity, TokenFacts, User
from tests.harness.running.conftest import MakeCase


def test_a_trace_names_the_lines_and_whose_token_it_was(world: World, case: MakeCase) -> None:
    """As `policy-engine explain` says it, without what only repeats the test's own doing."""
    failing = case(allowed=False)
    result = decide(world, failing)
    again = decide(world, failing)

    lines = [text for text, _ in trace_lines(world, again)]

    assert [*failure_lines(result)] == ["decision: expected deny, got allow"]
    assert lines == [
        "scenario   delivery.scenario.yaml:7:3",
        "token      `ci-bot`, a machine's, issuer machines, profile policy-engine",
        "ALLOW  allowed: a permit applied and no forbid did",
        '  principal  Client::"machines/ci-bot", a machine (service)',
        '  action     Action::"delivery/deploy"',
        '  resource   Tool::"delivery/deploy"',
        "",
        "permit `ci-deploys` allows it",
        *lines[8:],
    ]
    assert any('context.arguments.env is "staging"' in line for line in lines[8:])
    assert failing.who.token is not None
    assert not any(failing.who.token[:20] in line for line in lines)


def test_whose_token_it_is_is_said_of_each_kind_of_asker(world: World, case: MakeCase) -> None:
    """A token to be refused, none, an entity, and an agent's."""
    agent = Client(issuer="corp", client_id="desktop-agent")
    person = User(issuer="corp", subject="alice", actor=agent)
    entity = Who(name="alice", identity=Identity(principal=person, token=TokenFacts()))
    forged = Who(name="forged", token=world.mint(id="ci-bot", tamper="expired"), profile="policy-engine")
    delegated = Who(
        name="alice",
        token=world.mint(kind="user", id="alice", issuer="corp"),
        kind="user",
        profile="rfc9068",
        delegated=True,
    )
    askers = (forged, Who(name="nobody"), entity, delegated)

    assert [whose(decide(world, case(who))) for who in askers] == [
        "`forged`, one to be refused, profile policy-engine",
        "none",
        'none: User::"corp/alice" through Client::"corp/desktop-agent" is given as an entity',
        "`alice`, a person's, issuer corp, profile rfc9068, through an agent",
    ]


def test_the_nearest_configuration_is_looked_for_above(tmp_path: Path) -> None:
    """From the folder of the file upwards."""
    (tmp_path / "policy-engine.yaml").write_text("version: 1\n")
    below = tmp_path / "tests" / "deep"
    below.mkdir(parents=True)

    assert nearest_config(below / "test_x.py") == tmp_path.resolve() / "policy-engine.yaml"
