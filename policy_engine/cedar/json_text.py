"""JSON on its way to Cedar."""

import json
from typing import Any

from policy_engine.cedar.errors import CedarError

__all__ = ["to_text"]


def to_text(value: Any, detail: str) -> str:  # noqa: ANN401 -- JSON holds any of its own types
    """Serialise; `detail` says what for.

    Raises:
        CedarError: with that detail: it isn't JSON, or nests deeper than can be written.
    """
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise CedarError(detail, "not JSON") from None
