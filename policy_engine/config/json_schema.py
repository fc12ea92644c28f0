"""The JSON Schema of the configuration file, for editors."""

from policy_engine.config.models import Config
from policy_engine.files import json_schema_text

__all__ = ["config_json_schema"]


def config_json_schema() -> str:
    """The schema (JSON Schema 2020-12) as text, ready to be written to `schemas/`."""
    return json_schema_text(Config, "policy-engine.yaml")
