"""The JSON Schemas of scenario files and of files of fixtures, for editors."""

from policy_engine.files import json_schema_text
from policy_engine.harness.scenarios.files import FixturesFile, ScenarioFile

__all__ = ["fixtures_json_schema", "scenario_json_schema"]


def scenario_json_schema() -> str:
    """The schema (JSON Schema 2020-12) as text, ready to be written to `schemas/`."""
    return json_schema_text(ScenarioFile, "*.scenario.yaml")


def fixtures_json_schema() -> str:
    """The same of files of fixtures."""
    return json_schema_text(FixturesFile, "*.fixtures.yaml")
