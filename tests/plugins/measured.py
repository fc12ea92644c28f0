"""What coverage isn't measured of: properties, and whatever else says the same of thousands of values.

Being watched doubles what they take, and what they alone reach should have a test that names it.
"""

import pytest

__all__ = ["pytest_collection_modifyitems"]


@pytest.hookimpl(trylast=True)  # after Hypothesis has said which are its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark properties as pytest-cov wants them marked."""
    for item in items:
        if item.get_closest_marker("hypothesis") is not None:
            item.add_marker("no_cover")
