"""JSON documents in columns."""

import json
from collections.abc import Mapping
from typing import Any

from policy_engine.errors import StorageError

__all__ = ["read", "written"]


def written(document: Mapping[str, Any]) -> str:
    """The text of a document, the same for the same content."""
    return json.dumps(dict(document), sort_keys=True)


def read(text: str) -> dict[str, Any]:
    """The document of a text.

    Raises:
        StorageError: it isn't one; somebody else wrote it, or a disk is failing.
    """
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise StorageError("the store holds a document that can't be read")
    return document
