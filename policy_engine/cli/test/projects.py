"""Which scenarios there are, and whose configuration each belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_engine.cli.test.choosing import Takes
from policy_engine.errors import ConfigError
from policy_engine.harness import Case, World
from policy_engine.harness.scenarios import config_of, find_scenarios, load_scenarios

__all__ = ["Project", "Suite", "find_projects", "load_suites"]

_WRITE_ONE = "write one, `NAME.scenario.yaml`, beside the policies: docs/how-to/test-policies.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A configuration, and the scenarios that belong to it.

    Attributes:
        config: the configuration file.
        scenarios: the files.
    """

    config: Path
    scenarios: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A project that was loaded.

    Attributes:
        project: the project.
        world: its engine.
        cases: those of its cases that are meant.
    """

    project: Project
    world: World
    cases: tuple[Case, ...]


def find_projects(paths: Sequence[Path], config: Path | None) -> tuple[Project, ...]:
    """Look for scenarios.

    Args:
        paths: files, and folders that hold some; the configuration's folder if there are none.
        config: whose they all are; None for the nearest above each.

    Raises:
        ConfigError: there is none, or one without a configuration.
    """
    found: dict[Path, dict[Path, None]] = {}
    for file in _files(paths or [Path() if config is None else config.parent]):
        found.setdefault(config_of(file).resolve() if config is None else config, {})[file] = None
    if not found:
        where = ", ".join(f"`{path}`" for path in paths) or "this folder"
        raise ConfigError(f"there is no scenario in {where}", remedy=_WRITE_ONE)
    return tuple(Project(config=each, scenarios=tuple(files)) for each, files in found.items())


def load_suites(projects: Iterable[Project], takes: Takes) -> tuple[Suite, ...]:
    """Load the cases that are meant; projects that have none are left out.

    Raises:
        ConfigError: something can't be used, or no case is meant.
    """
    suites = []
    for project in projects:
        world = World.load(project.config)
        cases = tuple(filter(takes, load_scenarios(project.scenarios, world)))
        if cases:
            suites.append(Suite(project=project, world=world, cases=cases))
    if not suites:
        raise ConfigError("no case is meant", remedy="see what there is: policy-engine test --list")
    return tuple(suites)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from find_scenarios(path)
        elif path.is_file():
            yield path
        else:
            raise ConfigError("there is no such file or folder", remedy="name a scenario file", file=path)
