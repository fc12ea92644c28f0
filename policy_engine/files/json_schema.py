"""The JSON Schema of a file that people write, for their editors."""

import json
from typing import Any

from policy_engine.files.checked import FileModel

__all__ = ["json_schema_text"]


def json_schema_text(model: type[FileModel], title: str) -> str:
    """The schema (JSON Schema 2020-12) as text, ready to be written to `schemas/`.

    Args:
        model: what the file is checked against.
        title: what the file is called.
    """
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    schema = _closed(model.model_json_schema())
    return json.dumps({**schema, **head}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _closed(node: Any) -> Any:  # noqa: ANN401 -- walks JSON
    """Say that keys have to fit their pattern; pydantic says only what those that fit are."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(part) for name, part in node.items()}
    return {**closed, "additionalProperties": False} if "patternProperties" in node else closed
