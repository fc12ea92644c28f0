"""How values of a token, times and YAML are spelt for an operator."""

import json
import re
from collections.abc import Iterable

__all__ = ["as_yaml", "duration", "listed", "shown"]

_LONGEST = 200

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./:-]*[A-Za-z0-9_/-]")
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
"""Words that some reader of YAML takes for something other than text."""

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def shown(value: object) -> str:
    """A URL, an audience or a client id of a token; not what a terminal could take for a command."""
    if not isinstance(value, str):
        return "(not text)"
    if not value.isprintable() or not value.isascii():
        return "(not printable ASCII)"
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}… ({len(value)} characters)"


def listed(values: Iterable[object], word: str = "and") -> str:
    """`a`, `b` and `c`."""
    names = [f"`{shown(value)}`" for value in values]
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else "".join(names)


def as_yaml(text: str) -> str:
    """A text as YAML has it: in quotes where something else would be read."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT and ": " not in text
    return text if plain else json.dumps(text, ensure_ascii=False)


def duration(seconds: float) -> str:
    """A length of time in its two largest units: `3 h 20 min`; a part of a second is none."""
    left = int(abs(seconds))
    parts: list[str] = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count or (not left and unit == "s" and not parts):
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])
