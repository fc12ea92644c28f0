"""A plugin for pytest: scenario files are collected, a test each case, and fixtures make tokens.

Installed beside pytest it is found by itself; `-p no:policy-engine` leaves it out.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from policy_engine.engine import PolicyEngine
from policy_engine.errors import ConfigError
from policy_engine.harness.calling import Caller
from policy_engine.harness.cases import Case, Result
from policy_engine.harness.running import decide, failure_lines, nearest_config, place_of, trace_lines
from policy_engine.harness.scenarios import SCENARIO, config_of, load_scenarios
from policy_engine.harness.world import World

__all__ = ["AsCaller", "ScenarioGroup", "ScenarioItem", "ScenarioModule"]

_OPTION: Final = "policy_engine_config"


class AsCaller(Protocol):
    """Makes somebody who calls: by their id, and by what can be said of their token."""

    def __call__(self, id: str, /, *, server: str | None = None, **token: Any) -> Caller:  # noqa: A002, ANN401 -- as `World.mint` has them
        """Make one; `token` is what `World.mint` takes: `scope`, `claims`, `through`, `tamper` and so on."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which configuration is tested."""
    told = (
        "configuration of policy-engine; the nearest `policy-engine.yaml` above each file if it isn't given"
    )
    group = parser.getgroup("policy-engine")
    group.addoption("--policy-engine-config", dest=_OPTION, metavar="FILE", help=told)
    parser.addini(_OPTION, help=told, type="string", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioModule | None":
    """Take scenario files, and nothing else."""
    if not file_path.name.endswith(SCENARIO):
        return None
    module: ScenarioModule = ScenarioModule.from_parent(parent, path=file_path)
    return module


class ScenarioModule(pytest.File):
    """A scenario file: a test each case."""

    def collect(self) -> Iterator["ScenarioGroup | ScenarioItem"]:
        """Load it.

        Raises:
            CollectError: it can't be used; says where, what and how to mend it.
        """
        try:
            world = _worlds(self.config).of(_given(self.config) or config_of(self.path).resolve())
            cases = load_scenarios((self.path,), world)
        except ConfigError as error:
            raise self.CollectError("\n".join(map(str, (error, *error.others)))) from None
        yield from _below(self, world, [(case.id.split("::")[1:], case) for case in cases])


class ScenarioGroup(pytest.Collector):
    """What stands in a group of a scenario, or the calls of one principal: a part of each id."""

    def __init__(self, *, cases: "_Named", world: World, **rest: Any) -> None:  # noqa: ANN401 -- pytest's own
        super().__init__(**rest)
        self.cases = cases
        self.world = world

    def collect(self) -> Iterator["ScenarioGroup | ScenarioItem"]:
        """What is below it."""
        yield from _below(self, self.world, self.cases)


class ScenarioItem(pytest.Item):
    """One case."""

    def __init__(self, *, case: Case, world: World, **rest: Any) -> None:  # noqa: ANN401 -- pytest's own
        super().__init__(**rest)
        self.case = case
        self.world = world

    def runtest(self) -> None:
        """Decide it."""
        if self.case.skip is not None:
            pytest.skip(self.case.skip)
        result = decide(self.world, self.case)
        if result.failures:
            raise _OtherwiseError(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 -- pytest's own
        """Say what is otherwise than expected, and why, instead of where this was found."""
        if not isinstance(excinfo.value, _OtherwiseError):
            return super().repr_failure(excinfo, style)
        result = excinfo.value.result
        return "\n".join([*failure_lines(result), *(text for text, _ in trace_lines(self.world, result))])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is written."""
        place = place_of(self.case)
        name = self.case.id.partition("::")[2]
        return self.path, None if place is None else place.line - 1, name


_Named = list[tuple[list[str], Case]]
"""Cases, each with the parts of its id that aren't told yet."""


def _below(
    parent: ScenarioModule | ScenarioGroup, world: World, cases: _Named
) -> Iterator[ScenarioGroup | ScenarioItem]:
    """One node a part, since pytest looks for the parts of an id one by one."""
    groups: dict[str, _Named] = {}
    for parts, case in cases:
        groups.setdefault(parts[0], []).append((parts[1:], case))
    for name, inner in groups.items():
        for case in (case for parts, case in inner if not parts):
            item: ScenarioItem = ScenarioItem.from_parent(parent, name=name, case=case, world=world)
            yield item
        if deeper := [(parts, case) for parts, case in inner if parts]:
            group: ScenarioGroup = ScenarioGroup.from_parent(parent, name=name, cases=deeper, world=world)
            yield group


class _OtherwiseError(Exception):
    """Something is otherwise than expected."""

    def __init__(self, result: Result) -> None:
        super().__init__("; ".join(failure_lines(result)))
        self.result = result


class _Worlds:
    """What was loaded, by configuration; once a session."""

    def __init__(self) -> None:
        self._loaded: dict[Path, World] = {}

    def of(self, config: Path) -> World:
        """The world of a configuration."""
        if config not in self._loaded:
            self._loaded[config] = World.load(config)
        return self._loaded[config]


_SCENARIOS: Final = pytest.StashKey[_Worlds]()
_FIXTURES: Final = pytest.StashKey[_Worlds]()
"""Apart from the scenarios', which set the clock."""


def _worlds(config: pytest.Config, key: pytest.StashKey[_Worlds] = _SCENARIOS) -> _Worlds:
    return config.stash.setdefault(key, _Worlds())


def _given(config: pytest.Config) -> Path | None:
    """The configuration that the command line names, or else pytest's own configuration."""
    option = config.getoption(_OPTION, default=None)
    if option:
        return (config.invocation_params.dir / str(option)).resolve()
    ini = config.getini(_OPTION)
    base = config.rootpath if config.inipath is None else config.inipath.parent
    return (base / str(ini)).resolve() if ini else None


@pytest.fixture(scope="module")
def policy_engine_world(request: pytest.FixtureRequest) -> World:
    """The project's engine with keys of the test's own, and what signs tokens with those."""
    config = _given(request.config) or nearest_config(request.path)
    return _worlds(request.config, _FIXTURES).of(config)


@pytest.fixture
def policy_engine(policy_engine_world: World) -> PolicyEngine:
    """The engine of the project's configuration; it knows the keys that `mint_token` signs with."""
    return policy_engine_world.engine


@pytest.fixture
def mint_token(policy_engine_world: World) -> Callable[..., str]:
    """Sign a token: `mint_token(kind="client", id="ci-bot", scope="deploy")`; see `World.mint`."""
    return policy_engine_world.mint


@pytest.fixture
def as_client(policy_engine_world: World) -> AsCaller:
    """Somebody with a machine's token: `as_client("ci-bot").call("deploy", env="staging")`."""
    return _caller(policy_engine_world, "client")


@pytest.fixture
def as_user(policy_engine_world: World) -> AsCaller:
    """Somebody with a person's token: `as_user("alice", through="desktop-agent").call("deploy")`."""
    return _caller(policy_engine_world, "user")


def _caller(world: World, kind: Any) -> AsCaller:  # noqa: ANN401 -- `client` or `user`
    def make(id: str, /, *, server: str | None = None, **token: Any) -> Caller:  # noqa: A002, ANN401 -- as `World.mint` has them
        minted = world.mint(kind=kind, id=id, server=server, **token)
        return Caller(engine=world.engine, token=minted, server=server)

    return make
