"""Scenario files: who asks for what, and what should come of it, as people write it beside their policies."""

from policy_engine.harness.scenarios.json_schema import fixtures_json_schema, scenario_json_schema
from policy_engine.harness.scenarios.loading import CONFIG, config_of, load_scenarios
from policy_engine.harness.scenarios.reading import FIXTURES, SCENARIO, find_scenarios

__all__ = [
    "CONFIG",
    "FIXTURES",
    "SCENARIO",
    "config_of",
    "find_scenarios",
    "fixtures_json_schema",
    "load_scenarios",
    "scenario_json_schema",
]
