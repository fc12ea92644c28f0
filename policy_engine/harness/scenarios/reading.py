"""Scenario files, with the fixtures that they can name: of their folder, of those above, and those used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from policy_engine.files import check, read_document
from policy_engine.harness.scenarios.calls import Question, read_call
from policy_engine.harness.scenarios.files import FixturesFile, ScenarioFile
from policy_engine.harness.scenarios.principals import Speaker, read_principal
from policy_engine.harness.scenarios.spot import Problems, Spot
from policy_engine.harness.world import World

__all__ = ["FIXTURES", "SCENARIO", "Scenario", "find_scenarios", "read_scenario"]

SCENARIO: Final = ".scenario.yaml"
FIXTURES: Final = "fixtures.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario file, read.

    Attributes:
        file: what it says.
        spot: its root.
        principals: everybody it can name.
        calls: everything it can name.
    """

    file: ScenarioFile
    spot: Spot
    principals: Mapping[str, Speaker]
    calls: Mapping[str, Question]


def find_scenarios(folder: Path) -> tuple[Path, ...]:
    """Every scenario file in a folder and below, in the order of their names; hidden ones are passed over."""
    found = (
        path
        for path in folder.rglob(f"*{SCENARIO}")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return tuple(sorted(found))


def read_scenario(path: Path, world: World, problems: Problems) -> Scenario:
    """Read a scenario file, and the fixtures that it can name.

    Args:
        path: the file.
        world: what it is held against.
        problems: takes what is wrong with single principals and calls; what it is noted of isn't there.

    Raises:
        ConfigError: a file can't be read, or isn't one.
    """
    document = read_document(path)
    file = check(ScenarioFile, document)
    world.clock.set(file.now)
    reader = _Reader(world, problems)
    for fixtures in _around(path, world.loaded.folder.resolve()):
        reader.take_file(fixtures, (path.resolve(),))
    reader.take(file, Spot(document), (path.resolve(),))
    return Scenario(file=file, spot=Spot(document), principals=reader.principals, calls=reader.calls)


def _around(path: Path, root: Path) -> Iterator[Path]:
    """Files of fixtures of the folder of the configuration, and of those between it and the file."""
    folder = path.resolve().parent
    folders = [folder, *folder.parents]
    inside = folders[: folders.index(root) + 1] if root in folders else [folder]
    for each in reversed(inside):
        yield from sorted(
            file for file in each.iterdir() if file.name == FIXTURES or file.name.endswith(f".{FIXTURES}")
        )


@dataclass(slots=True)
class _Reader:
    """Takes what files say of principals and calls, each file once.

    Attributes:
        world: what it is held against.
        problems: takes what is wrong.
        principals: by name.
        calls: by name.
        places: where each name is, by what it names.
        seen: files that were taken.
    """

    world: World
    problems: Problems
    principals: dict[str, Speaker] = field(default_factory=dict)
    calls: dict[str, Question] = field(default_factory=dict)
    places: dict[tuple[str, str], Spot] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)

    def take_file(self, path: Path, above: tuple[Path, ...]) -> None:
        """Take a file of fixtures.

        Args:
            path: the file.
            above: the files by which it was come to.
        """
        real = path.resolve()
        if real in self.seen:
            return
        self.seen.add(real)
        document = read_document(path)
        self.take(check(FixturesFile, document), Spot(document), (*above, real))

    def take(self, file: FixturesFile, spot: Spot, above: tuple[Path, ...]) -> None:
        """Take what a file says, and before it what those say that it uses."""
        for index, used in enumerate(file.use):
            with self.problems.noted():
                self.take_file(_used(used, spot, spot / "use" / index, above), above)
        for name, person in file.principals.items():
            place = spot / "principals" / name
            with self.problems.noted():
                self._claim("principals", name, place)
                self.principals[name] = read_principal(name, person, place, self.world)
        for name, call in file.calls.items():
            place = spot / "calls" / name
            with self.problems.noted():
                self._claim("calls", name, place)
                self.calls[name] = read_call(name, call, place, self.world)

    def _claim(self, what: str, name: str, place: Spot) -> None:
        first = self.places.setdefault((what, name), place)
        if first is not place:
            at = first.origin
            problem = f"`{name}` is also at {at.file}:{at.line}:{at.column}"
            raise place.error(problem, "give each a name of its own")


def _used(used: Path, spot: Spot, place: Spot, above: tuple[Path, ...]) -> Path:
    """The file that another one uses.

    Raises:
        ConfigError: it isn't there, or leads in a circle.
    """
    path = spot.file.parent / used
    if path.resolve() in above:
        chain = " → ".join(each.name for each in (*above[above.index(path.resolve()) :], path))
        raise place.error(f"the files use each other in a circle: {chain}", "take one `use` out")
    if not path.is_file():
        raise place.error(f"there is no file `{used}`", "name one, from the folder of this file")
    return path
