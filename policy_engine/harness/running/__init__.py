"""Cases decided in process, and what is otherwise than expected, with the reasons of it."""

from policy_engine.harness.running.deciding import decide
from policy_engine.harness.running.differences import differences
from policy_engine.harness.running.project import nearest_config
from policy_engine.harness.running.run import Observe, Progress, Run, run_cases
from policy_engine.harness.running.tracing import explained, failure_lines, place_of, trace_lines, whose

__all__ = [
    "Observe",
    "Progress",
    "Run",
    "decide",
    "differences",
    "explained",
    "failure_lines",
    "nearest_config",
    "place_of",
    "run_cases",
    "trace_lines",
    "whose",
]
