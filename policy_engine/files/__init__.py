"""Files that people write: YAML with the place of each part, checked against models, and added to."""

from policy_engine.files.checked import FileModel, check
from policy_engine.files.document import Document, Place, kind_of, read_document
from policy_engine.files.edit import Edit, add_entry
from policy_engine.files.json_schema import json_schema_text
from policy_engine.files.key import add_key
from policy_engine.files.replacing import read_text, replace_file
from policy_engine.files.secrets import holds_user, secret_lines, without_users
from policy_engine.files.value import drop_key, rename_key, set_value, value_at

__all__ = [
    "Document",
    "Edit",
    "FileModel",
    "Place",
    "add_entry",
    "add_key",
    "check",
    "drop_key",
    "holds_user",
    "json_schema_text",
    "kind_of",
    "read_document",
    "read_text",
    "rename_key",
    "replace_file",
    "secret_lines",
    "set_value",
    "value_at",
    "without_users",
]
