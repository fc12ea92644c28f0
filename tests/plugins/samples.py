"""How many examples a property gets: the ordinary number, or many times that in `make test-long`."""

import os

from hypothesis import settings

__all__ = ["samples"]

FACTOR = int(os.environ.get("SAMPLES", "1"))


def samples(ordinary: int) -> int:
    """The number of examples for a property that ordinarily gets this many."""
    return ordinary * FACTOR


# A deadline would make tests fail where the machine is busy; speed is the benchmarks' business.
settings.register_profile("project", max_examples=samples(100), deadline=None)
settings.load_profile("project")
