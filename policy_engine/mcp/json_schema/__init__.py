"""JSON Schema 2020-12 → the types of arguments.

A schema is read into what it allows of each JSON type (`reader`), several that hold together are combined
(`combine`), and the one type that is left is taken (`settle`). What is too hard is opaque, says why, and
spoils nothing but itself. `docs/reference/catalogues.md` has the whole table.
"""

from policy_engine.mcp.json_schema.input_schema import read_input_schema

__all__ = ["read_input_schema"]
