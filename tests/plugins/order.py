"""Files in which few tests take long come first, so that no worker is left with one while the other is done.

Workers take whole files. By itself pytest-xdist gives out those with many tests first, and so keeps for the
end what starts servers, browsers and commands.
"""

from pathlib import Path

import pytest

__all__ = ["pytest_collection_modifyitems"]

_LONG = (
    "tests/integrations/gateway",
    "tests/interop",
    "tests/integrations/metrics",
    "tests/integrations/stdio",
    "tests/cli/test_secrets_stay_unsaid.py",
    "tests/authserver/test_replicas.py",
    "tests/review/folders",
    "tests/review/report",
    "tests/engine/test_mutants.py",
    "tests/engine/test_lists_never_hide.py",
    "tests/cli/policies",
    "tests/cli/wrap",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put them first, in this order; everything else stays as it is."""
    places = [config.rootpath / place for place in _LONG]
    items.sort(key=lambda item: _place(item.path, places))


def _place(path: Path, places: list[Path]) -> int:
    return next((at for at, place in enumerate(places) if path.is_relative_to(place)), len(places))
