"""The plugin for pytest, in runs of pytest of its own."""

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policy_engine.cli import app

pytest_plugins = ["pytester"]

Py = Callable[..., pytest.RunResult]

TESTS = """
from hypothesis import given, settings
from pathlib import Path
from policy_engine.harness.strategies import calls, hostile_tokens
from policy_engine.harness.world import World

WORLD = World.load(Path(__file__).parent / "policy-engine.yaml")


def test_machines_and_people(as_client, as_user):
    bot, person = as_client("ci-bot"), as_user("ci-bot")
    assert bot.call("deploy", env="staging").allowed
    assert bot.call("deploy", {"env": "prod"}).code == "no_permit"
    assert person.call("deploy", env="staging").code == "no_permit"
    assert as_user("alice", claims={"groups": ["platform"]}).call("deploy", env="prod").allowed
    assert str(as_user("bob", through="desktop-agent").principal.actor.uid) == 'Client::"corp/desktop-agent"'
    assert as_client("ci-bot", tamper="expired").call("deploy", env="staging").code == "expired_token"
    assert bot.send({"jsonrpc": "2.0", "id": 1, "method": "ping"}).allowed
    assert bot.explain("deploy", env="prod").questions[0].near[0].policy.id == "ci-bot-deploys-to-staging"
    assert "eyJ" not in repr(bot)


def test_tokens(policy_engine, mint_token):
    token = mint_token(kind="client", id="ci-bot")
    assert policy_engine.identify(token).client_id == "ci-bot"


@settings(max_examples=20, deadline=None)
@given(hostile_tokens(WORLD), calls(WORLD))
def test_nothing_opens(token, message):
    assert not WORLD.engine.evaluate(token, message).allowed
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """A new project, in which pytest runs."""
    assert CliRunner().invoke(app, ["init", str(pytester.path)]).exit_code == 0
    return pytester.path


@pytest.fixture
def py(pytester: pytest.Pytester) -> Py:
    """Run pytest with the plugin, in this process, so that it is measured."""

    def run(*arguments: str) -> pytest.RunResult:
        own = (
            "-p",
            "no:policy-engine",
            "-p",
            "policy_engine.harness.pytest_plugin",
            "-p",
            "no:cacheprovider",
        )
        return pytester.runpytest_inprocess(*own, *arguments)

    return run


@pytest.mark.usefixtures("project")
def test_every_case_is_a_test(py: Py) -> None:
    """With an id of its own, by which it can be chosen."""
    every = py("--collect-only", "-q")
    one = py("policies/delivery.scenario.yaml::ci-bot::deploy to staging", "-v")

    lines = [line for line in every.outlines if "::" in line]
    assert len(lines) == len(set(lines)) == 42
    assert lines[0] == "policies/delivery.scenario.yaml::ci-bot::begin"
    one.assert_outcomes(passed=1)
    one.stdout.fnmatch_lines(["policies/delivery.scenario.yaml::ci-bot::deploy to staging PASSED*"])


def test_a_failure_says_why_and_not_where_it_was_found(py: Py, project: Path) -> None:
    """The trace of `policy-engine test`, with the lines of the scenario and of the policy."""
    policy = project / "policies" / "ci-bot.cedar"
    policy.write_text(policy.read_text().replace('== "staging"', 'like "*"'))

    result = py("-k", "ci-bot and production")

    result.assert_outcomes(failed=1, passed=2, deselected=39)
    result.stdout.fnmatch_lines(
        [
            "*_ ci-bot::deploy to production _*",
            "decision: expected deny, got allow",
            "scenario   *policies/delivery.scenario.yaml:*",
            "token      `ci-bot`, a machine's, issuer machines, profile policy-engine",
            "ALLOW  allowed: a permit applied and no forbid did",
            "permit `ci-bot-deploys-to-staging` allows it  (*policies/ci-bot.cedar:3:1)",
            '*context.arguments.env is "prod"',
            "FAILED policies/delivery.scenario.yaml::ci-bot::deploy to production - *",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*eyJ*")


def test_skipped_cases_are_skipped_with_their_reason(py: Py, project: Path) -> None:
    """As the scenario says it."""
    file = project / "policies" / "delivery.scenario.yaml"
    file.write_text(file.read_text().replace("version: 1\n", "version: 1\nskip: not yet\n"))

    result = py("-rs")

    result.assert_outcomes(skipped=42)
    result.stdout.fnmatch_lines(["SKIPPED*not yet"])


def test_what_cannot_be_used_is_told_at_its_place(py: Py, project: Path) -> None:
    """Without a traceback."""
    file = project / "policies" / "delivery.scenario.yaml"
    file.write_text(file.read_text() + "  bob: deny\n")

    result = py()

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["*policies/delivery.scenario.yaml:62:3: a key is written twice (keep one of the two)"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("way", ["nearest", "option", "ini"])
def test_fixtures_make_callers_of_the_project(
    py: Py, project: Path, pytester: pytest.Pytester, way: str
) -> None:
    """With tokens that the engine knows; the configuration is the nearest, or one that is named."""
    tests = TESTS if way == "nearest" else TESTS.replace('"policy-engine.yaml"', '"own.yaml"')
    arguments: tuple[str, ...] = ()
    if way != "nearest":
        (project / "policy-engine.yaml").rename(project / "own.yaml")
    if way == "option":
        arguments = ("--policy-engine-config", "own.yaml")
    if way == "ini":
        pytester.makeini("[pytest]\npolicy_engine_config = own.yaml\n")
    (project / "test_own.py").write_text(tests)

    result = py("test_own.py", "policies", *arguments)

    result.assert_outcomes(passed=45)


@pytest.mark.usefixtures("project")
def test_it_is_found_by_itself_and_leaves_other_tests_alone(pytester: pytest.Pytester) -> None:
    """As an installed plugin, in a process of its own."""
    (pytester.path / "test_other.py").write_text("def test_other(): pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]

    found = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    without = subprocess.run(
        [*command, "-p", "no:policy-engine"], cwd=pytester.path, capture_output=True, text=True, check=False
    )

    assert [point.value for point in entry_points(group="pytest11", name="policy-engine")] == [
        "policy_engine.harness.pytest_plugin"
    ]
    assert (found.returncode, found.stdout.splitlines()[-1].partition(" in ")[0]) == (0, "43 passed")
    assert (without.returncode, without.stdout.splitlines()[-1].partition(" in ")[0]) == (0, "1 passed")
