"""The JSON Schema of the configuration file, for editors."""

import json
from typing import Any

from policy_engine.config.models import Config

__all__ = ["config_json_schema"]


def config_json_schema() -> str:
    """The schema (JSON Schema 2020-12) as text, ready to be written to `schemas/`."""
    schema = _closed(Config.model_json_schema())
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "policy-engine.yaml",
    }
    return json.dumps({**schema, **head}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _closed(node: Any) -> Any:  # noqa: ANN401 -- walks JSON
    """Say that keys have to fit their pattern; pydantic says only what those that fit are."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(part) for name, part in node.items()}
    return {**closed, "additionalProperties": False} if "patternProperties" in node else closed
