"""Scenario files → cases."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from policy_engine.errors import ConfigError
from policy_engine.files import read_document
from policy_engine.harness.cases import Case
from policy_engine.harness.scenarios.cedar_tests import SUFFIX, load_cedar_tests
from policy_engine.harness.scenarios.groups import Cases
from policy_engine.harness.scenarios.reading import Scenario, read_scenario
from policy_engine.harness.scenarios.spot import Problems, Spot
from policy_engine.harness.world import World

__all__ = ["CONFIG", "config_of", "load_scenarios"]

CONFIG: Final = "policy-engine.yaml"


def load_scenarios(paths: Iterable[Path], world: World) -> tuple[Case, ...]:
    """The cases of scenario files of one configuration, in the order of the files.

    Args:
        paths: the files; those that end in `.json` are tests of `cedar run-tests`.
        world: what they are held against; its clock stands afterwards where the last case has it.

    Raises:
        ConfigError: the first problem with its place; all others are in its `others`.
    """
    problems = Problems()
    found: dict[str, Case] = {}
    for path in paths:
        with problems.noted():
            found.update(_cases(path, world))
    problems.none_or_raise()
    return tuple(found.values())


def config_of(path: Path) -> Path:
    """The configuration that a scenario file is for: the one that it names, or the nearest above it.

    Raises:
        ConfigError: there is none, or the file can't be read.
    """
    document = read_document(path)
    named = document.data.get("config") if isinstance(document.data, dict) else None
    if isinstance(named, str) and named:
        config = path.parent / named
        if not config.is_file():
            raise _missing(Spot(document, ("config",)), named)
        return config
    for folder in path.resolve().parents:
        if (folder / CONFIG).is_file():
            return folder / CONFIG
    raise ConfigError(f"no `{CONFIG}` is above it", remedy="name the configuration: `config`", file=path)


def _cases(path: Path, world: World) -> dict[str, Case]:
    if path.suffix == SUFFIX:
        return load_cedar_tests(path, _label(path, world), world)
    problems = Problems()
    scenario = read_scenario(path, world, problems)
    problems.none_or_raise()
    _check_config(scenario, world)
    cases = Cases(scenario, _label(path, world), world, problems)
    cases.take(scenario.file, scenario.spot)
    problems.none_or_raise()
    if not cases.found:
        raise scenario.spot.error("nothing is expected here", "write `matrix`, `table` or `tests`")
    return cases.found


def _check_config(scenario: Scenario, world: World) -> None:
    if scenario.file.config is None:
        return
    meant, own = scenario.spot.file.parent / scenario.file.config, world.loaded.document.file
    if not meant.is_file():
        raise _missing(scenario.spot / "config", scenario.file.config)
    if own is None or meant.resolve() != own.resolve():
        raise (scenario.spot / "config").error(
            f"the scenario is for another configuration than `{own}`",
            "take `config` out, or test it by itself",
        )


def _missing(spot: Spot, name: object) -> ConfigError:
    return spot.error(f"there is no file `{name}`", "name a configuration, from the folder of this file")


def _label(path: Path, world: World) -> str:
    """The path from the folder of the configuration, if it is below that."""
    real = path.resolve()
    root = world.loaded.folder.resolve()
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else path.as_posix()
