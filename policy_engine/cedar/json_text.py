"""JSON on its way to Cedar and back; here, and where strict JSON is read, orjson is used."""

import json
from typing import Any

import orjson

from policy_engine.cedar.errors import CedarError

__all__ = ["canonical", "from_text", "to_text"]

# Members sorted: one value, one text. Types that JSON doesn't have are refused, not converted.
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def to_text(value: Any, detail: str) -> str:  # noqa: ANN401 -- JSON holds any of its own types
    """Serialise; `detail` says what for. Cedar refuses what `null` stands for: NaN has no other form here.

    Raises:
        CedarError: with that detail: it isn't JSON, or nests deeper than can be written.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS).decode()
    except TypeError:
        raise CedarError(detail, "not JSON") from None


def from_text(text: str) -> Any:  # noqa: ANN401 -- JSON holds any of its own types
    """Parse what Cedar wrote.

    Raises:
        ValueError: it nests deeper than can be read.
    """
    return orjson.loads(text)


def canonical(value: Any) -> bytes:  # noqa: ANN401 -- JSON holds any of its own types
    """The JSON that digests are made of: members sorted, no blanks, ASCII alone."""
    try:
        fast = orjson.dumps(value, option=_OPTIONS)
    except TypeError:  # it nests deeper than orjson writes
        fast = b"\x7f"
    if fast.isascii() and b"\x7f" not in fast:
        return fast
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
