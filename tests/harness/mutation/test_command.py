"""`policy-engine test --mutate`, as it is typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli.main import app
from tests.harness.mutation.conftest import WorldOf

_POLICIES = """\
@id("bot-orders")
permit (principal == Client::"machines/bot", action == Action::"shop/order", resource)
when { context.arguments.count <= 5 };
"""

_SCENARIOS = """\
version: 1
principals:
  the bot: {client: bot}
  another: {client: other}
  a person: {user: bot}
calls:
  order five: {tool: order, arguments: {item: a, count: 5}}
  order nine: {tool: order, arguments: {item: a, count: 9}}
matrix:
  the bot: {allow by bot-orders: order five}
  another: deny
  a person: deny
"""

_SIX = "  order six: {tool: order, arguments: {item: a, count: 6}}\n"


@pytest.fixture
def project(world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with scenarios that miss one mistake."""
    world_of(_POLICIES)
    (tmp_path / "shop.scenario.yaml").write_text(_SCENARIOS, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["test", "--mutate", *arguments])


@pytest.mark.usefixtures("project")
def test_what_nobody_notices_is_shown_with_a_diff_and_a_call() -> None:
    """All that an author needs to write the missing case."""
    result = _run()
    assert result.exit_code == 1, result.output
    survivor, _, rest = result.output.partition("  as a scenario")
    assert survivor.splitlines()[1:] == [
        "policies/shop.cedar:3:35: no case notices that `bot-orders`"
        " has a bound that is one off (number-nudged)",
        "  @@ -1,3 +1,3 @@",
        '   @id("bot-orders")',
        '   permit (principal == Client::"machines/bot", action == Action::"shop/order", resource)',
        "  -when { context.arguments.count <= 5 };",
        "  +when { context.arguments.count <= 6 };",
        "  this call would:",
        '    Client::"machines/bot": order {"item": "a", "count": 6} at shop',
        "    as it is: no_permit; with the mistake: allowed by bot-orders",
    ]
    assert rest.splitlines()[-1].startswith(
        "9 of 10 mistakes noticed by 6 cases: 90.0 % (at least 95 % wanted) in "
    )


@pytest.mark.usefixtures("project")
def test_a_lower_score_may_be_enough() -> None:
    """The status says so, and the mistake is shown all the same."""
    result = _run("--min-score", "90")
    assert result.exit_code == 0
    assert "number-nudged" in result.output


def test_the_missing_case_makes_it_whole(project: Path) -> None:
    """Nothing is left to be shown but the score."""
    text = _SCENARIOS.replace("matrix:", f"{_SIX}matrix:")
    (project / "shop.scenario.yaml").write_text(text, "utf-8")
    result = _run()
    assert result.exit_code == 0
    assert result.output.splitlines()[-1].startswith("10 of 10 mistakes noticed by 9 cases: 100.0 %")


def test_suggestions_are_written_as_scenarios_that_make_it_whole(project: Path) -> None:
    """And never over a file that is there."""
    result = _run("--suggestions", "more.scenario.yaml")
    assert result.exit_code == 1
    assert (project / "more.scenario.yaml").is_file()
    assert _run().exit_code == 0
    (project / "shop.scenario.yaml").write_text(
        _SCENARIOS.replace("the bot: {allow", "the bot: {allow"), "utf-8"
    )
    assert _run("--suggestions", "more.scenario.yaml", "shop.scenario.yaml").exit_code == 2


@pytest.mark.usefixtures("project")
def test_programs_get_every_mutant() -> None:
    """One JSON value, and nothing beside it."""
    result = _run("--format", "json", "--operators", "number-*,delegable-added")
    told = json.loads(result.stdout)
    assert (told["score"], told["least"], told["passed"], told["cases"]) == (50.0, 95.0, False, 6)
    assert told["counts"] == {"killed": 1, "survived": 1, "stillborn": 0, "equivalent": 1, "duplicate": 0}
    assert [(each["id"], each["fate"]) for each in told["mutants"]] == [
        ("bot-orders/delegable-added/1", "equivalent"),
        ("bot-orders/number-nudged/1", "survived"),
        ("bot-orders/number-nudged/2", "killed"),
    ]
    assert told["mutants"][1]["suggestion"]["original"] == "no_permit"
    assert told["mutants"][2]["by"] == "shop.scenario.yaml::the bot::order five"


@pytest.mark.usefixtures("project")
def test_an_unknown_operator_is_wrong_usage() -> None:
    """Named, with those that there are."""
    result = _run("--operators", "kinds")
    assert result.exit_code == 2
    assert "no mutation operator is named `kinds`" in result.stderr


def test_nothing_is_mutated_while_a_case_fails(project: Path) -> None:
    """The failure comes first."""
    (project / "shop.scenario.yaml").write_text(
        _SCENARIOS.replace("another: deny", "another: allow"), "utf-8"
    )
    result = _run()
    assert result.exit_code == 1
    assert "mistakes noticed" not in result.output


def test_what_is_known_is_kept_beside_the_configuration(project: Path) -> None:
    """Until it is asked for anew."""
    first, second, fresh = _run(), _run(), _run("--fresh", "--jobs", "2")
    assert (project / ".policy-engine" / "mutation.json").is_file()
    plain = [result.output.split("wanted)")[0].partition("\n")[2] for result in (first, second, fresh)]
    assert plain[0] == plain[1] == plain[2]
