"""Real solvers, where they are installed."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.plugins.postgres import require

__all__ = ["require_cvc5", "require_z3"]


def require_cvc5() -> None:
    """Skip where cvc5 isn't installed; in CI, fail."""
    require(find_spec("cvc5"), "cvc5")


def require_z3() -> Any:
    """Z3's module, or the same."""
    require(find_spec("z3"), "z3-solver")
    return import_module("z3")
