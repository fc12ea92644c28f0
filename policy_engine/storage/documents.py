"""JSON documents in columns."""

import json
from collections.abc import Mapping
from typing import Any

from policy_engine.errors import StorageError
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["read", "written"]


def written(document: Mapping[str, Any]) -> str:
    """The text of a document, the same for the same content.

    Raises:
        StorageError: nobody could read it again.
    """
    text = json.dumps(dict(document), sort_keys=True)
    try:
        parse(text)
    except JsonError:
        raise StorageError("what is to be stored isn't strict JSON") from None
    return text


def read(text: bytes | str) -> dict[str, Any]:
    """The document of a text.

    Raises:
        StorageError: it isn't one; somebody else wrote it, or a disk is failing.
    """
    try:
        document = parse(text)
    except JsonError:
        document = None
    if not isinstance(document, dict):
        raise StorageError("the store holds a document that can't be read")
    return document
