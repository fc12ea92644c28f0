"""What there is to watch: the files of each configuration, and the scenarios with all beside them."""

from collections.abc import Iterator
from pathlib import Path

from policy_engine.cli.test.projects import find_projects
from policy_engine.cli.watching import Stamps, Watched, stamp
from policy_engine.errors import ConfigError
from policy_engine.harness.scenarios import FIXTURES

__all__ = ["WatchedTests"]


class WatchedTests:
    """The files that a run depends on, as they are when they are asked for.

    Args:
        paths: as given on the command line.
        config: likewise.
    """

    def __init__(self, paths: tuple[Path, ...], config: Path | None) -> None:
        self._paths = paths
        self._config = config
        self._watched: dict[Path, Watched] = {}

    def stamps(self) -> Stamps:
        """The state of every file; scenarios that were added are found."""
        found: dict[Path, tuple[int, int] | None] = {}
        try:
            projects = find_projects(self._paths, self._config)
        except ConfigError:
            projects = ()
        for project in projects:
            watched = self._watched.setdefault(project.config, Watched(project.config))
            found |= watched.stamps()
            found |= {
                path: stamp(path)
                for file in project.scenarios
                for path in _beside(file, project.config.parent)
            }
        for path in self._paths:
            found.setdefault(path, stamp(path))
        return found


def _beside(scenario: Path, root: Path) -> Iterator[Path]:
    """Files beside it hold tokens and lists; fixtures also lie above, up to the configuration."""
    yield from (path for path in sorted(scenario.resolve().parent.iterdir()) if path.is_file())
    for folder in scenario.resolve().parents[1:]:
        if folder.is_relative_to(root.resolve()):
            yield from sorted(folder.glob(f"*{FIXTURES}"))
