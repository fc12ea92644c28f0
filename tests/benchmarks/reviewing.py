"""What a review costs: each question about policies of every kind, on fifty tools, for people and machines.

Seconds are of the wall clock, since two solvers work beside this process. No peer is here that asks such
questions: Cedar's own analyser has to be built by those who want it.
"""

import time
from collections.abc import Iterator

from policy_engine.config import config_from_values
from policy_engine.evaluator import PolicySource
from policy_engine.review import Bound, Options, Subject, review
from tests.benchmarks.loading import policies_for, values
from tests.benchmarks.running import run
from tests.benchmarks.table import Row

TOOLS = 50
SIZES = (10, 100, 1_000)

BOUND = """
@id("read") permit (principal is Client, action in Action::"read_only", resource);
@id("scoped") permit (principal is Client, action, resource) when { context.token.scopes.contains("admin") };
"""

QUESTIONS: dict[str, tuple[tuple[str, ...], float]] = {
    "separation and ceiling": (("separation", "ceiling"), 10.0),
    "health": (("health",), 60.0),
    "never, of what destroys": (("never",), 10.0),
}
"""What is asked, and how many seconds it may take at most."""

SMALL = 10
"""As many policies may take a second for all questions."""


def measure(*sizes: int) -> Iterator[Row]:
    """Each size, or those that are given."""
    for policies in sizes or SIZES:
        yield from of_size(policies, TOOLS)


def of_size(policies: int, tools: int) -> Iterator[Row]:
    """All questions about so many policies."""
    text = "\n".join(policies_for(tools, policies))
    subject = Subject.of(config_from_values(values(tools), policy_text=text))
    bounds = (Bound(source=PolicySource(text=BOUND)),)
    for what, (questions, at_most) in QUESTIONS.items():
        options = Options(questions=questions, bounds=bounds, never=("destructive",))
        started = time.perf_counter()
        found = review(subject, options)
        spent = time.perf_counter() - started
        assert all(verdict.reason is None for verdict in found.verdicts)
        yield Row(
            part="reviewing",
            policies=policies,
            what=what,
            value=spent,
            unit="s",
            at_most=1.0 if policies <= SMALL else at_most,
        )


if __name__ == "__main__":
    run(measure)
