"""What reports are made of here."""

from collections.abc import Callable

import pytest

from policy_engine.review import Review
from tests.plugins.small_review import small_review


@pytest.fixture
def made() -> Callable[..., Review]:
    """A small review with a violation, something that isn't known, and something that is waived."""
    return small_review
