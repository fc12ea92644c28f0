"""What came of a command's cases: that of each project together."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policy_engine.harness import Case, Result, World
from policy_engine.harness.coverage import Coverage
from policy_engine.harness.running import Run, place_of

__all__ = ["Outcome", "Tested", "file_of", "shown_path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One project's cases, decided.

    Attributes:
        world: what decided them.
        run: what came of them.
        coverage: what they exercised, if somebody asks.
    """

    world: World
    run: Run
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of all.

    Attributes:
        tested: the projects.
        seconds: what it took, loading included.
        number: how many cases there were to decide.
    """

    tested: tuple[Tested, ...]
    seconds: float
    number: int

    @property
    def passed(self) -> int:
        """How many are as expected."""
        return sum(each.run.passed for each in self.tested)

    @property
    def failed(self) -> int:
        """How many are otherwise than expected."""
        return sum(each.run.failed for each in self.tested)

    @property
    def skipped(self) -> int:
        """How many weren't decided."""
        return sum(each.run.skipped for each in self.tested)

    @property
    def stopped(self) -> bool:
        """Whether cases are left, after the first failure."""
        return any(each.run.stopped for each in self.tested)

    def results(self) -> Iterator[tuple[World, Result]]:
        """Each result, with what decided it."""
        for each in self.tested:
            for result in each.run.results:
                yield each.world, result

    def failures(self) -> Iterator[tuple[World, Result]]:
        """Those that are otherwise than expected."""
        for each in self.tested:
            for result in each.run.failures:
                yield each.world, result

    def footer(self) -> str:
        """All of it in a sentence."""
        number = self.passed + self.failed + self.skipped
        cases = "1 case" if self.number == 1 else f"{self.number} cases"
        left = f", {self.number - number} left after the first failure" if self.stopped else ""
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped{left}"
        return f"{cases}: {counts} in {self.seconds:.1f} s"


def file_of(case: Case) -> str:
    """The scenario file of a case, as it is typed here."""
    place = place_of(case)
    return case.id.partition("::")[0] if place is None else shown_path(place.file)


def shown_path(path: Path) -> str:
    """A path as it is typed here, if it is below the working folder."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
