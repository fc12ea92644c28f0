"""One expectation with all that it names: ready to be pasted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.harness.entries.parts import json_text

__all__ = ["Entry", "entry_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a scenario would say.

    Attributes:
        who: what the principal is called, and what the file says of it.
        asks: likewise, of the call.
        expect: what should come of it.
    """

    who: tuple[str, Mapping[str, Any]]
    asks: tuple[str, Mapping[str, Any]]
    expect: str


def entry_text(entry: Entry) -> str:
    """The lines of a scenario file, without its version."""
    (who, principal), (asks, call) = entry.who, entry.asks
    return "\n".join(
        (
            "principals:",
            f"  {json_text(who)}: {json_text(principal)}",
            "calls:",
            f"  {json_text(asks)}: {json_text(call)}",
            "tests:",
            f"  - {{who: {json_text(who)}, asks: {json_text(asks)}, expect: {json_text(entry.expect)}}}",
        )
    )
