"""Principals and calls that several scenarios share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.harness import Case, World
from policy_engine.harness.scenarios import config_of, find_scenarios, load_scenarios

Load = Callable[..., tuple[Case, ...]]
Write = Callable[[str, str], Path]

BOT = "principals: {bot: {client: ci-bot}}\n"
PING = "calls: {ping: {method: ping}}\n"
TEST = "tests: [{who: bot, asks: ping, expect: no_permit}]\n"


def test_fixtures_of_the_folder_and_of_those_above_are_there(load: Load, write: Write) -> None:
    """Down to the folder of the configuration, whatever they are called before `fixtures.yaml`."""
    write("fixtures.yaml", BOT)
    write("a/b/calls.fixtures.yaml", PING)

    assert [case.id for case in load(TEST, "a/b/x.scenario.yaml")] == ["a/b/x.scenario.yaml::bot::ping"]


def test_fixtures_of_folders_beside_are_not(load: Load, write: Write) -> None:
    """Unless they are named."""
    write("beside/fixtures.yaml", BOT + PING)

    with pytest.raises(ConfigError, match="no principal is called `bot`"):
        load(TEST, "a/x.scenario.yaml")
    assert len(load(f"use: ../beside/fixtures.yaml\n{TEST}", "a/x.scenario.yaml")) == 1


def test_fixtures_that_nobody_asks_for_add_nothing_to_a_matrix(load: Load, write: Write) -> None:
    """A matrix has the file's own rows and columns, and those that it names."""
    write("fixtures.yaml", BOT + PING)
    own = "principals: {alice: {user: alice}}\ncalls: {list: {method: tools/list}}\n"
    own += "matrix: {alice: {allow: list}}\n"

    assert [case.id for case in load(own)] == ["x.scenario.yaml::alice::list"]


def test_one_name_is_one_thing(load: Load, write: Write, project: Path) -> None:
    """A nearer file doesn't quietly say otherwise."""
    write("fixtures.yaml", BOT)

    with pytest.raises(ConfigError) as caught:
        load(f"{BOT}{PING}{TEST}")
    assert (caught.value.where, caught.value.problem) == (
        f"{project}/x.scenario.yaml:2:14",
        f"`bot` is also at {project}/fixtures.yaml:2:14",
    )


def test_a_circle_is_told_where_it_closes(load: Load, write: Write, project: Path) -> None:
    """With the way round."""
    write("a.fixtures.yaml", "use: [more/b.yaml]\n")
    write("more/b.yaml", "use: [../a.fixtures.yaml]\n")

    with pytest.raises(ConfigError) as caught:
        load(f"{BOT}{PING}{TEST}")
    assert (caught.value.where, caught.value.problem) == (
        f"{project}/more/b.yaml:2:7",
        "the files use each other in a circle: a.fixtures.yaml → b.yaml → a.fixtures.yaml",
    )


def test_a_file_that_is_used_twice_is_read_once(load: Load, write: Write) -> None:
    """By two ways that lead to it."""
    write("a.fixtures.yaml", f"use: more/c.yaml\n{BOT}")
    write("b.fixtures.yaml", "use: more/c.yaml\n")
    write("more/c.yaml", PING)

    assert len(load(TEST)) == 1


def test_a_mistake_in_fixtures_is_told_there(load: Load, write: Write, project: Path) -> None:
    """Not where they are used."""
    write("fixtures.yaml", "principals: {bot: {client: ci-bot, expect: x}}\n")

    with pytest.raises(ConfigError) as caught:
        load(f"{PING}{TEST}")
    assert (caught.value.where, caught.value.problem) == (
        f"{project}/fixtures.yaml:2:36",
        "unknown key `principals.bot.expect`",
    )


def test_scenarios_are_found_beside_policies(write: Write, project: Path) -> None:
    """In every folder below, in the order of their names; hidden ones aren't."""
    for name in ("b.scenario.yaml", "a/z.scenario.yaml", ".hidden/x.scenario.yaml", "other.yaml"):
        write(name, TEST)

    found = [path.relative_to(project).as_posix() for path in find_scenarios(project)]

    assert found == ["a/z.scenario.yaml", "b.scenario.yaml"]


def test_a_scenario_belongs_to_the_nearest_configuration_or_the_one_it_names(
    write: Write, project: Path, world: World
) -> None:
    """Another one doesn't decide it."""
    inner = write("a/policy-engine.yaml", "")
    far = write("a/b/x.scenario.yaml", f"config: ../../policy-engine.yaml\n{BOT}{PING}{TEST}")
    near = write("a/b/y.scenario.yaml", f"config: ../policy-engine.yaml\n{BOT}{PING}{TEST}")
    none = write("a/b/z.scenario.yaml", f"{BOT}{PING}{TEST}")

    assert [config_of(path).resolve() for path in (far, near, none)] == [
        project / "policy-engine.yaml",
        inner,
        inner,
    ]
    assert len(load_scenarios([far], world)) == 1
    with pytest.raises(ConfigError, match="for another configuration"):
        load_scenarios([near], world)
